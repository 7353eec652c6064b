"""From the steps' verdicts to the run's: outcome, primary cause, which cause explains which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from diagnose.run.result import CauseResult, Outcome, Status, StepResult

_UNDECIDED = frozenset({Status.UNKNOWN, Status.BLOCKED, Status.ERROR})


def explained(causes: Sequence[CauseResult], explains: Mapping[str, frozenset[str]]) -> tuple[CauseResult, ...]:
    """The causes in flow order, each with the first other cause that explains it. Never in a circle."""
    chosen: dict[str, str] = {}
    for cause in causes:
        for other in causes:
            if cause.id in explains.get(other.id, frozenset()) and not _leads_to(other.id, cause.id, chosen):
                chosen[cause.id] = other.id
                break
    return tuple(msgspec.structs.replace(cause, explained_by=chosen.get(cause.id)) for cause in causes)


def _leads_to(start: str, goal: str, chosen: Mapping[str, str]) -> bool:
    """Whether following "explained by" from `start` comes to `goal`."""
    current: str | None = start
    while current is not None:
        if current == goal:
            return True
        current = chosen.get(current)
    return False


def primary_cause(causes: Sequence[CauseResult]) -> str | None:
    """The first failing cause in flow order, else the first warning one; the cause that explains it leads."""
    first = next((c for c in causes if c.status is Status.FAIL), next(iter(causes), None))
    by_id = {cause.id: cause for cause in causes}
    while first is not None and first.explained_by is not None:
        first = by_id[first.explained_by]
    return first.id if first is not None else None


def undecided(steps: Iterable[StepResult], could_find_cause: frozenset[str]) -> tuple[str, ...]:
    """Steps that could have named a cause and did not come to a verdict."""
    return tuple(step.id for step in steps if step.status in _UNDECIDED and step.id in could_find_cause)


def outcome(steps: Sequence[StepResult], could_find_cause: frozenset[str], *, complete: bool = True) -> Outcome:
    """`could_find_cause`: ids of the steps that have a failing or warning branch."""
    statuses = {step.status for step in steps}
    if Status.FAIL in statuses:
        return Outcome.FAIL
    if Status.WARN in statuses:
        return Outcome.WARN
    if not complete or undecided(steps, could_find_cause):
        return Outcome.UNKNOWN
    decided = any(step.status in {Status.PASS, Status.NOT_APPLICABLE} for step in steps)
    return Outcome.PASS if decided else Outcome.UNKNOWN
