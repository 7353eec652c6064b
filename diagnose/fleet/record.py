"""The part of a result.json that is compared, decoded in a fraction of the time that the whole record takes.

A result comes from any computer of the fleet, or from whoever can write to the share. Whatever is not as it should be
is a ForeignError with a reason, never another exception.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from diagnose.run.result import SCHEMA
from diagnose.text import Text

LARGEST = 8 << 20
"""Bytes of one result that are read; a usual one has 20 to 200 KB."""
MOST_STEPS = 500


class ForeignError(Exception):
    """A file that is not compared. `reason` is the end of the id of a sentence, `fleet-refused-...`."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


class Fact(msgspec.Struct, gc=False):
    value: Any = None


class Step(msgspec.Struct):
    id: str
    status: str
    evidence: dict[str, Any] = {}
    facts: dict[str, Fact] = {}
    absent: list[str] = []


class Cause(msgspec.Struct):
    id: str
    step: str
    status: str
    title: Text
    rests_on: list[str] = []


class Run(msgspec.Struct):
    id: str
    started: datetime
    tool_version: str
    rules_digest: str
    interrupted: bool = False
    finished: datetime | None = None


class Os(msgspec.Struct):
    name: str | None = None
    version: str | None = None
    build: int | None = None
    ubr: int | None = None


class Machine(msgspec.Struct):
    hostname: str | None
    platform: str
    os: Os
    architecture: str | None = None
    recorded: bool = False
    elevated: bool | None = None
    now: datetime | None = None


class Product(msgspec.Struct):
    id: str
    name: Text
    role: str | None = None
    version: str | None = None


class Flow(msgspec.Struct):
    id: str
    title: Text


class Question(msgspec.Struct):
    id: str
    answered_by: str
    answer: Any = None
    text: Text | None = None


class Result(msgspec.Struct):
    schema: str
    run: Run
    machine: Machine
    product: Product
    flow: Flow
    outcome: str
    primary_cause: str | None
    causes: list[Cause]
    steps: list[Step]
    questions: list[Question] = []


class _TitledFact(msgspec.Struct):
    title: Text | None = None


class Label(msgspec.Struct):
    """What an evidence field is called, and its value in words."""

    title: Text
    value: Text


class _TitledStep(msgspec.Struct):
    id: str
    title: Text
    facts: dict[str, _TitledFact] = {}
    labels: dict[str, Label] = {}


class _Titled(msgspec.Struct):
    steps: list[_TitledStep]


_STATUSES = frozenset({"pass", "warn", "fail", "unknown", "not_applicable", "blocked", "error", "not_checked"})
_OUTCOMES = frozenset({"pass", "warn", "fail", "unknown"})


class Decoder:
    """Made once and used for all results."""

    def __init__(self) -> None:
        self._plain = msgspec.json.Decoder(Result)
        self._titled = msgspec.json.Decoder(_Titled)

    def decode(self, data: bytes) -> Result:
        """Raises ForeignError."""
        if len(data) > LARGEST:
            raise ForeignError("large")
        text = data.removeprefix(b"\xef\xbb\xbf")
        if not text.strip(b" \t\r\n\0"):
            raise ForeignError("empty")
        try:
            found = self._plain.decode(text)
        except msgspec.ValidationError as error:
            raise ForeignError(_what_is_wrong(text), str(error)) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ForeignError("json", str(error)) from None
        if found.schema != SCHEMA:
            raise ForeignError("schema", found.schema)
        statuses = {step.status for step in found.steps} | {cause.status for cause in found.causes}
        if found.outcome not in _OUTCOMES or not statuses <= _STATUSES:
            raise ForeignError("invalid", ", ".join(sorted({found.outcome, *statuses} - _STATUSES))[:100])
        if len(found.steps) > MOST_STEPS or len(found.causes) > MOST_STEPS:
            raise ForeignError("large")
        return found

    def titles(self, data: bytes) -> Mapping[str, tuple[Text | None, Text | None]]:
        """Column name to its title and the words of its value here; empty when they cannot be read."""
        try:
            found = self._titled.decode(data.removeprefix(b"\xef\xbb\xbf"))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return {}
        titles: dict[str, tuple[Text | None, Text | None]] = {}
        for step in found.steps:
            titles.update({f"facts.{name}": (fact.title, None) for name, fact in step.facts.items()})
            titles.update({f"evidence.{step.id}.{name}": (one.title, one.value) for name, one in step.labels.items()})
        return titles


def _what_is_wrong(data: bytes) -> str:
    """With a document that is no result: no JSON at all, JSON of something else, or a result with a wrong value."""

    class Header(msgspec.Struct):
        schema: str = ""

    try:
        return "invalid" if msgspec.json.decode(data, type=Header).schema == SCHEMA else "schema"
    except msgspec.ValidationError:
        return "schema"
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "json"
