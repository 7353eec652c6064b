"""What an answer of DNS says about the name, and about the server that gave it."""

from __future__ import annotations

from diagnose.machine.values import DnsAnswer, DnsStatus, Reason, Unseen

Resolved = DnsAnswer | Unseen | None
"""None: not asked."""


def system_status(answer: Resolved) -> DnsStatus | None:
    """None when the system was not seen answering or failing to answer."""
    if isinstance(answer, Unseen) and answer.reason in (Reason.FAILED, Reason.TIMED_OUT):
        # The system was asked and gave no address; it has no server that could be asked why (a PC without network).
        return DnsStatus.TIMEOUT
    return status(answer)


def status(answer: Resolved) -> DnsStatus | None:
    """The status, where an answer without any address counts as "no such name"; None when there was no answer."""
    if not isinstance(answer, DnsAnswer):
        return None
    return answer.status if answer.addresses or answer.status is not DnsStatus.ANSWERED else DnsStatus.NXDOMAIN


def addresses(answer: Resolved) -> tuple[str, ...]:
    """Empty also when the name was not resolved or not asked for."""
    return answer.addresses if isinstance(answer, DnsAnswer) and answer.status is DnsStatus.ANSWERED else ()


def resolver_works(found: DnsStatus | None) -> bool | None:
    """Whether a server did its work, be it with "no such name"."""
    return None if found is None else found in (DnsStatus.ANSWERED, DnsStatus.NXDOMAIN)


def server_answers(found: DnsStatus | None) -> bool | None:
    """Whether a server sent anything at all."""
    return None if found is None else found is not DnsStatus.TIMEOUT
