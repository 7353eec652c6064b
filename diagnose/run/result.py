"""The run record: what `result.json` holds (schema `diagnose.result/1`). Reports and bundles read only this."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

import msgspec

from diagnose.chart import Chart
from diagnose.text import Lines, Text

SCHEMA: Literal["diagnose.result/1"] = "diagnose.result/1"
DONT_KNOW = "unknown"
"""The answer of somebody who does not know, and of a run that asks nobody."""


class Status(StrEnum):
    """What became of a step."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"
    BLOCKED = "blocked"
    ERROR = "error"
    NOT_CHECKED = "not_checked"


class Outcome(StrEnum):
    """What became of the run."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"


class AnsweredBy(StrEnum):
    OPERATOR = "operator"
    FILE = "file"
    DEFAULT = "default"


class RunInfo(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    started: datetime
    finished: datetime | None
    duration_s: float
    tool_version: str
    rules_digest: str
    language: str
    interrupted: bool


class OsInfo(msgspec.Struct, frozen=True, kw_only=True):
    name: str | None = None
    version: str | None = None
    build: int | None = None
    ubr: int | None = None


class MachineInfo(msgspec.Struct, frozen=True, kw_only=True):
    hostname: str | None
    platform: str
    os: OsInfo
    architecture: str | None
    recorded: bool
    elevated: bool | None
    now: datetime | None = None
    """The computer's own time that the verdicts rest on; of a recording, when it was made."""


class ProductInfo(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: Text
    role: str | None
    role_title: Text | None = None
    version: str | None


class FlowInfo(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    title: Text
    source: str


class FactRecord(msgspec.Struct, frozen=True, kw_only=True):
    value: Any
    """JSON value; null when unknown."""
    source: str
    """Where it was read; empty when unknown."""
    title: Text | None = None


class UnseenRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a step needed and could not see."""

    name: str
    title: Text | None
    reason: str
    reason_text: Text
    where: str
    detail: str = ""


class EvidenceLabel(msgspec.Struct, frozen=True, kw_only=True):
    """What an evidence field is called, and its value in words."""

    title: Text
    value: Text
    source: str = ""
    """Where it was seen; empty when it follows from several places."""


class StepError(msgspec.Struct, frozen=True, kw_only=True):
    reason: str
    detail: str


class StepResult(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    title: Text
    status: Status
    evidence: dict[str, Any]
    """Field name to JSON value; null when unknown. `unseen` says why for what the verdict lacked."""
    facts: dict[str, FactRecord]
    because: Text | None
    cause: str | None
    started: datetime | None
    duration_s: float | None
    why: Text | None = None
    """Why this step matters."""
    source: str = ""
    """The document that asks for this step."""
    labels: dict[str, EvidenceLabel] = {}
    unseen: tuple[UnseenRecord, ...] = ()
    absent: tuple[str, ...] = ()
    """`evidence.<field>` and `facts.<name>` that are null because they were looked for and are not there."""
    skipped_because: Text | None = None
    error: StepError | None = None
    charts: tuple[Chart, ...] = ()


class CauseResult(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    step: str
    status: Status
    """warn or fail."""
    explained_by: str | None
    title: Text
    because: Text
    remedy: Lines
    source: str
    rests_on: tuple[str, ...] = ()
    """What the verdict rests on, as `evidence.<field>` and `facts.<name>` of its step and `answers.<question>`; empty
    when not known."""


class QuestionResult(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    text: Text
    answer: Any
    answer_text: Text | None
    """The chosen choice in words; None for free answers."""
    answered_by: AnsweredBy


class RunResult(msgspec.Struct, frozen=True, kw_only=True):
    """One run, whole or as far as it came."""

    schema: Literal["diagnose.result/1"] = SCHEMA
    run: RunInfo
    machine: MachineInfo
    product: ProductInfo
    flow: FlowInfo
    outcome: Outcome
    primary_cause: str | None
    causes: tuple[CauseResult, ...]
    steps: tuple[StepResult, ...]
    questions: tuple[QuestionResult, ...]
    incident: dict[str, Any]
    incident_titles: dict[str, Text] = {}
    """What the fields of the vendor's form are called."""
