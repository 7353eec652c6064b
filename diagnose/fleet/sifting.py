"""Of many rules that hold, those worth telling: one description of each set of computers, and what only goes along."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from diagnose.fleet.rule import Atom, Rule
from diagnose.fleet.statistics import log_tail, log_threshold

_ALIKE = 0.8
"""Sets with that Jaccard index are one finding with two descriptions."""
_MOST_ALSO = 6
_MOST_KEPT = 48


def folded(rules: Iterable[Rule]) -> list[Rule]:
    """The best description of each set of computers, and of each set of columns, with the others beside it."""
    kept: list[Rule] = []
    masks: list[int] = []
    columns: list[frozenset[str]] = []
    for rule in rules:
        mask = rule.mask
        names = frozenset(atom.name for atom in rule.atoms)
        twin = next((at for at, other in enumerate(masks) if _jaccard(mask, other) > _ALIKE), None)
        if twin is not None:
            known = kept[twin]
            fresh = names != columns[twin] and all(names != _names(other) for other in known.also)
            if fresh and len(rule.atoms) == 1 and len(known.also) < _MOST_ALSO:
                kept[twin] = replace(known, also=(*known.also, rule.atoms))
        elif names not in columns and len(kept) < _MOST_KEPT:
            kept.append(rule)
            masks.append(mask)
            columns.append(names)
    return kept


def _names(atoms: tuple[Atom, ...]) -> frozenset[str]:
    return frozenset(atom.name for atom in atoms)


def _jaccard(one: int, other: int) -> float:
    either = (one | other).bit_count()
    return (one & other).bit_count() / either if either else 1.0


def independent(rules: list[Rule], affected: int, universe: int) -> tuple[list[Rule], list[Rule]]:
    """Those that hold among computers alike in the claims before, and those that only go along with one."""
    claims: list[Rule] = []
    along: list[Rule] = []
    for rule in rules:
        if all(_holds_beside(rule, claim, affected, universe, len(rules)) for claim in claims):
            claims.append(rule)
        else:
            along.append(rule)
    return claims, along


def _holds_beside(rule: Rule, claim: Rule, affected: int, universe: int, tests: int) -> bool:
    """Whether the rule still makes a difference among those that have the claim, or among those that have it not."""
    limit = log_threshold(0.01, 2 * tests)
    mask, seen = rule.mask, rule.seen & claim.seen & universe
    for stratum in (seen & claim.mask, seen & ~claim.mask):
        having = mask & stratum
        log_p = log_tail(
            (having & affected).bit_count(), having.bit_count(), (stratum & affected).bit_count(), stratum.bit_count()
        )
        if log_p < limit:
            return True
    return False
