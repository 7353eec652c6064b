"""What every report says, in one language and in one order; the renderers only lay it out.

All strings come out of `formats.visible`: they may hold `<`, `|` or `]]>`, but no hidden or control characters.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from diagnose.machine.values import Reason
from diagnose.report.causes import cause_groups
from diagnose.report.charts import ChartContent, chart_contents
from diagnose.report.formats import duration_text, one_line, time_text, value_text, visible
from diagnose.report.words import (
    ANSWERED_BY_WORDS,
    GLYPHS,
    INCIDENT_WORDS,
    STATUS_WORDS,
    UNSEEN_MEANING,
    outcome_sentence,
    unfinished,
    word,
)
from diagnose.run.reasons import reason_text
from diagnose.run.result import DONT_KNOW, CauseResult, OsInfo, Outcome, RunResult, Status, StepResult, UnseenRecord
from diagnose.text import Language, Text


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: what it is, its value, and where that was seen (may be empty)."""

    title: str
    value: str
    where: str = ""
    name: str = ""
    """`evidence.<field>` or `facts.<name>`; empty for rows that are neither."""


@dataclass(frozen=True, slots=True)
class StatusContent:
    """The status of a step, a cause or the run: its sign and its word."""

    id: Status
    glyph: str
    word: str


@dataclass(frozen=True, slots=True)
class UnseenContent:
    """One thing that a step needed and could not see."""

    title: str
    reason: str
    where: str
    detail: str
    step_number: int
    step_title: str


@dataclass(frozen=True, slots=True)
class StepContent:
    """One step of the flow; what it does not have is empty."""

    number: int
    """1-based place in the flow."""
    id: str
    status: StatusContent
    title: str
    why: str
    because: str
    error: str
    """Why our own check broke, with the system's own words; empty when it did not."""
    seen: tuple[Row, ...]
    raw: tuple[Row, ...]
    """Measured values that have no label in words; `seen` does not repeat them."""
    unseen: tuple[UnseenContent, ...]
    cause_id: str
    duration: str
    source: str
    charts: tuple[ChartContent, ...] = ()

    @property
    def worth_telling(self) -> bool:
        """Whether short reports say more than its title: something is left to do, or it gives figures or a list."""
        settled = self.status.id in (Status.PASS, Status.NOT_CHECKED)
        return not settled or bool(self.charts) or "\n" in self.because


@dataclass(frozen=True, slots=True)
class CauseContent:
    """A cause with what to do about it."""

    id: str
    status: StatusContent
    title: str
    because: str
    remedy: tuple[str, ...]
    source: str
    seen: tuple[Row, ...]
    """What the verdict rests on; all that its step saw when that is not known."""
    step: StepContent | None
    explains: tuple[CauseContent, ...]


@dataclass(frozen=True, slots=True)
class QuestionContent:
    """A question, and what was answered by whom."""

    question: str
    answer: str
    answered_by: str


@dataclass(frozen=True, slots=True)
class Content:
    """A whole report."""

    language: Language
    status: StatusContent
    verdict: str
    unfinished: bool
    identity: tuple[Row, ...]
    """Which computer, product, time and tool."""
    causes: tuple[CauseContent, ...]
    """The primary cause, when there is one, is the first; those that another one explains are inside that one."""
    has_primary: bool
    steps: tuple[StepContent, ...]
    unseen: tuple[UnseenContent, ...]
    unseen_meaning: str
    questions: tuple[QuestionContent, ...]
    incident: tuple[Row, ...]
    run: tuple[Row, ...]


def report_content(result: RunResult, language: Language) -> Content:
    """Everything that a report of this run says in this language."""
    steps = tuple(_step(number, step, language) for number, step in enumerate(result.steps, 1))
    unseen = _unseen_once(steps)
    groups = cause_groups(result)
    return Content(
        language=language,
        status=_status(_run_status(result), language),
        verdict=one_line(outcome_sentence(result, language)),
        unfinished=unfinished(result),
        identity=_identity(result, language),
        causes=tuple(_cause(group.leader, group.explained, steps, language) for group in groups),
        has_primary=bool(groups) and groups[0].leader.id == result.primary_cause,
        steps=steps,
        unseen=unseen,
        unseen_meaning=_unseen_meaning(result, bool(unseen), language),
        questions=_questions(result, language),
        incident=_incident(result, language),
        run=_run_details(result, language),
    )


def _unseen_once(steps: Iterable[StepContent]) -> tuple[UnseenContent, ...]:
    """What several steps lacked is told once, under the first of them."""
    found: dict[tuple[str, str, str], UnseenContent] = {}
    for step in steps:
        for item in step.unseen:
            found.setdefault((item.title, item.reason, item.where), item)
    return tuple(found.values())


def _say(text: Text | None, language: Language) -> str:
    return "" if text is None else visible(text.in_language(language))


def _run_status(result: RunResult) -> Status:
    """The sign over the report: a run that found nothing before it was stopped has not passed."""
    stopped_clean = unfinished(result) and result.outcome is Outcome.PASS
    return Status.UNKNOWN if stopped_clean else Status(result.outcome.value)


def _status(status: Status, language: Language) -> StatusContent:
    return StatusContent(status, GLYPHS[status], STATUS_WORDS[status].in_language(language))


def _identity(result: RunResult, language: Language) -> tuple[Row, ...]:
    digest = result.run.rules_digest.removeprefix("sha256:")[:12]
    tool = word("tool-and-rules", language, version=result.run.tool_version, rules=digest)
    rows = (
        ("computer", result.machine.hostname or word("unknown", language)),
        ("system", _system(result.machine.os) or word("unknown", language)),
        ("product", _product(result, language)),
        ("flow", result.flow.title.in_language(language)),
        ("when", time_text(result.run.started)),
        ("tool", tool),
    )
    recorded = result.machine.now if result.machine.recorded else None
    made = (("recorded-at", time_text(recorded)),) if recorded is not None else ()
    return _rows((*rows[:-2], *made, *rows[-2:]), language)


def _system(os: OsInfo) -> str:
    """`Windows 10 Pro 10.0.19045.3570`."""
    version = os.version or ""
    if os.build is not None and str(os.build) not in version.split("."):
        version += f" ({os.build})"
    elif os.ubr is not None and version.endswith(f".{os.build}"):
        version += f".{os.ubr}"
    return f"{os.name or ''} {version}".strip()


def _product(result: RunResult, language: Language) -> str:
    product = result.product
    role = product.role if product.role_title is None else product.role_title.in_language(language)
    version = word("version", language, version=product.version) if product.version else None
    details = word("list-separator", language).join(part for part in (role, version) if part)
    name = product.name.in_language(language)
    if not details:
        return name
    return f"{name}（{details}）" if language is Language.JA else f"{name} ({details})"


def _rows(rows: Iterable[tuple[str, str]], language: Language) -> tuple[Row, ...]:
    return tuple(Row(word(name, language), visible(value)) for name, value in rows)


def _step(number: int, step: StepResult, language: Language) -> StepContent:
    return StepContent(
        number=number,
        id=visible(step.id),
        status=_status(step.status, language),
        title=_say(step.title, language),
        why=_say(step.why, language),
        because=_say(step.because or step.skipped_because, language),
        error=_error(step, language),
        seen=_seen(step, language),
        raw=_raw(step, language),
        unseen=tuple(_unseen(number, step, record, language) for record in step.unseen),
        cause_id=visible(step.cause or ""),
        duration="" if step.duration_s is None else duration_text(step.duration_s, language),
        source=visible(step.source),
        charts=chart_contents(step.charts, language),
    )


def _seen(step: StepResult, language: Language) -> tuple[Row, ...]:
    """What was seen in words: the labelled evidence, then the facts that have a value."""
    labels = [
        Row(_say(label.title, language), _say(label.value, language), visible(label.source), f"evidence.{name}")
        for name, label in step.labels.items()
    ]
    facts = [
        Row(
            _say(fact.title, language) or visible(name),
            value_text(fact.value, language),
            visible(fact.source),
            f"facts.{name}",
        )
        for name, fact in step.facts.items()
        if fact.value is not None
    ]
    return (*labels, *facts)


def _raw(step: StepResult, language: Language) -> tuple[Row, ...]:
    return tuple(
        Row(visible(name), value_text(value, language))
        for name, value in step.evidence.items()
        if value is not None and name not in step.labels
    )


def _error(step: StepResult, language: Language) -> str:
    if step.error is None:
        return ""
    known = next((reason for reason in Reason if reason.value == step.error.reason), None)
    reason = step.error.reason if known is None else reason_text(known).in_language(language)
    detail = step.error.detail
    return visible(f"{reason}{word('colon', language)}{detail}" if detail else reason)


def _unseen(number: int, step: StepResult, record: UnseenRecord, language: Language) -> UnseenContent:
    return UnseenContent(
        title=_say(record.title, language) or visible(record.name),
        reason=_say(record.reason_text, language),
        where=visible(record.where),
        detail=visible(record.detail),
        step_number=number,
        step_title=_say(step.title, language),
    )


def _unseen_meaning(result: RunResult, some: bool, language: Language) -> str:
    if not some and result.outcome is Outcome.UNKNOWN:
        return word("see-the-steps", language)
    if not some:
        return word("nothing-unseen-so-far" if unfinished(result) else "nothing-unseen", language)
    meaning = UNSEEN_MEANING[result.outcome].in_language(language)
    denied = any(record.reason == Reason.DENIED for step in result.steps for record in step.unseen)
    if not denied or result.machine.elevated is not False:
        return meaning
    hint = word("run-elevated", language)
    return meaning + hint if language is Language.JA else f"{meaning} {hint}"


def _cause(
    cause: CauseResult, explained: tuple[CauseResult, ...], steps: tuple[StepContent, ...], language: Language
) -> CauseContent:
    step = next((step for step in steps if step.id == visible(cause.step)), None)
    seen = step.seen if step is not None else ()
    return CauseContent(
        id=visible(cause.id),
        status=_status(cause.status, language),
        title=_say(cause.title, language),
        because=_say(cause.because, language),
        remedy=tuple(visible(line) for line in cause.remedy.in_language(language)),
        source=visible(cause.source),
        step=step,
        seen=tuple(row for row in seen if row.name in cause.rests_on) or seen,
        explains=tuple(_cause(other, (), steps, language) for other in explained),
    )


def _questions(result: RunResult, language: Language) -> tuple[QuestionContent, ...]:
    return tuple(
        QuestionContent(
            question=_say(question.text, language),
            answer=_answer(question.answer, question.answer_text, language),
            answered_by=ANSWERED_BY_WORDS[question.answered_by].in_language(language),
        )
        for question in result.questions
    )


def _answer(answer: object, text: Text | None, language: Language) -> str:
    if text is not None:
        return _say(text, language)
    return word("no-answer", language) if answer is None or answer == DONT_KNOW else value_text(answer, language)


def _incident(result: RunResult, language: Language) -> tuple[Row, ...]:
    return tuple(
        Row(
            _say(result.incident_titles.get(name) or INCIDENT_WORDS.get(name), language) or visible(name),
            value_text(value, language),
        )
        for name, value in result.incident.items()
    )


def _run_details(result: RunResult, language: Language) -> tuple[Row, ...]:
    run, machine = result.run, result.machine
    privilege = {True: "elevated", False: "not-elevated", None: "unknown"}[machine.elevated]
    platform = word("list-separator", language).join(part for part in (machine.platform, machine.architecture) if part)
    rows = (
        ("run-id", run.id),
        ("started", time_text(run.started)),
        ("finished", time_text(run.finished) if run.finished else word("not-finished", language)),
        ("duration", duration_text(run.duration_s, language)),
        ("evidence-from", word("recorded" if machine.recorded else "live", language)),
        ("privilege", word(privilege, language)),
        ("platform", platform),
        ("tool", f"diagnose {run.tool_version}"),
        ("rules-digest", run.rules_digest),
        ("source", result.flow.source),
    )
    return tuple(row for row in _rows(rows, language) if row.value)
