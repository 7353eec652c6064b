"""What differs between affected and healthy computers: single properties, and pairs of them.

Every number is exact (hypergeometric). A single property is claimed when labels dealt at random rarely make one look
as good: bounded by Bonferroni's correction, and in small fleets, where that is too strict, tried by dealing. A pair is
claimed when each of its two parts makes a difference among the computers that have the other one, corrected for all
pairs tried.
"""

from __future__ import annotations

import heapq
import math
import random
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from diagnose.fleet.properties import OPPOSITE, Kind, Operand, Part
from diagnose.fleet.rule import Atom, Rule, rank, rule_of
from diagnose.fleet.sifting import folded, independent
from diagnose.fleet.statistics import adjusted, gain, log_tail, log_threshold

ALPHA = 0.05
"""Of all worlds without any difference, a report claims something in so many at most, for all its causes together."""
_FOR_SINGLES, _FOR_PAIRS = 0.5, 0.5
"""How that is divided."""
SMALL_FLEET = 400
"""Up to so many computers labels are permuted."""
_BEAM, _A_COLUMN = 8, 2
"""Single properties that a pair may start from, and of one column."""
_KEPT_OF_A_BASE = 40
_BETTER, _MORE = 1.02, 2.0
"""A pair must tell that much more than either of its parts: relatively, and in nats."""
_MOST_CLAIMS, _MOST_ALONG, _MOST_CANDIDATES = 5, 12, 3
_WORTH_A_LOOK = math.log(0.01)


@dataclass(frozen=True, slots=True)
class Findings:
    """`claims` hold by themselves, `along` only because they go with a claim, `candidates` may be chance."""

    claims: tuple[Rule, ...]
    along: tuple[Rule, ...]
    candidates: tuple[Rule, ...]
    affected: int
    healthy: int
    singles_tried: int
    pairs_tried: int
    permutations: int


def explain(parts: Sequence[Part], affected: int, healthy: int, *, causes: int = 1, seed: int = 1) -> Findings:
    """Compare two sets of computers.

    `causes`: how many such questions are asked in the same report, among which ALPHA is divided. The same input and
    seed give the same answer.
    """
    return _Search(parts, affected, healthy, ALPHA / max(causes, 1), seed).run()


class _Search:
    def __init__(self, parts: Sequence[Part], affected: int, healthy: int, alpha: float, seed: int) -> None:
        self._parts = parts
        self._affected = affected
        self._universe = affected | healthy
        self._count = affected.bit_count()
        self._total = self._universe.bit_count()
        self._alpha = alpha
        self._seed = seed
        self._support = max(2, math.ceil(0.1 * self._count))
        self._pairs_tried = 0
        self._permutations = 0

    def run(self) -> Findings:
        if self._count < 2 or self._total - self._count < 2:
            return Findings((), (), (), self._count, self._total - self._count, 0, 0, 0)
        rules, tried = self._singles()
        rules.sort(key=rank)
        pairs = self._pairs(rules)
        singles = self._judged_singles(rules, tried)
        solid = sorted([*singles, *self._judged_pairs(pairs)], key=rank)
        claims, along = independent(folded(solid), self._affected, self._universe)
        candidates = () if claims else self._candidates(rules, tried)
        return Findings(
            tuple(claims[:_MOST_CLAIMS]),
            tuple([*claims[_MOST_CLAIMS:], *along][:_MOST_ALONG]),
            candidates,
            self._count,
            self._total - self._count,
            tried,
            self._pairs_tried,
            self._permutations,
        )

    # ---- single properties

    def _singles(self) -> tuple[list[Rule], int]:
        """Those with enough affected computers that are affected more often than others, and how many were tried."""
        found, tried = [], 0
        for part in self._parts:
            seen, freedom = part.universe & self._universe, math.log(len(part.properties))
            total, affected = seen.bit_count(), (seen & self._affected).bit_count()
            if not 0 < affected < total:
                continue
            for one in part.properties:
                mask = one.mask & seen
                having, both = mask.bit_count(), (mask & self._affected).bit_count()
                if not 0 < having < total:
                    continue
                tried += 1 + one.both_ways
                if both >= self._support and both * total > having * affected:
                    atom = Atom(part.name, one.kind, one.operand, mask, seen, freedom)
                    found.append(rule_of((atom,), both, having, affected, total))
                rest, rest_having = affected - both, total - having
                if one.both_ways and rest >= self._support and rest * total > rest_having * affected:
                    atom = Atom(part.name, OPPOSITE[one.kind], one.operand, seen & ~one.mask, seen, freedom)
                    found.append(rule_of((atom,), rest, rest_having, affected, total))
        return found, tried

    def _judged_singles(self, rules: list[Rule], tried: int) -> list[Rule]:
        """Those that can be claimed. Labels are dealt only where the correction, which is stricter, leaves none."""
        alpha = self._alpha * _FOR_SINGLES
        limit = log_threshold(alpha, tried)
        sure = [replace(rule, p=adjusted(rule.log_p, tried)) for rule in rules if rule.log_p < limit]
        if sure or not rules or self._total > SMALL_FLEET:
            return sure
        best = sorted(self._permuted(alpha, max(rule.gain for rule in rules)))
        found = []
        for rule in rules if best else ():
            # A little less than the gain: the same table gives the same number but for rounding.
            beaten = len(best) - bisect_left(best, rule.gain - 1e-9)
            p = (1 + beaten) / (1 + len(best))
            if p <= alpha:
                found.append(replace(rule, p=min(p, adjusted(rule.log_p, tried))))
        return found

    def _permuted(self, alpha: float, gain_to_beat: float) -> list[float]:
        """The best gain under labels dealt at random, many times; empty as soon as nothing can be claimed any more."""
        rounds = min(1999, math.ceil(8 / alpha) - 1)
        allowed = math.floor(alpha * (rounds + 1)) - 1
        deal = random.Random(self._seed)  # noqa: S311 - reproducible, nothing secret
        bits = [1 << at for at in range(self._universe.bit_length()) if self._universe >> at & 1]
        tables = [(seen, total, _plain(part, seen)) for part, seen, total in self._used_parts()]
        known: dict[tuple[int, int, int, int], float] = {}
        best, beaten = [], 0
        for _ in range(rounds):
            labels = sum(deal.sample(bits, self._count))
            highest = _highest_gain(tables, labels, self._support, known)
            best.append(highest)
            beaten += highest >= gain_to_beat - 1e-9
            self._permutations += 1
            if beaten > allowed:
                return []
        return best

    def _used_parts(self) -> Iterator[tuple[Part, int, int]]:
        for part in self._parts:
            seen = part.universe & self._universe
            yield part, seen, seen.bit_count()

    # ---- pairs

    def _pairs(self, rules: Sequence[Rule]) -> list[tuple[Rule, float]]:
        """Pairs that tell more than either of their parts, the best of each base; and what each is corrected by.

        The better a base is by itself, the more of ALPHA is spent on its pairs: most of it goes where most is to find.
        """
        alone = {(rule.atoms[0].name, rule.atoms[0].kind, rule.atoms[0].operand): rule for rule in rules}
        found: dict[frozenset[tuple[str, Kind, Operand]], tuple[Rule, float]] = {}
        for place, base in enumerate(_bases(rules), 1):
            before = self._pairs_tried
            best: list[tuple[float, int, Atom, int, int, int, int]] = []
            for number, (atom, both, having, affected, total) in enumerate(self._beside(base)):
                tells = gain(both, having, affected, total)
                if tells <= base.gain * _BETTER + _MORE:
                    continue
                entry = (tells, -number, atom, both, having, affected, total)
                heapq.heappush(best, entry) if len(best) < _KEPT_OF_A_BASE else heapq.heappushpop(best, entry)
            tests = (self._pairs_tried - before) / _spent(place)
            for tells, _, atom, both, having, affected, total in best:
                single = alone.get(key := (atom.name, atom.kind, atom.operand))
                if single is not None and tells <= single.gain * _BETTER + _MORE:
                    continue
                first = base.atoms[0]
                both_keys = frozenset({key, (first.name, first.kind, first.operand)})
                if both_keys not in found:
                    found[both_keys] = Rule((first, atom), both, having, affected, total, tells, 0.0), tests
        return list(found.values())

    def _beside(self, base: Rule) -> Iterator[tuple[Atom, int, int, int, int]]:
        """Each property that may stand beside the base: with how many affected ones that have both, and so on."""
        first = base.atoms[0]
        base_affected = first.mask & self._affected
        for part in self._parts:
            seen, freedom = part.universe & first.seen, math.log(len(part.properties))
            whole = seen == first.seen
            total = base.total if whole else seen.bit_count()
            affected = base.affected if whole else (seen & self._affected).bit_count()
            having = base.having if whole else (first.mask & seen).bit_count()
            both = base.both if whole else (base_affected & seen).bit_count()
            if both < self._support:
                continue
            for one in part.properties:
                with_it = first.mask & one.mask
                number, hit = with_it.bit_count(), (base_affected & one.mask).bit_count()
                if not 0 < number < having:
                    continue
                self._pairs_tried += 1 + one.both_ways
                if hit >= self._support and hit * having > number * both:
                    atom = Atom(part.name, one.kind, one.operand, one.mask & seen, seen, freedom)
                    yield atom, hit, number, affected, total
                rest = both - hit
                if one.both_ways and rest >= self._support and rest * having > (having - number) * both:
                    atom = Atom(part.name, OPPOSITE[one.kind], one.operand, seen & ~one.mask, seen, freedom)
                    yield atom, rest, having - number, affected, total

    def _judged_pairs(self, pairs: list[tuple[Rule, float]]) -> list[Rule]:
        """Each part must make a difference among those that have the other one."""
        found = []
        for rule, tests in pairs:
            first, second = rule.atoms
            log_p = max(self._step(first, second, rule), self._step(second, first, rule))
            if log_p < log_threshold(self._alpha * _FOR_PAIRS, tests):
                found.append(replace(rule, log_p=log_p, p=adjusted(log_p, tests)))
        return found

    def _step(self, given: Atom, other: Atom, rule: Rule) -> float:
        """ln p of `other` among the computers that have `given`."""
        among = given.mask & other.seen
        return log_tail(rule.both, rule.having, (among & self._affected).bit_count(), among.bit_count())

    # ---- what may be chance

    def _candidates(self, rules: Sequence[Rule], tried: int) -> tuple[Rule, ...]:
        worth = [rule for rule in folded(rules[:40]) if rule.log_p < _WORTH_A_LOOK]
        one_a_column = {rule.atoms[0].name: rule for rule in reversed(worth)}
        kept = sorted(one_a_column.values(), key=rank)[:_MOST_CANDIDATES]
        return tuple(
            replace(rule, p=adjusted(rule.log_p, tried), needed=_needed(rule, tried, self._alpha)) for rule in kept
        )


def _bases(rules: Sequence[Rule]) -> Iterator[Rule]:
    used: dict[str, int] = {}
    taken = 0
    for rule in rules:
        name = rule.atoms[0].name
        used[name] = used.get(name, 0) + 1
        if used[name] <= _A_COLUMN:
            taken += 1
            yield rule
            if taken == _BEAM:
                return


def _spent(place: int) -> float:
    """The share of ALPHA for the base at this place, from 1; all of them together are less than 1."""
    return 6 / (math.pi * place) ** 2


def _plain(part: Part, seen: int) -> list[tuple[int, int, bool]]:
    return [(mask, mask.bit_count(), one.both_ways) for one in part.properties if (mask := one.mask & seen)]


def _highest_gain(
    tables: Sequence[tuple[int, int, list[tuple[int, int, bool]]]],
    labels: int,
    support: int,
    known: dict[tuple[int, int, int, int], float],
) -> float:
    """The best gain of any property under these labels, by the rules of `_Search._singles`."""
    best = 0.0
    for seen, total, properties in tables:
        affected = (seen & labels).bit_count()
        for mask, having, both_ways in properties:
            both = (mask & labels).bit_count()
            more = both * total - having * affected
            if more < 0 and both_ways:
                table = (affected - both, total - having, affected, total)
            elif more > 0:
                table = (both, having, affected, total)
            else:
                continue
            if table[0] < support:
                continue
            tells = known.get(table)
            if tells is None:
                tells = known[table] = gain(*table)
            best = max(best, tells)
    return best


def _needed(rule: Rule, tests: int, alpha: float) -> int | None:
    """How many more affected computers would decide, if the rates stay as they are; None when that is far away."""
    limit = log_threshold(alpha * _FOR_SINGLES, tests)
    for percent in range(110, 1010, 10):
        both, having, affected, total = (
            math.ceil(number * percent / 100) for number in (rule.both, rule.having, rule.affected, rule.total)
        )
        if having + affected - both <= total and log_tail(both, having, affected, total) < limit:
            return affected - rule.affected
    return None
