"""Why a host has no result, from what our collection and Ansible say of it: the same words as `diagnose remote` has."""

from __future__ import annotations

from collections.abc import Mapping

from diagnose.fleet.ansible_events import Ended
from diagnose.remote.outcomes import Reason, RemoteError
from diagnose.remote.ssh import SshLog
from diagnose.remote.work import Phase

_REASONS: Mapping[str, Reason] = {
    "no-program": Reason.NO_PROGRAM,
    "not-sent": Reason.STALLED,
    "no-space": Reason.NO_SPACE,
    "not-unpacked": Reason.NO_SPACE,
    "no-answer": Reason.CRASHED,
    "late": Reason.LATE,
    "interrupted": Reason.INTERRUPTED,
}

_BEFORE = ("Task failed: ", "Failed to connect to the host via ssh: ")


def failure(event: Ended, phase: Phase | None) -> RemoteError:
    """`phase`: how far the work had come. Whoever was never in knows nothing of the host, whatever Ansible calls it."""
    if (known := _REASONS.get(event.reason)) is not None and event.state == "failed":
        return RemoteError(known, event.detail if event.detail != event.reason else "")
    if phase not in (None, Phase.CONNECTING):
        lost = event.state == "unreachable"
        return RemoteError(Reason.DROPPED if lost else Reason.NO_ANSWER, event.detail)
    if event.state == "unreachable":
        return SshLog(_said(event.detail)).why_not_in()
    # A connection of Ansible that cannot even begin, such as one whose library is not installed here.
    return RemoteError(Reason.NOT_CONNECTED, _said(event.detail))


def _said(detail: str) -> str:
    """Without what Ansible puts before it."""
    for before in _BEFORE:
        detail = detail.removeprefix(before)
    return detail
