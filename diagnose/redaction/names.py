"""The names of a customer: what is known beforehand, and what a text gives away by labels and shapes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

from diagnose.redaction.discovery import Discovery
from diagnose.redaction.spelling import spellings

__all__ = ["Names", "discover", "discover_in", "spellings", "union"]


@dataclass(frozen=True, slots=True)
class Names:
    """What identifies the customer; letter case does not matter."""

    users: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    """Short names of computers."""
    domains: frozenset[str] = frozenset()
    """FQDN suffixes, such as corp.example.co.jp."""
    netbios_domains: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    """IPv4 addresses that are the customer's even where they look like a version."""
    keep_hosts: frozenset[str] = frozenset()
    """More suffixes of host names that stay, beside the vendors' own."""


def discover(text: str) -> Names:
    """Names that stand beside a label or in a telling shape; plain words are never learnt."""
    return discover_in([text])


def discover_in(texts: Iterable[str]) -> Names:
    """The same for many texts, one of which is in memory at a time."""
    found = Discovery()
    for text in texts:
        found.read(text)
    return Names(
        users=frozenset(found.users),
        hosts=frozenset(found.hosts),
        domains=frozenset(found.domains),
        netbios_domains=frozenset(found.netbios_domains),
    )


def union(names: Iterable[Names]) -> Names:
    """What any of them knows."""
    known = list(names)
    return Names(*(frozenset[str]().union(*(getattr(one, field.name) for one in known)) for field in fields(Names)))
