"""What a comparison found: the content of fleet.json (schema `diagnose.fleet/1`), of the page and of the text."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from diagnose.text import Text

SCHEMA: Final = "diagnose.fleet/1"


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """One property, such as `facts.agent.version` `below` `7.2.5`."""

    name: str
    """`facts.<name>`, `evidence.<step>.<field>`, `answers.<question>`, `machine...`, `product...`, `run...`."""
    title: Text
    relation: Literal["is", "not", "has", "lacks", "below", "from", "absent", "present", "unseen"]
    value: str | float | bool
    """Empty for absent, present and unseen."""
    value_text: Text


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One or two conditions at once, and who meets them, among the computers for which that could be said."""

    strength: Literal["claim", "goes_along", "candidate"]
    """claim: more than chance by itself. goes_along: only because it goes with a claim. candidate: may be chance."""
    conditions: tuple[Condition, ...]
    affected_with: int
    affected_seen: int
    healthy_with: int
    healthy_seen: int
    p: float
    """Probability that chance alone makes anything differ so much, corrected for all that was tried."""
    also: tuple[tuple[Condition, ...], ...]
    """Other descriptions of nearly the same computers."""
    healthy_examples: tuple[str, ...]
    """Counter-examples: healthy computers that meet the conditions; the first few."""
    affected_exceptions: tuple[str, ...]
    """Affected computers that do not meet them; the first few."""
    needed: int | None = None
    """Of a candidate: about so many more affected computers would decide; None when that is far away."""
    sentence: Text


class SpreadValue(msgspec.Struct, frozen=True, kw_only=True):
    """How many computers have this value, or one between two values."""

    value: Text
    affected: int
    healthy: int


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """The values of one fact that a claim speaks of: in order, or the most frequent ones."""

    name: str
    title: Text
    values: tuple[SpreadValue, ...]


class Recognised(msgspec.Struct, frozen=True, kw_only=True):
    """A value that the cause is recognised by: it differs by definition and explains nothing."""

    name: str
    title: Text


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The computers with one cause against those whose step for it passed."""

    cause: str
    title: Text
    affected: int
    healthy: int
    undecided: int
    other: int
    """Its step found something else."""
    not_applicable: int
    recognised_by: tuple[Recognised, ...]
    differences: tuple[Difference, ...]
    spreads: tuple[Spread, ...]
    unexplained: int
    """Affected computers that meet none of the claims."""
    tried_single: int
    tried_pairs: int
    permutations: int
    conclusion: Text
    """What to send: the differences in sentences, without a name of a computer."""


class CauseCount(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    title: Text
    affected: int
    primary: int
    """On how many of them it is the main cause."""
    hosts: tuple[str, ...]


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """A computer to look at, which stands for all with the same causes and differences."""

    host: str
    causes: tuple[str, ...]
    stands_for: int
    differences: tuple[Text, ...]


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """`total` is affected + healthy + unknown + missing; missing ones are in the inventory and gave no result."""

    total: int
    affected: int
    healthy: int
    unknown: int
    missing: int


class LeftOutResult(msgspec.Struct, frozen=True, kw_only=True):
    source: str
    host: str
    reason: str
    detail: str
    text: Text


class FlowName(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    """`product/flow`."""
    product: Text
    title: Text
    hosts: int


class InventoryReport(msgspec.Struct, frozen=True, kw_only=True):
    hosts: int
    missing: tuple[str, ...]
    outside: tuple[str, ...]
    """Computers with a result that the inventory does not name; they are not counted."""
    unclear_lines: tuple[int, ...]
    repeated: tuple[str, ...]


class FactNote(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that was not compared, or that changed its type."""

    name: str
    title: Text
    text: Text


class FleetReport(msgspec.Struct, frozen=True, kw_only=True):
    """fleet.json."""

    schema: Literal["diagnose.fleet/1"] = SCHEMA
    made: datetime
    tool_version: str
    flow: FlowName
    other_flows: tuple[FlowName, ...]
    counts: Counts
    inventory: InventoryReport | None
    results: int
    """Results that were read, of all flows."""
    left_out: tuple[LeftOutResult, ...]
    """Results that do not count and files that are none; the first thousand of each."""
    left_out_count: int
    causes: tuple[CauseCount, ...]
    comparisons: tuple[Comparison, ...]
    not_compared: tuple[str, ...]
    """Causes with too few computers, or beyond the most frequent ones."""
    focus: str | None
    """The cause that the incident form speaks of."""
    visit: tuple[Visit, ...]
    visit_covers: int
    """Different combinations of causes and differences that these cover."""
    affected_without_cause: int
    clocks_ahead: tuple[str, ...]
    shared_names: tuple[str, ...]
    facts_compared: int
    facts_left_out: tuple[FactNote, ...]
    type_changes: tuple[FactNote, ...]
    incident: dict[str, str | int]


def fleet_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of fleet.json."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": SCHEMA,
        **msgspec.json.schema(FleetReport),
    }
    as_json: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(schema))
    return as_json


def render_json(report: FleetReport) -> bytes:
    """UTF-8, indented by 2, ends with a line feed."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"
