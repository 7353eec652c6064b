"""What became of each host: three ways of not being told that all is well, which never share a word."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

import msgspec

from diagnose.run.result import Outcome, RunResult
from diagnose.text import Text

SCHEMA: Literal["diagnose.remote/1"] = "diagnose.remote/1"


class State(StrEnum):
    """How far the work on a host came."""

    DONE = "done"  # its result is here; `outcome` says what the tool says
    UNREACHABLE = "unreachable"  # nobody let us in: nothing is known about this computer
    TOOL_FAILED = "tool_failed"  # we were in, and have no result: a fault of ours or of the way, not of its agent
    NOT_RUN = "not_run"  # we were stopped before


class Reason(StrEnum):
    """Why there is no result."""

    # unreachable
    NAME_NOT_RESOLVED = "name-not-resolved"
    REFUSED = "refused"
    NO_ROUTE = "no-route"
    TIMEOUT = "timeout"
    CLOSED = "closed"
    NO_COMMON_ALGORITHM = "no-common-algorithm"
    HOST_KEY_UNKNOWN = "host-key-unknown"
    HOST_KEY_CHANGED = "host-key-changed"
    DENIED = "denied"
    NOT_CONNECTED = "not-connected"
    # tool failed
    NO_ANSWER = "no-answer"
    NO_PYTHON = "no-python"
    NO_PROGRAM = "no-program"
    NO_SPACE = "no-space"
    STALLED = "stalled"
    LATE = "late"
    DROPPED = "dropped"
    REFUSED_ORDER = "refused-order"
    CRASHED = "crashed"
    GARBAGE = "garbage"
    TOO_LARGE = "too-large"
    OTHER_RUN = "other-run"
    INVALID_RESULT = "invalid-result"
    NOT_KEPT = "not-kept"
    OUR_BUG = "our-bug"
    # not run
    INTERRUPTED = "interrupted"


class RemoteError(Exception):
    """There is no result of this host. `detail` may come from the host: hostile until it is shown by `one_line`."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail[:DETAIL]

    @property
    def state(self) -> State:
        if self.reason is Reason.INTERRUPTED:
            return State.NOT_RUN
        return State.UNREACHABLE if self.reason in _NEVER_IN else State.TOOL_FAILED


DETAIL = 400
"""Characters of what a host or ssh said."""
_NEVER_IN = frozenset(
    {
        Reason.NAME_NOT_RESOLVED,
        Reason.REFUSED,
        Reason.NO_ROUTE,
        Reason.TIMEOUT,
        Reason.CLOSED,
        Reason.NO_COMMON_ALGORITHM,
        Reason.HOST_KEY_UNKNOWN,
        Reason.HOST_KEY_CHANGED,
        Reason.DENIED,
        Reason.NOT_CONNECTED,
    }
)


class CauseLine(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    title: Text


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a host's result says, as far as a list of hosts needs it."""

    outcome: Outcome
    hostname: str | None
    product: str
    flow: str
    run: str
    primary_cause: CauseLine | None
    causes: int

    @classmethod
    def of(cls, result: RunResult) -> Verdict:
        primary = next((cause for cause in result.causes if cause.id == result.primary_cause), None)
        return cls(
            outcome=result.outcome,
            hostname=result.machine.hostname,
            product=result.product.id,
            flow=result.flow.id,
            run=result.run.id,
            primary_cause=None if primary is None else CauseLine(id=primary.id, title=primary.title),
            causes=len(result.causes),
        )


class HostRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One host in summary.json."""

    host: str
    state: State
    folder: str | None
    """Its folder in the output folder; null when there is none."""
    started: datetime | None
    duration_s: float | None
    verdict: Verdict | None = None
    """Of state `done` only."""
    reason: Reason | None = None
    """Of every other state."""
    detail: str = ""
    bundle: str | None = None
    """The bundle's file name in the folder; null when none was wanted or had."""
    bundle_problem: str = ""
    left: str = ""
    """What may still be on the host: a folder; empty when all of it was removed, or nothing was ever put there."""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """summary.json. `hosts` holds those of earlier runs into the same folder, too."""

    schema: Literal["diagnose.remote/1"] = SCHEMA
    id: str
    started: datetime
    finished: datetime | None
    tool_version: str
    interrupted: bool
    totals: dict[str, int]
    """How many hosts by `pass`, `warn`, `fail`, `unknown`, `unreachable`, `tool_failed`, `not_run`; and `hosts`."""
    hosts: tuple[HostRecord, ...]


def standing(record: HostRecord) -> str:
    """One word for all: the outcome of a host that was judged, else its state."""
    return str(record.verdict.outcome if record.verdict is not None else record.state)


STANDINGS = ("fail", "warn", "unknown", "pass", "tool_failed", "unreachable", "not_run")
"""In the order in which people want to look at them."""


def totals(hosts: tuple[HostRecord, ...]) -> dict[str, int]:
    counted = dict.fromkeys(STANDINGS, 0)
    for record in hosts:
        counted[standing(record)] += 1
    return {"hosts": len(hosts), **counted}
