"""What a flow is told about an environment, put together: who fetches how much over which line, and in how many groups.

Everything that a vendor says (sizes, how long a difference is offered) is given by the flow; nothing is known here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from calculations._load_model import MB, MINUTES, Round, fewest_groups, fits, in_group, interval_minutes, within
from diagnose.calculation import Input
from diagnose.expressions.types import BOOL, DOUBLE, list_of

DEFAULT_WINDOW = 60.0
Difference = Literal["applies", "not_offered", "too_old", "unknown"]

INPUTS: Mapping[str, Input] = {
    "client_count": Input(DOUBLE),
    "link_mbps": Input(DOUBLE),
    "known_mb": Input(list_of(DOUBLE)),
    "difference_mb": Input(DOUBLE),
    "difference_days": Input(DOUBLE),
    "difference_offered": Input(BOOL, needed=False),
    "days_between_updates": Input(DOUBLE, needed=False),
    "update_mb": Input(DOUBLE, needed=False),
    "window_minutes": Input(DOUBLE, needed=False),
    "spread_minutes": Input(DOUBLE, needed=False),
    "mirror_count": Input(DOUBLE, needed=False),
    "sites": Input(DOUBLE, needed=False),
    "clients_per_site": Input(DOUBLE, needed=False),
    "site_link_mbps": Input(DOUBLE, needed=False),
}
"""`known_mb`: full updates of the past; the largest is planned with unless `update_mb` says otherwise. A client that
updated within `difference_days` takes `difference_mb` at most, where the mirror offers differences. `link_mbps`
is the line of each mirror; with a `mirror_count` of 0 all clients share the line to the internet. `sites`: places other
than the mirror's, with lines of their own to it."""


@dataclass(frozen=True, slots=True)
class Plan:
    clients: int
    mirrors: int
    """0: every client fetches from the vendor."""
    difference: Difference
    full_mb: float
    """One client's whole update."""
    window: float
    """Minutes."""
    line: Round
    """What passes the line of each mirror, or the line to the internet."""
    full_line: Round
    """The same when every client takes the whole update."""
    sites: int
    mirror_at_site: bool
    site: Round | None
    """What passes the line of a site; None without sites, or while the line's speed is not known."""
    groups: int | None
    """The fewest, one after the other, so that nobody waits longer than the window on any line; None: none will do."""

    @property
    def interval(self) -> int:
        """Minutes from one group's start to the next."""
        return interval_minutes(self.window, self.line.spread)

    @property
    def line_fits(self) -> bool:
        return fits(self.line, self.window)

    @property
    def sites_fit(self) -> bool | None:
        """None: nobody knows how fast their lines are."""
        if self.site is None:
            return None if self.sites else True
        return fits(self.site, self.window)

    def grouped(self, whole: Round) -> Round:
        """The largest of the groups; the whole when there are none."""
        return in_group(whole, self.groups or 1)

    def grouped_minutes(self, whole: Round) -> float:
        return ((self.groups or 1) - 1) * self.interval + self.grouped(whole).minutes

    @property
    def within_a_day(self) -> bool:
        """Whether the groups, where there are any, all have their turn on one day."""
        return self.groups is not None and self.groups * self.interval <= MINUTES[1]


def plan(given: Mapping[str, Any]) -> Plan:
    """Of the INPUTS. Raises ValueError for a number that is none."""
    clients = Round.of(given["client_count"], 1, 1).clients
    count = _or(given["mirror_count"], 1.0)
    mirrors = 0 if count < 1 else math.ceil(within(count, 1, clients))
    full_mb = within(_or(given["update_mb"], max(given["known_mb"])), *MB)
    difference = _difference(given)
    mb = min(full_mb, given["difference_mb"]) if difference == "applies" else full_mb
    spread = _or(given["spread_minutes"], 0.0)
    window = within(_or(given["window_minutes"], DEFAULT_WINDOW), 1.0, MINUTES[1])
    on_line = math.ceil(clients / max(mirrors, 1))
    line = Round.of(on_line, mb, given["link_mbps"], spread)
    sites = math.floor(within(_or(given["sites"], 0.0), 0, clients))
    mirror_at_site = 0 < sites < mirrors
    site = None
    if sites and given["site_link_mbps"] is not None:
        speed = given["site_link_mbps"]
        there = _or(given["clients_per_site"], math.ceil(clients / (sites + 1)))
        # A mirror's own download is never a difference.
        one_mirror, everyone = Round.of(1, full_mb, speed), Round.of(min(clients, there), mb, speed, spread)
        site = one_mirror if mirror_at_site else everyone
    needed = [fewest_groups(one, window) for one in (line, site) if one is not None]
    counts = [count for count in needed if count is not None]
    return Plan(
        clients=clients,
        mirrors=mirrors,
        difference=difference,
        full_mb=full_mb,
        window=window,
        line=line,
        full_line=Round.of(on_line, full_mb, given["link_mbps"], spread),
        sites=sites,
        mirror_at_site=mirror_at_site,
        site=site,
        groups=max(counts) if len(counts) == len(needed) else None,
    )


def _difference(given: Mapping[str, Any]) -> Difference:
    offered, days = given["difference_offered"], given["days_between_updates"]
    if offered is False:
        return "not_offered"
    if days is not None and days > given["difference_days"]:
        return "too_old"
    return "applies" if offered and days is not None else "unknown"


def _or(value: float | None, default: float) -> float:
    return default if value is None else value
