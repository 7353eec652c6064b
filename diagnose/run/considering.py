"""Why a step ended as it did and not otherwise: every branch of it, and what became of its condition."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from diagnose.expressions import Unknown
from diagnose.rules.compiled import CompiledBranch
from diagnose.run.judging import Judgement, StepInput
from diagnose.run.result import Status
from diagnose.text import Text


class Held(StrEnum):
    """What became of a branch's condition."""

    TAKEN = "taken"
    NO = "no"
    UNKNOWN = "unknown"
    NOT_REACHED = "not_reached"
    """A branch before it was taken."""


@dataclass(frozen=True, slots=True)
class Considered:
    """One branch of a step."""

    status: Status
    title: Text | None
    """Of the cause that it would have found; None when it finds none."""
    cause: str | None
    when: str
    """The condition as the flow has it."""
    held: Held
    missing: tuple[str, ...] = ()
    """Names of what was unknown in it."""


def considered(given: StepInput, judgement: Judgement) -> tuple[Considered, ...]:
    """All branches of the step in their order."""
    values = given.values()
    found = []
    reached = True
    for branch in given.step.branches:
        if not reached:
            found.append(_considered(branch, Held.NOT_REACHED))
            continue
        if branch is judgement.branch:
            reached = False
            found.append(_considered(branch, Held.TAKEN))
            continue
        result = branch.when.evaluate(values)
        missing = tuple(sorted({gap.name for gap in result.gaps})) if isinstance(result, Unknown) else ()
        found.append(_considered(branch, Held.UNKNOWN if missing else Held.NO, missing))
    return tuple(found)


def _considered(branch: CompiledBranch, held: Held, missing: tuple[str, ...] = ()) -> Considered:
    cause = branch.cause.spec if branch.cause is not None else None
    return Considered(
        status=branch.status,
        title=cause.title if cause is not None else None,
        cause=cause.id if cause is not None else None,
        when=" ".join(branch.spec.when.split()),
        held=held,
        missing=missing,
    )
