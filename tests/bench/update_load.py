"""The model of update load against single downloads, simulated one by one; run by hand:

python -m tests.bench.update_load [CLIENTS]

Every client starts at a random moment of its group, waits for one of the mirror's connections, and shares the mirror's
line, and its site's where it is at one, fairly with all others (max-min). The simulation knows nothing of the model.
"""

from __future__ import annotations

import heapq
import math
import random
import statistics
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from calculations._load_model import MB_A_MINUTE, Round, fewest_groups, in_group, interval_minutes

CLOSE = 0.05
SEEDS = 10


@dataclass(frozen=True, slots=True)
class Environment:
    """One mirror, the clients behind its line, and sites behind lines of their own."""

    clients: int
    mb: float
    mbps: float
    spread: float = 1.0
    """Minutes within which a group starts."""
    groups: int = 1
    interval: float = 0.0
    """Minutes from one group's start to the next."""
    connections: int = 400
    sites: int = 0
    at_site: int = 0
    """Clients at each site; they are among `clients`."""
    site_mbps: float = 0.0


@dataclass(frozen=True, slots=True)
class Seen:
    minutes: float
    """From the first start to the last end."""
    peak_mb: float
    """The most that waited at the start of a minute and was asked for in it."""
    carried_mb: float


def simulate(where: Environment, seed: int) -> Seen:
    """Events in order of time: a start, the end of a download, the turn of a minute."""
    chance = random.Random(seed)
    places = [0] * (where.clients - where.sites * where.at_site)
    places += [site for site in range(1, where.sites + 1) for _ in range(where.at_site)]
    chance.shuffle(places)
    size = math.ceil(where.clients / where.groups)
    starts = sorted(
        (number // size * where.interval + chance.random() * where.spread, place) for number, place in enumerate(places)
    )
    line = _Line(where)
    first = starts[0][0]
    coming = deque(starts)
    minute, backlog, asked, peak, now = 0, 0.0, 0.0, 0.0, 0.0
    while coming or line.busy:
        start = coming[0][0] if coming else math.inf
        event = min(start, line.next_end(now), minute + 1)
        line.advance(event - now)
        now = event
        if now == start:
            asked += where.mb
            line.start(coming.popleft()[1])
        elif now == minute + 1:
            peak = max(peak, backlog + asked)
            backlog, asked, minute = line.waiting_mb, 0.0, minute + 1
        else:
            line.end_one()
    return Seen(now - first, max(peak, backlog + asked), line.carried)


class _Line:
    """The mirror's line and those of the sites: how fast each download runs at the moment."""

    def __init__(self, where: Environment) -> None:
        self._where = where
        self._limits = [math.inf] + [where.site_mbps * MB_A_MINUTE] * where.sites
        self._done = [0.0] * len(self._limits)
        """What a download at this place would have, had it run from the beginning."""
        self._ends: list[list[float]] = [[] for _ in self._limits]
        self._queue: deque[int] = deque()
        self._rates = [0.0] * len(self._limits)
        self.carried = 0.0
        self.waiting_mb = 0.0
        self._running = 0

    @property
    def busy(self) -> bool:
        return self._running > 0

    def start(self, place: int) -> None:
        self.waiting_mb += self._where.mb
        if self._running < self._where.connections:
            self._run(place)
        else:
            self._queue.append(place)

    def _run(self, place: int) -> None:
        self._running += 1
        heapq.heappush(self._ends[place], self._done[place] + self._where.mb)
        self._share()

    def end_one(self) -> None:
        place = min(self._active(), key=self._left)
        heapq.heappop(self._ends[place])
        self._running -= 1
        if self._queue:
            self._run(self._queue.popleft())
        else:
            self._share()

    def advance(self, minutes: float) -> None:
        for place in self._active():
            moved = self._rates[place] * minutes
            self._done[place] += moved
            self.carried += moved * len(self._ends[place])
            self.waiting_mb -= moved * len(self._ends[place])

    def next_end(self, now: float) -> float:
        return now + min((self._left(place) for place in self._active()), default=math.inf)

    def _left(self, place: int) -> float:
        return max(0.0, (self._ends[place][0] - self._done[place]) / self._rates[place])

    def _active(self) -> list[int]:
        return [place for place, ends in enumerate(self._ends) if ends]

    def _share(self) -> None:
        """Max-min: whoever can take less than an equal part leaves the rest to the others."""
        left, downloads = self._where.mbps * MB_A_MINUTE, self._running
        for place in sorted(self._active(), key=lambda place: self._limits[place] / len(self._ends[place])):
            here = len(self._ends[place])
            self._rates[place] = min(left / downloads, self._limits[place] / here)
            left -= self._rates[place] * here
            downloads -= here


@dataclass(frozen=True, slots=True)
class Compared:
    where: Environment
    seen: Seen
    """Means of several runs."""
    minutes: float
    peak_mb: float

    @property
    def errors(self) -> tuple[float, float]:
        """Of the model, as a part of what was seen: minutes, peak."""
        return self.minutes / self.seen.minutes - 1, self.peak_mb / self.seen.peak_mb - 1


def compare(where: Environment, seeds: Sequence[int]) -> Compared:
    runs = [simulate(where, seed) for seed in seeds]
    seen = Seen(*(statistics.fmean(getattr(run, name) for run in runs) for name in Seen.__slots__))
    group = in_group(Round.of(where.clients, where.mb, where.mbps, where.spread), where.groups)
    minutes = (where.groups - 1) * where.interval + group.minutes
    if where.sites:
        minutes = max(minutes, Round.of(where.at_site, where.mb, where.site_mbps, where.spread).minutes)
    return Compared(where, seen, minutes, group.peak_mb)


def environments(clients: int) -> list[Environment]:
    """Overloaded, just about enough, idle; together, within ten minutes, within an hour; in groups; with sites."""
    mbps = clients * 68.4 / 60 / MB_A_MINUTE  # carries a whole base within an hour
    plain = [
        Environment(clients, 68.4, mbps * much, spread)
        for spread in (1, 10, 60, 240)
        for much in (0.2, 0.9, 1.0, 1.2, 5)
    ]
    few = [replace(one, connections=20) for one in plain[:2]]
    grouped = []
    for spread in (1, 10):
        whole = Round.of(clients, 68.4, mbps * 0.2, spread)
        groups = fewest_groups(whole, 60)
        assert groups is not None
        grouped.append(Environment(clients, 68.4, mbps * 0.2, spread, groups, interval_minutes(60, spread)))
    at_site = clients // 20
    site_mbps = at_site * 68.4 / 180 / MB_A_MINUTE
    sites = [
        Environment(clients, 68.4, mbps * much, 1, sites=10, at_site=at_site, site_mbps=site_mbps, connections=limit)
        for much in (0.2, 1, 5)
        for limit in (400, clients)
    ]
    return plain + few + grouped + sites


def main() -> None:
    clients = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    print(f"{clients} clients, 68.4 MB each, {SEEDS} runs each; error of the model (close: {CLOSE:.0%})")
    print("  Mbps  starts  groups  at once  sites     minutes   error      peak MB   error")
    worst = 0.0
    started = time.perf_counter()
    for where in environments(clients):
        found = compare(where, range(SEEDS))
        minutes, peak = found.errors
        worst = max(worst, abs(minutes), abs(peak))
        print(
            f"{where.mbps:7.0f} {where.spread:4.0f} min {where.groups:6} {where.connections:8} {where.sites:6}"
            f" {found.seen.minutes:11.1f} {minutes:+7.1%} {found.seen.peak_mb:12.0f} {peak:+7.1%}"
            f"{'' if max(abs(minutes), abs(peak)) <= CLOSE else '   not close'}"
        )
    print(f"worst {worst:.1%}; {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
