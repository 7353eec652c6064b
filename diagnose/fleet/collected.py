"""Results gathered into columns: one row a result, one column a fact, evidence field, answer or property of the run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from sys import intern

from diagnose.fleet.columns import Column, Nothing
from diagnose.fleet.record import Decoder, ForeignError, Result, Step
from diagnose.fleet.sources import Piece
from diagnose.report.formats import one_line, shortened
from diagnose.text import Text

MOST_COLUMNS = 3_000
MOST_LISTED = 1_000
"""Refused files that are named; more are counted."""
_MOST_TITLE_READS = 5_000
_LONGEST_NAME = 255
_SECRET = "***"


@dataclass(frozen=True, slots=True)
class Row:
    """What is known of one result besides its columns. Times in seconds since 1970."""

    host: str
    """As the computer calls itself; empty when it did not say."""
    taken: float
    received: float | None
    source: str
    run: str
    flow: str
    """`product/flow`."""
    outcome: str
    causes: tuple[str, ...]
    primary: str | None
    interrupted: bool
    platform: str
    architecture: str
    build: int | None


@dataclass(frozen=True, slots=True)
class CauseWords:
    """What the results say of a cause. `definition`: columns that it rests on or that its own step measured."""

    title: Text
    steps: set[str] = field(default_factory=set)
    definition: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Refused:
    source: str
    reason: str
    detail: str


@dataclass(slots=True)
class Collected:
    """All results of all flows. Columns by name; `statuses` are the steps' own, by step id."""

    rows: list[Row] = field(default_factory=list)
    facts: dict[str, Column] = field(default_factory=dict)
    evidence: dict[str, dict[str, Column]] = field(default_factory=dict)
    others: dict[str, Column] = field(default_factory=dict)
    statuses: dict[str, Column] = field(default_factory=dict)
    titles: dict[str, Text] = field(default_factory=dict)
    words: dict[tuple[str, str], Text] = field(default_factory=dict)
    """Column and value, as it stands in the result, to the value in words."""
    causes: dict[tuple[str, str], CauseWords] = field(default_factory=dict)
    """By flow and cause."""
    flows: dict[str, tuple[Text, Text]] = field(default_factory=dict)
    """To the name of the product and the title of the flow."""
    refused: list[Refused] = field(default_factory=list)
    refused_count: int = 0
    bytes_read: int = 0
    columns_refused: int = 0

    def columns(self) -> Iterator[Column]:
        """Those that are compared."""
        yield from self.facts.values()
        for fields in self.evidence.values():
            yield from fields.values()
        yield from self.others.values()

    def refuse(self, source: str, error: ForeignError) -> None:
        self.refused_count += 1
        if len(self.refused) < MOST_LISTED:
            detail = shortened(one_line(error.detail), 200)
            self.refused.append(Refused(shortened(one_line(source), 500), error.reason, detail))


class Collector:
    """Takes results one by one."""

    def __init__(self) -> None:
        self.found = Collected()
        self._decoder = Decoder()
        self._title_reads = 0
        self._columns = 0
        self._news: list[str] = []
        """Columns of the present result that are new or have a new value: there may be words for them."""

    def collect(self, pieces: Iterable[Piece]) -> Collected:
        for piece in pieces:
            self.take(piece)
        return self.found

    def take(self, piece: Piece) -> None:
        """What cannot be used is listed; nothing is raised."""
        if piece.refused is not None or piece.data is None:
            self.found.refuse(piece.source, piece.refused or ForeignError("empty"))
            return
        self.found.bytes_read += len(piece.data)
        try:
            result = self._decoder.decode(piece.data)
            row = _row(result, piece)
        except ForeignError as error:
            self.found.refuse(piece.source, error)
            return
        self.add(row, result)
        if self._news and self._title_reads < _MOST_TITLE_READS:
            self._title_reads += 1
            self._learn_words(piece.data)

    def add(self, row: Row, result: Result) -> None:
        found = self.found
        number = len(found.rows)
        found.rows.append(row)
        self._news.clear()
        if row.flow not in found.flows:
            found.flows[row.flow] = (_text(result.product.name), _text(result.flow.title))
        self._add_steps(number, result)
        self._add_others(number, result)
        self._add_causes(row.flow, result)

    def _add_steps(self, number: int, result: Result) -> None:
        found = self.found
        facts = found.facts
        for step in result.steps:
            status = found.statuses.get(step.id) or self._column(found.statuses, step.id, step.id)
            if status is not None:
                status.add(number, step.status)
            if step.absent:
                _tell_absent(step)
            for name, fact in step.facts.items():
                column = facts.get(name) or self._column(facts, name, f"facts.{name}")
                if column is not None:
                    column.add(number, fact.value)
            if step.evidence:
                fields = found.evidence.setdefault(step.id, {}) if status is not None else {}
                for name, value in step.evidence.items():
                    column = fields.get(name) or self._column(fields, name, f"evidence.{step.id}.{name}")
                    if column is not None:
                        column.add(number, value)

    def _add_others(self, number: int, result: Result) -> None:
        machine, os = result.machine, result.machine.os
        values: dict[str, object] = {
            "machine.platform": machine.platform,
            "machine.architecture": machine.architecture,
            "machine.elevated": machine.elevated,
            "machine.os.name": os.name,
            "machine.os.version": os.version,
            "machine.os.build": os.build,
            "machine.os.ubr": os.ubr,
            "product.role": result.product.role,
            "product.version": result.product.version,
            "run.tool_version": result.run.tool_version,
            "run.rules_digest": result.run.rules_digest[:12],
        }
        for question in result.questions:
            if question.answered_by != "default" and question.answer != _SECRET:
                name = f"answers.{question.id}"
                values[name] = question.answer
                if question.text is not None and name not in self.found.titles:
                    self.found.titles[name] = _text(question.text)
        for name, value in values.items():
            column = self.found.others.get(name) or self._column(self.found.others, name, name)
            if column is not None:
                column.add(number, value)

    def _add_causes(self, flow: str, result: Result) -> None:
        for cause in result.causes:
            known = self.found.causes.get((flow, cause.id))
            if known is None:
                if len(self.found.causes) >= MOST_COLUMNS:
                    continue
                known = self.found.causes[flow, cause.id] = CauseWords(_text(cause.title))
            known.steps.add(cause.step)
            if len(known.definition) < MOST_COLUMNS:
                known.definition.update(_full_name(name, cause.step) for name in cause.rests_on)

    def _column(self, columns: dict[str, Column], key: str, name: str) -> Column | None:
        """A new one; None when there are too many: a hostile result cannot fill the memory."""
        if self._columns >= MOST_COLUMNS:
            self.found.columns_refused += 1
            return None
        self._columns += 1
        self._news.append(name)
        column = columns[intern(key)] = Column(shortened(name, _LONGEST_NAME), self._news)
        return column

    def _learn_words(self, data: bytes) -> None:
        found = self.found
        for name, (title, value) in self._decoder.titles(data).items():
            if title is not None and name not in found.titles and len(found.titles) < MOST_COLUMNS:
                found.titles[name] = _text(title)
            if value is not None and name.startswith("evidence."):
                self._learn_value(name, value)

    def _learn_value(self, name: str, words: Text) -> None:
        step, _, key = name.removeprefix("evidence.").rpartition(".")
        column = self.found.evidence.get(step, {}).get(key)
        number = len(self.found.rows) - 1
        if column is None or column.start + len(column.codes) != number + 1:
            return
        (value,) = column.values((number,))
        if isinstance(value, str) and len(self.found.words) < 20 * MOST_COLUMNS:
            self.found.words.setdefault((name, value), _text(words))


def _row(result: Result, piece: Piece) -> Row:
    """Raises ForeignError for a time that no calendar has."""
    machine, run = result.machine, result.run
    for cause in result.causes:
        cause.id = intern(_name(cause.id))
    taken = machine.now if machine.recorded and machine.now is not None else run.started
    return Row(
        host=_name(machine.hostname or ""),
        taken=_seconds(taken),
        received=piece.received,
        source=piece.source,
        run=shortened(run.id, 100),
        flow=intern(_name(f"{result.product.id}/{result.flow.id}")),
        outcome=intern(result.outcome),
        causes=tuple(dict.fromkeys(cause.id for cause in result.causes)),
        primary=None if result.primary_cause is None else _name(result.primary_cause),
        interrupted=run.interrupted or run.finished is None,
        platform=intern(machine.platform),
        architecture=intern(machine.architecture or ""),
        build=machine.os.build,
    )


def _name(text: str) -> str:
    """Of a computer, a cause, a flow: what people read is what is compared, with nothing hidden in it."""
    return shortened(text if text.isascii() and text.isprintable() else one_line(text), _LONGEST_NAME)


def _seconds(time: datetime) -> float:
    if not 1990 <= time.year <= 9000:
        raise ForeignError("invalid", "run.started")
    return (time if time.tzinfo is not None else time.replace(tzinfo=UTC)).timestamp()


def _tell_absent(step: Step) -> None:
    for name in step.absent:
        kind, _, key = name.partition(".")
        if kind == "evidence" and step.evidence.get(key, "") is None:
            step.evidence[key] = Nothing.ABSENT
        elif kind == "facts" and key in step.facts and step.facts[key].value is None:
            step.facts[key].value = Nothing.ABSENT


def _full_name(name: str, step: str) -> str:
    """`evidence.state` of a step as the column is called."""
    kind, _, rest = name.partition(".")
    return f"evidence.{step}.{rest}" if kind == "evidence" else name


def _text(text: Text) -> Text:
    return Text(ja=shortened(one_line(text.ja), 200), en=shortened(one_line(text.en), 200))
