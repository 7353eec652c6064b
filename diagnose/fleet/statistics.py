"""How surprising a difference between two groups is: exact, and without a library.

Of `total` computers `affected` are affected, `having` have a property, and `both` are affected and have it. Labels
drawn at random make `both` hypergeometric. All probabilities are natural logarithms, because at 100,000 computers they
are far below what a float holds.
"""

from __future__ import annotations

import math

_SMALL_ENOUGH = 1e-17
"""Of the sum: a float does not see more."""


def log_tail(both: int, having: int, affected: int, total: int) -> float:
    """ln P(X >= both): the one-sided p-value of Fisher's exact test. 0.0 (certain) to about -1e6.

    Raises ValueError for numbers that no table has.
    """
    _check(both, having, affected, total)
    lowest, highest = max(0, having + affected - total), min(having, affected)
    if both <= lowest:
        return 0.0
    # Summed from the end that is rare, so that the terms only fall and nothing overflows.
    if both > having * affected / total:
        return min(0.0, _log_sum(both, highest, having, affected, total))
    below = math.exp(_log_sum(both - 1, lowest, having, affected, total))
    return math.log1p(-min(below, 1 - 1e-16))


def _log_sum(first: int, last: int, having: int, affected: int, total: int) -> float:
    """ln of the probabilities from `first` to `last`, which may be the smaller one."""
    step = 1 if last >= first else -1
    term = whole = 1.0
    neither = total - having - affected
    for x in range(first, last, step):
        if step == 1:
            term *= (having - x) * (affected - x) / ((x + 1) * (neither + x + 1))
        else:
            term *= x * (neither + x) / ((having - x + 1) * (affected - x + 1))
        whole += term
        if term < whole * _SMALL_ENOUGH:
            break
    return _log_probability(first, having, affected, total) + math.log(whole)


def _log_probability(both: int, having: int, affected: int, total: int) -> float:
    return _log_choose(having, both) + _log_choose(total - having, affected - both) - _log_choose(total, affected)


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def gain(both: int, having: int, affected: int, total: int) -> float:
    """What the property tells about being affected, in nats over all computers (half of the G statistic); 0 or more.

    Negative of that when those that have the property are affected less often than the others.
    """
    others, healthy = total - having, total - affected
    amount = (
        _part(both, having * affected / total)
        + _part(having - both, having * healthy / total)
        + _part(affected - both, others * affected / total)
        + _part(others - affected + both, others * healthy / total)
    )
    return max(amount, 0.0) if both * total >= having * affected else -max(amount, 0.0)


def _part(seen: int, expected: float) -> float:
    return seen * math.log(seen / expected) if seen else 0.0


def log_threshold(alpha: float, tests: float) -> float:
    """What ln p must stay below so that at most a share `alpha` of worlds without any difference claims one."""
    return math.log(alpha / max(tests, 1))


def adjusted(log_p: float, tests: float) -> float:
    """The p-value after Bonferroni's correction, at most 1."""
    return math.exp(min(0.0, log_p + math.log(max(tests, 1))))


def _check(both: int, having: int, affected: int, total: int) -> None:
    if not (0 <= both <= min(having, affected) and having <= total and affected <= total) or (
        having + affected - both > total
    ):
        raise ValueError(f"no table has {both} of {having} and {affected} in {total}")
