"""From collected results to the report: who counts, who is affected by what, and what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from diagnose.errors import InputError, nearest
from diagnose.fleet.collected import Collected
from diagnose.fleet.differences import Compared, compare_cause
from diagnose.fleet.inventory import Inventory
from diagnose.fleet.latest import Latest, LeftOut, Why, host_key, latest
from diagnose.fleet.properties import Described, describe
from diagnose.fleet.refusals import left_out_results
from diagnose.fleet.report import (
    CauseCount,
    Counts,
    FactNote,
    FleetReport,
    FlowName,
    InventoryReport,
    Visit,
)
from diagnose.fleet.sets import members, set_of
from diagnose.fleet.visiting import fewest
from diagnose.fleet.wording import filled
from diagnose.fleet.words import IDENTIFIER, STRUCTURED, TYPES, Vocabulary, type_words
from diagnose.messages import did_you_mean, message
from diagnose.text import Text

MOST_COMPARED = 8
"""Causes that are compared in depth, the most frequent first."""
FEWEST_AFFECTED = 3
_MOST_NOTED = 200


@dataclass(frozen=True, slots=True)
class Question:
    """What the operator wants to know; None for what the results answer themselves."""

    flow: str | None
    cause: str | None
    inventory: Inventory | None
    max_age_s: float
    form_fields: frozenset[str]
    """Fields of the product's incident form."""


@dataclass(frozen=True, slots=True)
class Selected:
    """The results that count, one a computer, in the order of their names; sets of computers have a bit for each."""

    found: Collected
    rows: tuple[int, ...]
    flow: str

    def hosts(self, mask: int) -> list[str]:
        return [self.found.rows[self.rows[at]].host for at in members(mask, len(self.rows))]

    def with_cause(self, cause: str) -> int:
        return set_of([cause in self.found.rows[row].causes for row in self.rows])

    def with_outcome(self, *outcomes: str) -> int:
        return set_of([self.found.rows[row].outcome in outcomes for row in self.rows])

    def with_status(self, steps: Sequence[str], *statuses: str) -> int:
        """Where a step has one of these; of several steps one is enough."""
        whole = 0
        for step in steps:
            column = self.found.statuses.get(step)
            if column is not None:
                whole |= set_of([value in statuses for value in column.values(self.rows)])
        return whole


def flow_of(found: Collected, wanted: str | None) -> str:
    """The flow to compare: the wanted one, or the one with most results. Raises InputError."""
    counts = Counter(row.flow for row in found.rows)
    if not counts:
        raise InputError(message("fleet-nothing", refused=found.refused_count))
    if wanted is None:
        return min(counts, key=lambda flow: (-counts[flow], flow))
    if wanted not in counts:
        raise InputError(message("fleet-no-flow", did_you_mean(nearest(wanted, counts)), name=wanted))
    return wanted


@dataclass(frozen=True, slots=True)
class HostLine:
    """One computer of the inventory or with a result; `outcome` is `missing` without one."""

    host: str
    outcome: str
    causes: tuple[str, ...]
    taken: float | None
    source: str


def compare(
    found: Collected, question: Question, made: datetime, tool_version: str
) -> tuple[FleetReport, tuple[HostLine, ...]]:
    """What was found, and each computer. Raises InputError: no result at all, or no such flow or cause."""
    flow = flow_of(found, question.flow)
    numbers = [number for number, row in enumerate(found.rows) if row.flow == flow]
    last = latest(found.rows, numbers, made.timestamp(), question.max_age_s)
    rows, inventory, outside = _in_inventory(found, last, question.inventory)
    selected = Selected(found, rows, flow)
    described = {column.name: describe(column, rows) for column in found.columns()}
    vocabulary = Vocabulary(found, flow)
    counts = _counts(selected, inventory)
    causes = _causes(selected)
    compared = _compared(selected, described, vocabulary, causes, question.cause)
    focus = _focus(causes, question.cause)
    visit, combinations = _visits(selected, compared, [cause.id for cause in causes])
    left_out = left_out_results(found, [*last.left_out, *outside])
    report = FleetReport(
        made=made,
        tool_version=tool_version,
        flow=_flow_name(found, flow, len(rows)),
        other_flows=_other_flows(found, flow),
        counts=counts,
        inventory=inventory,
        results=len(found.rows),
        left_out=left_out,
        left_out_count=found.refused_count + len(last.left_out) + len(outside),
        causes=causes,
        comparisons=tuple(one.report for one in compared),
        not_compared=tuple(cause.id for cause in causes if cause.id not in {one.report.cause for one in compared}),
        focus=focus,
        visit=visit,
        visit_covers=combinations,
        affected_without_cause=_without_cause(selected),
        clocks_ahead=last.ahead,
        shared_names=last.shared,
        facts_compared=sum(bool(one.parts) for one in described.values()),
        facts_left_out=_left_out_facts(described, vocabulary),
        type_changes=_type_changes(described, vocabulary),
        incident=_incident(compared, counts, focus, question.form_fields),
    )
    return report, _host_lines(selected, inventory)


def _host_lines(selected: Selected, inventory: InventoryReport | None) -> tuple[HostLine, ...]:
    rows = (selected.found.rows[row] for row in selected.rows)
    lines = [HostLine(row.host, row.outcome, row.causes, row.taken, row.source) for row in rows]
    missing = inventory.missing if inventory is not None else ()
    return (*lines, *(HostLine(host, "missing", (), None, "") for host in missing))


def _in_inventory(
    found: Collected, last: Latest, inventory: Inventory | None
) -> tuple[tuple[int, ...], InventoryReport | None, list[LeftOut]]:
    if inventory is None:
        return last.rows, None, []
    matched = inventory.matched(found.rows[row].host for row in last.rows)
    rows: list[int] = []
    taken: dict[str, int] = {}
    outside: list[LeftOut] = []
    for number in last.rows:
        row = found.rows[number]
        key = matched.get(host_key(row.host))
        if key is None:
            outside.append(LeftOut(row.source, row.host, Why.NOT_IN_INVENTORY))
        elif key in taken:
            # `PC-1` and `pc-1.example.jp`: one line of the inventory is one computer.
            outside.append(LeftOut(row.source, row.host, Why.OLDER))
        else:
            taken[key] = number
            rows.append(number)
    missing = tuple(name for key, name in inventory.hosts.items() if key not in taken)
    names = tuple(one.host for one in outside if one.why is Why.NOT_IN_INVENTORY)
    report = InventoryReport(
        hosts=len(inventory.hosts),
        missing=missing,
        outside=names,
        unclear_lines=inventory.unclear,
        repeated=inventory.twice,
    )
    return tuple(rows), report, outside


def _counts(selected: Selected, inventory: InventoryReport | None) -> Counts:
    outcomes = Counter(selected.found.rows[row].outcome for row in selected.rows)
    missing = len(inventory.missing) if inventory is not None else 0
    return Counts(
        total=len(selected.rows) + missing,
        affected=outcomes["warn"] + outcomes["fail"],
        healthy=outcomes["pass"],
        unknown=outcomes["unknown"],
        missing=missing,
    )


def _causes(selected: Selected) -> tuple[CauseCount, ...]:
    """The most frequent first."""
    hosts: dict[str, list[str]] = {}
    primary: Counter[str] = Counter()
    for number in selected.rows:
        row = selected.found.rows[number]
        for cause in row.causes:
            hosts.setdefault(cause, []).append(row.host)
        if row.primary is not None:
            primary[row.primary] += 1
    order = sorted(hosts, key=lambda cause: (-len(hosts[cause]), -primary[cause], cause))
    return tuple(
        CauseCount(
            id=cause,
            title=_title(selected, cause),
            affected=len(hosts[cause]),
            primary=primary[cause],
            hosts=tuple(hosts[cause]),
        )
        for cause in order
    )


def _title(selected: Selected, cause: str) -> Text:
    known = selected.found.causes.get((selected.flow, cause))
    return known.title if known is not None else Text(ja=cause, en=cause)


def _compared(
    selected: Selected,
    described: Mapping[str, Described],
    vocabulary: Vocabulary,
    causes: Sequence[CauseCount],
    wanted: str | None,
) -> list[Compared]:
    """Raises InputError for a cause that nobody has."""
    if wanted is not None and wanted not in {cause.id for cause in causes}:
        guess = nearest(wanted, [cause.id for cause in causes])
        raise InputError(message("fleet-no-cause", did_you_mean(guess), name=wanted))
    order = sorted(causes, key=lambda cause: cause.id != wanted)
    chosen = [cause for cause in order if cause.affected >= FEWEST_AFFECTED or cause.id == wanted][:MOST_COMPARED]
    return [compare_cause(selected, described, vocabulary, cause, causes=len(chosen)) for cause in chosen]


def _focus(causes: Sequence[CauseCount], wanted: str | None) -> str | None:
    """The cause that is most often the main one."""
    best = max(causes, key=lambda cause: (cause.primary, cause.affected), default=None)
    return wanted or (best.id if best is not None else None)


def _visits(selected: Selected, compared: Sequence[Compared], causes: Sequence[str]) -> tuple[tuple[Visit, ...], int]:
    """One computer for each group that has to be seen; and how many different combinations there are."""
    items: list[set[tuple[str, int]]] = [set() for _ in selected.rows]
    claims = {one.report.cause: one.claims for one in compared}
    for cause in causes:
        left = selected.with_cause(cause)
        for number, mask in enumerate(claims.get(cause, ()), 1):
            for at in members(left & mask, len(items)):
                items[at].add((cause, number))
            left &= ~mask
        for at in members(left, len(items)):
            items[at].add((cause, 0))
    groups: dict[frozenset[tuple[str, int]], list[int]] = {}
    for at, found in enumerate(items):
        if found:
            groups.setdefault(frozenset(found), []).append(at)
    sentences = {one.report.cause: one.report.differences for one in compared}
    visits = []
    for chosen in fewest({group: group for group in groups}, {group: len(at) for group, at in groups.items()}):
        rows = [selected.found.rows[selected.rows[at]] for at in groups[chosen]]
        # The newest result: that computer is the likeliest to be on.
        best = max(rows, key=lambda row: (row.taken, row.host))
        pairs = sorted(chosen, key=lambda item: (causes.index(item[0]), item[1]))
        visits.append(
            Visit(
                host=best.host,
                causes=tuple(dict.fromkeys(cause for cause, _ in pairs)),
                stands_for=len(rows),
                differences=tuple(sentences[cause][number - 1].sentence for cause, number in pairs if number),
            )
        )
    return tuple(visits), len(groups)


def _without_cause(selected: Selected) -> int:
    rows = (selected.found.rows[row] for row in selected.rows)
    return sum(row.outcome in {"warn", "fail"} and not row.causes for row in rows)


def _flow_name(found: Collected, flow: str, hosts: int) -> FlowName:
    product, title = found.flows[flow]
    return FlowName(id=flow, product=product, title=title, hosts=hosts)


def _other_flows(found: Collected, flow: str) -> tuple[FlowName, ...]:
    hosts: dict[str, set[str]] = {}
    for row in found.rows:
        if row.flow != flow:
            hosts.setdefault(row.flow, set()).add(host_key(row.host))
    order = sorted(hosts, key=lambda other: (-len(hosts[other]), other))[:_MOST_NOTED]
    return tuple(_flow_name(found, other, len(hosts[other])) for other in order)


def _left_out_facts(described: Mapping[str, Described], vocabulary: Vocabulary) -> tuple[FactNote, ...]:
    reasons = {"identifier": IDENTIFIER, "structured": STRUCTURED}
    notes = (
        FactNote(name=name, title=vocabulary.title(name), text=reasons[one.left_out])
        for name, one in sorted(described.items())
        if one.left_out in reasons
    )
    return tuple(notes)[:_MOST_NOTED]


def _type_changes(described: Mapping[str, Described], vocabulary: Vocabulary) -> tuple[FactNote, ...]:
    notes = (
        FactNote(name=name, title=vocabulary.title(name), text=filled(TYPES, types=type_words(one.types)))
        for name, one in sorted(described.items())
        if one.types
    )
    return tuple(notes)[:_MOST_NOTED]


def _incident(
    compared: Sequence[Compared], counts: Counts, focus: str | None, fields: frozenset[str]
) -> dict[str, str | int]:
    """The fields of the incident form that follow from the comparison; texts in Japanese and English apart."""
    report = next((one.report for one in compared if one.report.cause == focus), None)
    known: dict[str, str | int] = {
        "affected_count": report.affected if report is not None else counts.affected,
        "total_count": counts.total,
    }
    healthy = report.healthy if report is not None else counts.healthy
    if healthy or not (counts.unknown + counts.missing):
        known["healthy_agents_exist"] = "yes" if healthy else "no"
    if report is not None:
        known["difference_from_healthy"] = report.conclusion.ja
        known["difference_from_healthy.en"] = report.conclusion.en
    return {name: value for name, value in known.items() if name.partition(".")[0] in fields}
