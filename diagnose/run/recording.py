"""From a judgement to the step's record: status, sentences, evidence with its places, what could not be seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from diagnose.check import Saw, Sighting
from diagnose.expressions import Gap, shown
from diagnose.machine.values import Reason, Unseen
from diagnose.messages import catalogue
from diagnose.rules.compiled import CompiledBranch, CompiledStep
from diagnose.rules.model import Question
from diagnose.run.calculating import Outcome
from diagnose.run.judging import Judgement, StepInput, undecided_reason
from diagnose.run.measuring import Measuring
from diagnose.run.reasons import reason_text
from diagnose.run.result import (
    CauseResult,
    EvidenceLabel,
    FactRecord,
    Status,
    StepError,
    StepResult,
    UnseenRecord,
)
from diagnose.run.wording import json_value, render, value_text
from diagnose.text import Lines, Text

_NOTHING_TO_SEE = frozenset({Reason.NO_SOURCE, Reason.UNSUPPORTED, Reason.MISSING})


@dataclass(frozen=True, slots=True)
class Verdict:
    step: StepResult
    cause: CauseResult | None
    explains: frozenset[str]
    goto: str | None


def not_checked(step: CompiledStep, because: Text | None) -> StepResult:
    """The record of a step that was not looked at."""
    return StepResult(
        id=step.spec.id,
        title=step.spec.title,
        status=Status.NOT_CHECKED,
        evidence={},
        facts={},
        because=None,
        cause=None,
        started=None,
        duration_s=None,
        why=step.spec.why,
        source=step.spec.source,
        skipped_because=because,
    )


def verdict(given: StepInput, judgement: Judgement, measuring: Measuring, duration_s: float) -> Verdict:
    """The step's record, and its cause if it found one."""
    branch = judgement.branch
    status, error = _status(judgement, measuring)
    cause = _cause(given, branch) if branch is not None and branch.cause is not None else None
    outcome = given.calculated(given.values())
    evidence = {**given.evidence, **_worked_out(given, outcome)}
    step = StepResult(
        id=given.step.spec.id,
        title=given.step.spec.title,
        status=status,
        evidence={name: json_value(s.value) if isinstance(s, Saw) else None for name, s in evidence.items()},
        facts={name: _fact(given, name, sighting) for name, sighting in given.facts.items()},
        because=cause.because if cause is not None else _because(given, branch, judgement.gaps),
        cause=cause.id if cause is not None else None,
        started=measuring.started,
        duration_s=round(duration_s, 3),
        why=given.step.spec.why,
        source=given.step.spec.source,
        labels={name: _label(given, name, s) for name, s in evidence.items() if isinstance(s, Saw)},
        unseen=_unseen(given, _telling(judgement, status), decided=status is Status.PASS),
        absent=tuple(_absent("evidence", evidence)) + tuple(_absent("facts", given.facts)),
        error=error,
        charts=outcome.calculated.charts,
    )
    explains = frozenset(branch.spec.explains) if branch is not None else frozenset[str]()
    return Verdict(step, cause, explains, branch.spec.goto if branch is not None else None)


def _absent(kind: str, sightings: Mapping[str, Sighting]) -> Iterator[str]:
    """For who compares computers: there, `not there` is a property and `not seen` is none."""
    for name, sighting in sightings.items():
        if isinstance(sighting, Unseen) and sighting.reason is Reason.MISSING:
            yield f"{kind}.{name}"


def _worked_out(given: StepInput, outcome: Outcome) -> dict[str, Sighting]:
    """What the step's calculation gave; the conditions have told already what it lacked."""
    step = given.step.calculation
    fields = step.calculation.evidence if step is not None else {}
    found = outcome.calculated.evidence
    return {name: Saw(found[name]) if name in found else Unseen(Reason.NO_SOURCE, "") for name in fields}


def _status(judgement: Judgement, measuring: Measuring) -> tuple[Status, StepError | None]:
    if judgement.branch is not None:
        return judgement.branch.status, None
    reason = undecided_reason(judgement.gaps)
    if reason is None:
        return Status.UNKNOWN, None
    if reason is Reason.DENIED:
        return Status.BLOCKED, None
    if reason is Reason.DEADLINE:
        return Status.ERROR, StepError(reason="timed out", detail=", ".join(measuring.late()))
    worked_out = {gap.where: gap.detail for gap in judgement.gaps if gap.reason is Reason.CHECK_BROKE and gap.detail}
    broken = {f"check {name}": broke for name, broke in measuring.broken().items()} | worked_out
    details = "; ".join(f"{where.removeprefix('check ')}: {broke}" for where, broke in broken.items())
    return Status.ERROR, StepError(reason=reason, detail=details)


def _cause(given: StepInput, branch: CompiledBranch) -> CauseResult:
    assert branch.cause is not None  # noqa: S101 - the caller looked
    spec = branch.cause.spec
    words = _words(given, branch)
    remedy = [render(line, words) for line in branch.cause.remedy]
    return CauseResult(
        id=spec.id,
        step=given.step.spec.id,
        status=branch.status,
        explained_by=None,
        title=spec.title,
        because=render(branch.because or branch.cause.because, words),
        remedy=Lines(ja=tuple(line.ja for line in remedy), en=tuple(line.en for line in remedy)),
        source=spec.source,
        rests_on=_rests_on(branch),
    )


def _rests_on(branch: CompiledBranch) -> tuple[str, ...]:
    """The evidence, facts and answers that the condition and the sentences of a branch name."""
    names = branch.when.names.union(*(value.names for value in branch.values.values()))
    return tuple(sorted(name for name in names if name.startswith(("evidence.", "facts.", "answers."))))


def _words(given: StepInput, branch: CompiledBranch) -> dict[str, object]:
    """What the placeholders of this branch's texts stand for."""
    words = given.words()
    return words | {name: shown(expression, words) for name, expression in branch.values.items()}


def _because(given: StepInput, branch: CompiledBranch | None, gaps: frozenset[Gap]) -> Text:
    if branch is not None and branch.because is not None:
        return render(branch.because, _words(given, branch))
    if not gaps:
        return catalogue()["undecided-no-match"]
    titles = [_title(given, gap.name) or value_text(gap.name) for gap in _in_order(gaps)]
    listed = value_text(tuple(dict.fromkeys(titles)))
    sentence = catalogue()["undecided"]
    return Text(ja=sentence.ja.format(names=listed.ja), en=sentence.en.format(names=listed.en))


def _in_order(gaps: frozenset[Gap]) -> list[Gap]:
    return sorted(gaps, key=lambda gap: (gap.name.split(".")[0], gap.name, gap.reason, gap.where))


def _telling(judgement: Judgement, status: Status) -> frozenset[Gap]:
    """The gaps worth telling: a decided step does not lack what this computer does not have, or what was not asked."""
    if judgement.branch is None:
        return judgement.gaps
    left_out = _NOTHING_TO_SEE if status is not Status.UNKNOWN else frozenset[Reason]()
    return frozenset(gap for gap in judgement.gaps if gap.reason not in left_out)


def _unseen(given: StepInput, gaps: frozenset[Gap], *, decided: bool) -> tuple[UnseenRecord, ...]:
    """What the conditions lacked and, where nothing is fine yet, what else was not seen: each place and reason once."""
    wanted = [*_in_order(gaps), *([] if decided else _other_gaps(given.evidence))]
    found: dict[tuple[str, str], UnseenRecord] = {}
    for gap in wanted:
        key = (gap.reason, gap.where or gap.name)
        if key not in found:
            found[key] = _unseen_record(given, gap.name, gap.reason, gap.where, gap.detail)
    return tuple(found.values())


def _other_gaps(evidence: Mapping[str, Sighting]) -> Iterator[Gap]:
    """Evidence that no condition needed today; what this computer simply does not have is left out."""
    for name, sighting in evidence.items():
        if isinstance(sighting, Unseen) and sighting.reason not in _NOTHING_TO_SEE:
            yield Gap(f"evidence.{name}", sighting.reason, sighting.where, sighting.detail)


def _unseen_record(given: StepInput, name: str, reason: Reason, where: str, detail: str) -> UnseenRecord:
    if reason is Reason.NOT_ANSWERED and (asked := name.removeprefix("answers.")) in given.flow.flow.questions:
        where = f"--answer {asked}={_answers(given.flow.question(asked))}"
    return UnseenRecord(
        name=name,
        title=_title(given, name),
        reason=reason,
        reason_text=reason_text(reason),
        where=where,
        detail=detail,
    )


def _answers(question: Question) -> str:
    """What may be written as an answer: the choices, or the form of it."""
    forms = {"number": "N", "date": "YYYY-MM-DD"}
    return "|".join(question.choices) or forms.get(question.type, "...")


def _title(given: StepInput, name: str) -> Text | None:
    kind, _, rest = name.partition(".")
    if kind == "evidence" and rest in given.step.labels:
        return given.step.labels[rest].title
    if kind == "facts" and rest in given.flow.facts:
        return given.flow.facts[rest].title
    if kind == "answers" and rest in given.flow.flow.questions:
        return given.flow.flow.questions[rest].title
    return None


def _fact(given: StepInput, name: str, sighting: Sighting) -> FactRecord:
    title = given.flow.facts[name].title
    if isinstance(sighting, Saw):
        return FactRecord(value=json_value(sighting.value), source=sighting.where, title=title)
    return FactRecord(value=None, source="", title=title)


def _label(given: StepInput, name: str, sighting: Saw) -> EvidenceLabel:
    field = given.step.labels.get(name)
    value: object = sighting.value
    if field is not None and (label := field.values.get(_stored(value))) is not None:
        value = label
    title = field.title if field is not None else Text(ja=name, en=name)
    return EvidenceLabel(title=title, value=value_text(value), source=sighting.where)


def _stored(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
