"""Judging one step: the first branch whose condition is true wins; what is unknown never matches and is remembered."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from diagnose.calculation import Calculated
from diagnose.check import Saw, Sighting
from diagnose.expressions import Gap, Unknown, unknown
from diagnose.facts.resolver import Facts
from diagnose.facts.shaping import shape
from diagnose.facts.sources import Held, Raw
from diagnose.machine.values import Reason, Unseen
from diagnose.rules.compiled import CompiledBranch, CompiledFlow, CompiledStep
from diagnose.run.answers import Answers, AnswerValue
from diagnose.run.calculating import Outcome, work_out
from diagnose.run.measuring import facts_of, sighting_value
from diagnose.run.wording import Word

_OURS = frozenset({Reason.CHECK_BROKE, Reason.DEADLINE})


@dataclass(frozen=True, slots=True)
class StepInput:
    """Everything that a step is judged by."""

    flow: CompiledFlow
    step: CompiledStep
    evidence: Mapping[str, Sighting]
    facts: Mapping[str, Sighting]
    answers: Answers
    causes: Sequence[str]
    """Causes found so far in this run."""
    undecided: Sequence[str]
    """Steps before this one that could have found a cause and stayed undecided."""
    now: datetime
    platform: str

    def values(self, waiting: Collection[str] = ()) -> dict[str, object]:
        """What conditions compute with, by dotted name. `waiting`: questions that may still be asked."""
        values: dict[str, object] = {
            "now": self.now,
            "machine.platform": self.platform,
            "run.causes": list(self.causes),
            "run.undecided": list(self.undecided),
        }
        for name, sighting in self.evidence.items():
            values[f"evidence.{name}"] = sighting_value(f"evidence.{name}", sighting)
        for name in self.flow.flow.questions:
            values[f"answers.{name}"] = self._answer(name)
        for name, sighting in self.facts.items():
            values[f"facts.{name}"] = self._fact(name, sighting)
        return self.worked_out(values, waiting)

    def worked_out(self, values: dict[str, object], waiting: Collection[str]) -> dict[str, object]:
        """The same with what the step's calculation makes of them."""
        step = self.step.calculation
        if step is None:
            return values
        outcome = self.calculated(values, waiting)
        fields = step.calculation.evidence
        return {**values, **{f"evidence.{name}": outcome.value(name, f"calculation {step.name}") for name in fields}}

    def calculated(self, values: Mapping[str, object], waiting: Collection[str] = ()) -> Outcome:
        """Of the step's calculation; without one there is nothing."""
        step = self.step.calculation
        if step is None:
            return Outcome(Calculated())
        return work_out(step, values, waiting, self.answers.worked_out.get(self.step.spec.id))

    def words(self) -> dict[str, object]:
        """The same for texts: stored words know what people call them."""
        values = self.values()
        for name, field in self.step.labels.items():
            _label(values, f"evidence.{name}", field.values)
        for name, question in self.flow.flow.questions.items():
            _label(values, f"answers.{name}", question.choices)
        return values

    def _answer(self, name: str) -> AnswerValue | Unknown:
        answer = self.answers.given.get(name)
        if answer is None or answer.value is None:
            return unknown(f"answers.{name}", Reason.NOT_ANSWERED)
        return answer.value

    def _fact(self, name: str, sighting: Sighting) -> object:
        if isinstance(sighting, Saw):
            return sighting_value(f"facts.{name}", sighting)
        spec = self.flow.facts[name]
        for source in spec.sources:
            if source.answer is not None:
                answer = self._answer(source.answer)
                if isinstance(answer, Unknown):
                    return answer
                held = Held(_raw(answer), f"answers.{source.answer}")
                return sighting_value(f"facts.{name}", shape(held, source, spec.type, self.now.tzinfo))
        return sighting_value(f"facts.{name}", sighting)


def _raw(answer: AnswerValue) -> Raw:
    """An answer as a source of its fact would hold it: a number as text, a whole one without its point."""
    if isinstance(answer, float):
        return str(int(answer)) if answer.is_integer() else str(answer)
    return answer


def _label(values: dict[str, object], name: str, labels: Mapping[str, Any]) -> None:
    value = values.get(name)
    if isinstance(value, str) and value in labels:
        values[name] = Word.of(value, labels[value])


@dataclass(frozen=True, slots=True)
class Judgement:
    branch: CompiledBranch | None
    """None: nothing matched."""
    gaps: frozenset[Gap]
    """What was unknown in the conditions that came before."""
    ask: str | None = None
    """A question whose answer can still change this judgement; judge again with it."""


def judge(given: StepInput, open_questions: Sequence[str]) -> Judgement:
    """Walk the branches in order. `open_questions` may still be asked; the others count as not known."""
    values = given.values(open_questions)
    gaps: set[Gap] = set()
    for branch in given.step.branches:
        result = branch.when.evaluate(values)
        if result is True:
            return Judgement(branch, frozenset(gaps))
        if isinstance(result, Unknown):
            question = _worth_asking(branch, result, given, values, open_questions)
            if question is not None:
                return Judgement(None, frozenset(gaps), question)
            gaps |= result.gaps
    return Judgement(None, frozenset(gaps))


def _worth_asking(
    branch: CompiledBranch,
    result: Unknown,
    given: StepInput,
    values: Mapping[str, object],
    open_questions: Sequence[str],
) -> str | None:
    """The first open question of this condition whose answer could make it true."""
    missing = {gap.name for gap in result.gaps}
    questions = given.flow.flow.questions
    for name in open_questions:
        if f"answers.{name}" not in missing:
            continue
        # Guesses cannot cover a number between two limits; where only answers are missing, one of them may do.
        free = questions[name].type != "choice" and _only_answers(result)
        waiting = [other for other in open_questions if other != name]
        guessed = ({**values, f"answers.{name}": guess} for guess in _guesses(given, name))
        if free or any(_could_match(branch, given.worked_out(one, waiting)) for one in guessed):
            return name
    return None


def _only_answers(result: Unknown) -> bool:
    return all(gap.reason is Reason.NOT_ANSWERED for gap in result.gaps)


def _could_match(branch: CompiledBranch, values: Mapping[str, object]) -> bool:
    """True, or unknown only for want of further answers."""
    result = branch.when.evaluate(values)
    return _only_answers(result) if isinstance(result, Unknown) else result is True


def _guesses(given: StepInput, name: str) -> tuple[object, ...]:
    """Answers to try: every choice; for numbers and dates a low and a high one."""
    question = given.flow.flow.questions[name]
    match question.type:
        case "choice":
            return tuple(question.choices)
        case "number":
            return (-1e15, 0.0, 1e15)
        case "date":
            return (
                given.now - timedelta(days=3650),
                given.now,
                given.now + timedelta(days=20),
                given.now + timedelta(days=3650),
            )
        case _:
            return ("", "x")


def settled_facts(step: CompiledStep, facts: Facts) -> dict[str, Sighting]:
    """The facts of a step as far as they were read in time."""
    found: dict[str, Sighting] = {}
    for name in facts_of(step):
        sighting = facts.settled(name)
        found[name] = sighting if sighting is not None else Unseen(Reason.DEADLINE, name)
    return found


def undecided_reason(gaps: frozenset[Gap]) -> Reason | None:
    """Why a step stays undecided: our own fault first, then what denied us, else None (simply not known)."""
    reasons = {gap.reason for gap in gaps}
    ours = sorted(reasons & _OURS)
    if ours:
        return ours[0]
    return Reason.DENIED if Reason.DENIED in reasons else None
