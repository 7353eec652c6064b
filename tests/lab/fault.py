"""One fault of the lab, and the setups that several of them share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.lab.addresses import (
    BACKEND,
    BACKENDS,
    INSIDE,
    PORTAL,
    PROXY,
    PROXY_PORTS,
    PUBLIC,
    RESOLVERS,
    UPDATE,
    UPDATE_V6,
    VENDOR,
)
from tests.lab.offices import Setup

HTTPS = "tcp dport 443"
TO_UPDATE = f"ip daddr {VENDOR[UPDATE]} {HTTPS}"
# Only what leaves: the answers to it have addresses of the office.
OUTSIDE = f'iifname "lan" ip daddr != {INSIDE}'
PUBLIC_SERVERS = f"ip daddr {{ {', '.join(PUBLIC)} }}"


@dataclass(frozen=True, slots=True)
class Fault:
    id: str
    made: str
    """How, in a few words."""
    expected: str
    """The cause that has to come first; empty: none may be named."""
    setup: Setup
    severity: str = "fail"
    """Of the first cause: fail or warn."""
    accept: Mapping[str, str] = field(default_factory=dict)
    """What is right as well, with the reason."""
    also: tuple[str, ...] = ()
    """Of a combination: what has to be named beside the first, as a cause or as another endpoint's."""
    names: str = ""
    """What the sentence of the first cause has to contain."""

    @property
    def healthy(self) -> bool:
        return not self.expected


def served(kind: str) -> Setup:
    """Another server answers for the vendor's update server."""
    return Setup(redirect=(f"{TO_UPDATE} dnat ip to {BACKEND}:{BACKENDS[kind]}",))


def resolver(*kinds: str) -> Setup:
    return Setup(resolvers=tuple(RESOLVERS[kind] for kind in kinds))


def passing(*rules: str) -> Setup:
    return Setup(forward=rules)


def proxy(kind: str, user: str = "", host: str = PROXY) -> Setup:
    return Setup(proxy=f"http://{user}{host}:{PROXY_PORTS[kind]}")


def sni(action: str, host: str = UPDATE) -> Setup:
    return Setup(inspect=(f"-p tcp --dport 443 -m string --algo bm --string {host} -j {action}",))


NO_WAY_OUT = passing(f"{OUTSIDE} drop")
"""The firewall lets nothing out but what goes to servers of the company, such as the proxy."""
NO_PUBLIC_DNS = passing(f"{OUTSIDE} meta l4proto {{ tcp, udp }} th dport {{ 53, 853 }} drop", f"{PUBLIC_SERVERS} drop")
UNKNOWN_TO_PUBLIC = resolver("inside-only")
INSPECTOR = f"{BACKEND}:{BACKENDS['inspected']}"
INSPECTED = Setup(redirect=(f"ip daddr {{ {', '.join(VENDOR.values())} }} {HTTPS} dnat ip to {INSPECTOR}",))
TRUSTED = Setup(trusts_inspection=True)
DROPPED, RESET = passing(f"{TO_UPDATE} drop"), passing(f"{TO_UPDATE} reject with tcp reset")
IPV6_DEAD = resolver("dual-stack") | passing(f"ip6 daddr {UPDATE_V6} drop")
TO_PORTAL = f"dnat ip to {PORTAL}"
PORTAL_EVERYWHERE = Setup(redirect=(f"{OUTSIDE} tcp dport 80 {TO_PORTAL}:80", f"{OUTSIDE} {HTTPS} {TO_PORTAL}:443"))
PORTAL_HTTP_ONLY = Setup(redirect=(f"{OUTSIDE} tcp dport 80 {TO_PORTAL}:80",))
