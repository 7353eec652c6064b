"""One cause: its computers against those whose step for it passed, told in conditions and sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from diagnose.fleet.properties import Described, Operand, Part
from diagnose.fleet.report import CauseCount, Comparison, Condition, Difference, Recognised, Spread, SpreadValue
from diagnose.fleet.rule import Atom, Rule
from diagnose.fleet.search import Findings, explain
from diagnose.fleet.spread import spread
from diagnose.fleet.wording import (
    CANDIDATE,
    CHANCE,
    NEEDED,
    NO_HEALTHY,
    NOT_A_PROOF,
    NOT_SEEN,
    NOTHING,
    UNEXPLAINED,
    chance,
    difference_text,
    filled,
    joined,
)
from diagnose.fleet.words import Vocabulary
from diagnose.text import Text

if TYPE_CHECKING:
    from diagnose.fleet.comparing import Selected

_MOST_EXAMPLES = 20
_MOST_SPREADS = 6
_LONGEST_CONCLUSION = 1_800
"""Characters; an answer of the incident form holds 2,000."""


@dataclass(frozen=True, slots=True)
class Compared:
    """`claims`: who meets each claim, in the order of the report's first differences."""

    report: Comparison
    claims: tuple[int, ...]


def compare_cause(
    selected: Selected,
    described: Mapping[str, Described],
    vocabulary: Vocabulary,
    cause: CauseCount,
    *,
    causes: int,
) -> Compared:
    """`causes`: how many are compared in the same report."""
    known = selected.found.causes.get((selected.flow, cause.id))
    steps = sorted(known.steps) if known is not None else []
    affected = selected.with_cause(cause.id)
    healthy = selected.with_status(steps, "pass") & ~affected
    other = selected.with_status(steps, "warn", "fail") & ~affected & ~healthy
    not_applicable = selected.with_status(steps, "not_applicable") & ~affected & ~healthy & ~other
    definition = _definition(selected, steps)
    own_steps = tuple(f"evidence.{step}." for step in steps)
    parts: list[Part] = []
    facts = 0
    for name, one in described.items():
        if name not in definition and not name.startswith(own_steps):
            parts += one.parts
            facts += bool(one.parts)
    findings = explain(parts, affected, healthy, causes=causes)
    differences = tuple(_differences(selected, findings, vocabulary, affected, healthy))
    covered = 0
    for rule in findings.claims:
        covered |= rule.mask
    unexplained = (affected & ~covered).bit_count() if findings.claims else 0
    report = Comparison(
        cause=cause.id,
        title=cause.title,
        affected=affected.bit_count(),
        healthy=healthy.bit_count(),
        undecided=len(selected.rows) - (affected | healthy | other | not_applicable).bit_count(),
        other=other.bit_count(),
        not_applicable=not_applicable.bit_count(),
        recognised_by=tuple(
            Recognised(name=name, title=vocabulary.title(name)) for name in sorted(definition) if name in described
        ),
        differences=differences,
        spreads=tuple(_spreads(selected, findings, vocabulary, affected, healthy)),
        unexplained=unexplained,
        tried_single=findings.singles_tried,
        tried_pairs=findings.pairs_tried,
        permutations=findings.permutations,
        conclusion=_conclusion(findings, differences, unexplained, facts),
    )
    return Compared(report, tuple(rule.mask for rule in findings.claims))


def _definition(selected: Selected, steps: list[str]) -> set[str]:
    """What causes of these steps are recognised by: it differs by definition, and so does what a sibling rests on."""
    causes = selected.found.causes.items()
    siblings = (known for (flow, _), known in causes if flow == selected.flow and known.steps & set(steps))
    return set[str]().union(*(known.definition for known in siblings))


def _differences(
    selected: Selected, findings: Findings, vocabulary: Vocabulary, affected: int, healthy: int
) -> Iterator[Difference]:
    kinds: tuple[tuple[Literal["claim", "goes_along", "candidate"], tuple[Rule, ...]], ...] = (
        ("claim", findings.claims),
        ("goes_along", findings.along),
        ("candidate", findings.candidates),
    )
    for strength, rules in kinds:
        for rule in rules:
            conditions = tuple(_condition(atom, vocabulary) for atom in rule.atoms)
            healthy_with, healthy_seen = rule.having - rule.both, rule.total - rule.affected
            counts = (rule.both, rule.affected, healthy_with, healthy_seen)
            yield Difference(
                strength=strength,
                conditions=conditions,
                affected_with=rule.both,
                affected_seen=rule.affected,
                healthy_with=healthy_with,
                healthy_seen=healthy_seen,
                p=rule.p,
                also=tuple(tuple(_condition(atom, vocabulary) for atom in other) for other in rule.also),
                healthy_examples=tuple(selected.hosts(rule.mask & healthy)[:_MOST_EXAMPLES]),
                affected_exceptions=tuple(selected.hosts(affected & rule.seen & ~rule.mask)[:_MOST_EXAMPLES]),
                needed=rule.needed,
                sentence=difference_text(conditions, counts),
            )


def _spreads(
    selected: Selected, findings: Findings, vocabulary: Vocabulary, affected: int, healthy: int
) -> Iterator[Spread]:
    """Of the facts that the claims speak of."""
    names = dict.fromkeys(atom.name for rule in findings.claims for atom in rule.atoms)
    columns = {column.name: column for column in selected.found.columns() if column.name in names}
    for name in list(names)[:_MOST_SPREADS]:
        values = spread(columns[name], selected.rows, affected, healthy)
        yield Spread(
            name=name,
            title=vocabulary.title(name),
            values=tuple(
                SpreadValue(value=_range(name, low, high, vocabulary), affected=sick, healthy=well)
                for low, high, sick, well in values
            ),
        )


def _range(name: str, low: Operand | None, high: Operand | None, vocabulary: Vocabulary) -> Text:
    if low is None:
        return NOT_SEEN
    first = vocabulary.value(name, low)
    if high is None or high == low:
        return first
    last = vocabulary.value(name, high)
    return Text(ja=f"{first.ja}～{last.ja}", en=f"{first.en} to {last.en}")


def _condition(atom: Atom, vocabulary: Vocabulary) -> Condition:
    return Condition(
        name=atom.name,
        title=vocabulary.title(atom.name),
        relation=atom.kind.value,
        value=atom.operand,
        value_text=vocabulary.value(atom.name, atom.operand),
    )


def _conclusion(findings: Findings, differences: tuple[Difference, ...], unexplained: int, facts: int) -> Text:
    """What to send, without any name of a computer."""
    if findings.healthy < 2:
        return filled(NO_HEALTHY, healthy=findings.healthy)
    claims = [one for one in differences if one.strength == "claim"]
    if claims:
        tried = f"{findings.singles_tried + findings.pairs_tried:,}"
        sure = filled(CHANCE, p=chance(max(one.p for one in claims)), tried=tried)
        rest = [filled(UNEXPLAINED, count=unexplained)] if unexplained else []
        return _fitting([one.sentence for one in claims], [sure, *rest, NOT_A_PROOF])
    nothing = filled(NOTHING, affected=findings.affected, healthy=findings.healthy, facts=facts)
    candidates = [one for one in differences if one.strength == "candidate"]
    if not candidates:
        return nothing
    best = candidates[0]
    needed = [filled(NEEDED, count=best.needed)] if best.needed is not None else []
    return _fitting([nothing, best.sentence], [CANDIDATE, *needed])


def _fitting(sentences: list[Text], always: list[Text]) -> Text:
    """As many of the sentences as there is room for, and those that always belong to them."""
    while len(sentences) > 1 and max(map(len, _both(joined([*sentences, *always])))) > _LONGEST_CONCLUSION:
        sentences = sentences[:-1]
    whole = joined([*sentences, *always])
    return Text(ja=whole.ja[:_LONGEST_CONCLUSION], en=whole.en[:_LONGEST_CONCLUSION])


def _both(text: Text) -> tuple[str, str]:
    return text.ja, text.en
