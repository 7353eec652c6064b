"""Which causes lead, and which are listed under another one that explains them."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.run.result import CauseResult, RunResult, Status


@dataclass(frozen=True, slots=True)
class CauseGroup:
    """A cause that no other one explains, and what it explains itself."""

    leader: CauseResult
    explained: tuple[CauseResult, ...]
    """What the leader explains, directly or through others, in flow order."""


def cause_groups(result: RunResult) -> tuple[CauseGroup, ...]:
    """Every cause of the run once, as a leader or under one; the group of the primary cause comes first.

    In a foreign file causes may explain each other in a circle: then one of the circle leads.
    """
    leader_of = _leader_ids({cause.id: cause.explained_by for cause in result.causes})
    # Two steps may find the same cause; its text is told once: of the first that fails, else of the first.
    first: dict[str, CauseResult] = {}
    for cause in result.causes:
        if leader_of[cause.id] == cause.id:
            known = first.setdefault(cause.id, cause)
            if known.status is Status.WARN and cause.status is Status.FAIL:
                first[cause.id] = cause
    leaders = list(first.values())
    leaders.sort(key=lambda cause: cause.id != result.primary_cause)
    explained: dict[str, list[CauseResult]] = {}
    for cause in result.causes:
        if leader_of[cause.id] != cause.id:
            explained.setdefault(leader_of[cause.id], []).append(cause)
    return tuple(CauseGroup(leader, tuple(explained.pop(leader.id, ()))) for leader in leaders)


def _leader_ids(explained_by: dict[str, str | None]) -> dict[str, str]:
    """Cause id to the id at the end of its chain of explanations; each cause is walked over once."""
    leader_of: dict[str, str] = {}
    for start in explained_by:
        chain: list[str] = []
        here, seen = start, set[str]()
        while here not in leader_of and here not in seen:
            seen.add(here)
            chain.append(here)
            following = explained_by[here]
            here = following if following in explained_by and following is not None else here
        leader = leader_of.get(here, here)
        leader_of.update(dict.fromkeys(chain, leader))
    return leader_of
