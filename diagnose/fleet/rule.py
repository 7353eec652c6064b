"""A rule: one or two properties at once, and how many affected and healthy computers it is true of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from diagnose.fleet.properties import Kind, Operand
from diagnose.fleet.statistics import gain, log_tail


@dataclass(frozen=True, slots=True)
class Atom:
    """One property of a rule; `mask` is who has it, `seen` for whom that can be said."""

    name: str
    kind: Kind
    operand: Operand
    mask: int = field(repr=False)
    seen: int = field(repr=False)
    freedom: float = field(repr=False)
    """ln of how many properties its column offers: of two descriptions alike the one with less choice is meant."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One or two properties at once, counted among the computers for which both can be said."""

    atoms: tuple[Atom, ...]
    both: int
    """Affected computers that have it."""
    having: int
    affected: int
    total: int
    gain: float
    log_p: float
    """Of the weakest step: of a single property its own, of a pair the larger one of its two parts."""
    p: float = 1.0
    """Corrected for everything that was tried."""
    also: tuple[tuple[Atom, ...], ...] = ()
    """Other descriptions of nearly the same computers."""
    needed: int | None = None
    """Of a candidate: about so many more affected computers would decide."""

    @property
    def mask(self) -> int:
        return _all(atom.mask for atom in self.atoms)

    @property
    def seen(self) -> int:
        return _all(atom.seen for atom in self.atoms)


def rule_of(atoms: tuple[Atom, ...], both: int, having: int, affected: int, total: int) -> Rule:
    tells = gain(both, having, affected, total)
    return Rule(atoms, both, having, affected, total, tells, log_tail(both, having, affected, total))


def rank(rule: Rule) -> tuple[object, ...]:
    """The best first; of equals the plainer one, then by name, so that nothing depends on the order of columns."""
    kinds = [list(Kind).index(atom.kind) for atom in rule.atoms]
    told = rule.gain - sum(atom.freedom for atom in rule.atoms)
    return (-round(told, 9), len(rule.atoms), kinds, [(atom.name, str(atom.operand)) for atom in rule.atoms])


def _all(masks: Iterable[int]) -> int:
    whole = -1
    for mask in masks:
        whole &= mask
    return whole
