"""How a line works off many downloads of one size that start nearly together: time, waiting, groups. Numbers only.

Units: an MB is 10**6 bytes, times are minutes, speeds megabits a second. The line is shared fairly and is the only
bottleneck, so what matters is how much waits for it. "Load of a minute" is what is asked for in that minute and what
still waits from before. The starts of a group are random within its `spread`; how far chance heaps them up is counted
in. `tests/bench/update_load.py` compares all of this with a simulation of single downloads.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from statistics import NormalDist

MB_A_MINUTE = 60 / 8
"""What one megabit a second carries."""

CLIENTS = (1, 1_000_000)
MB = (0.001, 100_000.0)
MBPS = (0.001, 1_000_000.0)
MINUTES = (0.0, 1440.0)
"""Numbers outside these limits are taken as the nearest limit, so that nothing overflows or divides by zero."""

_STRETCHES = 64
"""Stretches of minutes that are tried for the worst one; between them the load hardly changes."""


@dataclass(frozen=True, slots=True)
class Round:
    """`clients` that each fetch `mb` over one line and start at random within `spread` minutes."""

    clients: int
    mb: float
    mbps: float
    spread: float = 0.0

    @classmethod
    def of(cls, clients: float, mb: float, mbps: float, spread: float = 0.0) -> Round:
        """Within the limits, whatever is given. Raises ValueError for what is no number."""
        if math.isnan(clients + mb + mbps + spread):
            raise ValueError("not a number")
        return cls(math.ceil(within(clients, *CLIENTS)), within(mb, *MB), within(mbps, *MBPS), within(spread, *MINUTES))

    @property
    def total_mb(self) -> float:
        return self.clients * self.mb

    @property
    def mb_a_minute(self) -> float:
        return self.mbps * MB_A_MINUTE

    @property
    def minutes(self) -> float:
        """From the first start to the last end: the line's work, or the last start and one download after it."""
        last_start = self.spread * self.clients / (self.clients + 1)
        return max(self.total_mb / self.mb_a_minute, last_start + self.mb / self.mb_a_minute)

    @property
    def peak_mb(self) -> float:
        """The load of the worst minute."""
        return max(load for _, load in self._rising())

    @property
    def wait_minutes(self) -> float:
        """How long the line needs for what waits in the worst minute: the longest download."""
        return self.peak_mb / self.mb_a_minute

    def load(self, minute: int) -> float:
        """The load to expect in the minute that begins `minute` minutes after the first start, in the worst case."""
        starting = max(math.ceil(self.spread), 1)
        highest = max((load for stretch, load in self._rising() if stretch <= minute + 1), default=0.0)
        return max(0.0, highest - self.mb_a_minute * max(0, minute + 1 - starting))

    def carried(self) -> Iterator[float]:
        """What the line carries in each minute on average, until all is done. Only for rounds that end soon."""
        waiting = 0.0
        asked = 0.0
        for minute in range(math.ceil(max(self.minutes, self.spread)) + 1):
            share = min(1.0, (minute + 1) / self.spread) if self.spread else 1.0
            waiting += self.total_mb * share - asked
            asked = self.total_mb * share
            done = min(waiting, self.mb_a_minute)
            waiting -= done
            yield done

    def _rising(self) -> Iterator[tuple[int, float]]:
        """Stretches of whole minutes while clients start, and the load at the end of the busiest of each length."""
        minutes = max(math.ceil(self.spread), 1)
        step = max(1, minutes // _STRETCHES)
        luck = _worst_of(minutes)
        skew = max(0.0, luck * luck - 1) / 6  # few starts a minute scatter more upwards than downwards
        for stretch in sorted({*range(1, minutes + 1, step), minutes}):
            share = min(1.0, stretch / self.spread) if self.spread else 1.0
            chance = luck * math.sqrt(self.clients * share * (1 - share)) + skew * (1 - share)
            starts = min(self.clients, self.clients * share + chance)
            yield stretch, self.mb * max(starts, 1.0) - self.mb_a_minute * (stretch - 1)


def within(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def in_group(whole: Round, groups: int) -> Round:
    """The largest of `groups` equal groups."""
    return replace(whole, clients=math.ceil(whole.clients / groups))


def interval_minutes(window: float, spread: float) -> int:
    """From one group's start to the next: its starts, and the window for the last of them."""
    return math.ceil(window + max(0.0, spread - 1))


def fits(one: Round, window: float) -> bool:
    """Whether nobody waits longer than `window` minutes for the download."""
    return one.wait_minutes <= window


def fewest_groups(whole: Round, window: float) -> int | None:
    """Into how many groups, one after the other, so that each fits; None when not even a single client does."""
    if not fits(replace(whole, clients=1), window):
        return None
    low, high = 1, whole.clients  # the largest group that fits: more clients never wait less
    while low < high:
        middle = (low + high + 1) // 2
        if fits(replace(whole, clients=middle), window):
            low = middle
        else:
            high = middle - 1
    return math.ceil(whole.clients / low)


def _worst_of(count: int) -> float:
    """The largest of `count` normal numbers to expect, in standard deviations (Blom)."""
    return NormalDist().inv_cdf((count - 0.375) / (count + 0.25)) if count > 1 else 0.0
