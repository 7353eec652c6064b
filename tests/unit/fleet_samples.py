"""A made-up fleet whose causes are known: correlated facts of a company, four planted causes, values that are missing.

A `single` cause hits one driver, a `pair` old versions behind a PAC file, a `mixed` pair expired certificates on one
build, a `number` expired certificates. Background: a few computers are affected for other reasons.
"""

from __future__ import annotations

import bisect
import itertools
import random
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from diagnose.fleet.columns import Column
from diagnose.fleet.properties import Part, describe
from diagnose.fleet.sets import set_of

Row = dict[str, Any]

VERSIONS = ["7.0.1", "7.0.14", "7.1.0", "7.1.3", "7.2.0", "7.2.4", "7.2.5", "7.2.10", "7.3.0", "7.3.2", "7.10.0"]
_VERSION_WEIGHTS = [2, 3, 5, 5, 5, 5, 10, 15, 15, 15, 20]
_MODES = ["none", "manual", "pac", "wpad"]
_DRIVERS = ["e1d 12.19.1.37", "e1d 12.19.2.45", "rt640 10.68", "rt640 10.70", "iwlwifi 23.10", "vmxnet3 1.9"]
_DRIVER_WEIGHTS = [5, 20, 20, 20, 20, 15]
_BUILDS = [19044, 19045, 22621, 22631, 26100]
_BUILD_WEIGHTS = [5, 30, 15, 25, 25]

PLANTED = {
    "single": {"drv.nic"},
    "pair": {"agent.version", "net.proxy_mode"},
    "mixed": {"agent.cert_days_left", "os.build"},
    "number": {"agent.cert_days_left"},
}
"""Cause to the facts that it rests on."""


class Fleet:
    """`noise` facts that have nothing to do with anything, a third each of words, flags and numbers."""

    def __init__(self, seed: int, noise: int = 90) -> None:
        self._random = random.Random(seed)
        draw = self._random
        self._site_weights = list(itertools.accumulate(draw.gammavariate(1, 1) for _ in range(40)))
        self._words = []
        for _ in range(noise // 3):
            weights = list(itertools.accumulate(draw.gammavariate(1, 1) for _ in range(draw.randint(2, 20))))
            self._words.append((len(weights), weights))
        self._flags = [draw.uniform(0.03, 0.97) for _ in range(noise // 3)]
        self._numbers = [10.0 * (at + 1) for at in range(noise - 2 * (noise // 3))]

    def rows(self, count: int) -> Iterator[Row]:
        for number in range(count):
            yield self._row(number)

    def _row(self, number: int) -> Row:
        draw = self._random
        site = bisect.bisect(self._site_weights, draw.random() * self._site_weights[-1])
        build = draw.choices(_BUILDS, _BUILD_WEIGHTS)[0]
        row: Row = {
            "net.site": f"site-{site:02d}",
            "net.dns_suffix": f"s{site % 12}.example.co.jp",
            "net.proxy_mode": _MODES[site % 4] if draw.random() < 0.7 else draw.choice(_MODES),
            "os.build": build,
            "os.version": f"10.0.{build}.{draw.randint(4, 19) * 250}",
            "agent.version": draw.choices(VERSIONS, _VERSION_WEIGHTS)[0],
            "agent.server": f"srv{site % 6}",
            "agent.cert_days_left": int(draw.gauss(200, 130)),
            "agent.policy_age_h": round(draw.expovariate(1 / 20), 1),
            "hw.model": f"Model {draw.randrange(25)}",
            "drv.nic": draw.choices(_DRIVERS, _DRIVER_WEIGHTS)[0],
            "id.serial": f"{draw.getrandbits(48):012x}",
            "const.mode": "enabled",
        }
        for at, (size, weights) in enumerate(self._words):
            row[f"cfg.word{at:02d}"] = f"v{min(size - 1, bisect.bisect(weights, draw.random() * weights[-1]))}"
        for at, chance in enumerate(self._flags):
            row[f"cfg.flag{at:02d}"] = draw.random() < chance
        for at, scale in enumerate(self._numbers):
            row[f"met.num{at:02d}"] = round(draw.gammavariate(2, scale), 2) if at % 2 else draw.randrange(int(scale))
        return row

    def lose_some(self, row: Row, share: float = 0.03) -> Row:
        """The row with values that could not be seen."""
        return {name: None if self._random.random() < share else value for name, value in row.items()}

    def affected(self, row: Row, cause: str) -> bool:
        draw = self._random
        old = VERSIONS.index(row["agent.version"]) < VERSIONS.index("7.2.5")
        expired = row["agent.cert_days_left"] < 0
        has_it, rate, background = {
            "single": (row["drv.nic"] == _DRIVERS[0], 0.9, 0.003),
            "pair": (old and row["net.proxy_mode"] == "pac", 0.85, 0.005),
            "mixed": (expired and row["os.build"] == 19045, 0.9, 0.003),
            "number": (expired, 0.85, 0.01),
            "nothing": (False, 0.0, 0.05),
        }[cause]
        return draw.random() < (rate if has_it else background)

    def sample(self, cause: str, affected: int, healthy: int) -> tuple[list[Row], list[bool]]:
        """So many of each, as a helpdesk collects them, in random order, with values missing."""
        sick: list[Row] = []
        well: list[Row] = []
        while len(sick) < affected or len(well) < healthy:
            row = self._row(0)
            (sick if self.affected(row, cause) else well).append(self.lose_some(row))
        rows = [(row, True) for row in sick[:affected]] + [(row, False) for row in well[:healthy]]
        self._random.shuffle(rows)
        return [row for row, _ in rows], [label for _, label in rows]


def result_json(row: Row, host: str, causes: Sequence[str] = (), **changes: Any) -> bytes:
    """A result.json with these facts, in ten steps. `changes`: `taken`, `outcome`, `step`, `flow`, `hostname`, ..."""
    names = list(row)
    share = -(-len(names) // 10)
    steps = [
        _step(f"step-{at}", {name: row[name] for name in names[at * share : (at + 1) * share]}) for at in range(10)
    ]
    for cause in sorted({*PLANTED, "blocked", *causes, *changes.get("known", ())}):
        status = changes.get("status", "fail" if cause in causes else "pass")
        steps.append({**_step(f"step-of-{cause}", {}), "status": status, "cause": cause if cause in causes else None})
    return msgspec.json.encode(
        {
            "schema": "diagnose.result/1",
            "run": {
                "id": changes.get("run", f"run-of-{host}"),
                "started": changes.get("taken", "2026-11-21T09:00:00+09:00"),
                "finished": changes.get("finished", "2026-11-21T09:00:07+09:00"),
                "duration_s": 7.0,
                "tool_version": "0.1.0",
                "rules_digest": "850791bd33898680dc03",
                "language": "ja",
                "interrupted": False,
            },
            "machine": {
                "hostname": host,
                "platform": changes.get("platform", "windows"),
                "os": {
                    "name": "Windows 11 Pro",
                    "version": "10.0.26100",
                    "build": changes.get("build", 26100),
                    "ubr": 1,
                },
                "architecture": changes.get("architecture", "x86_64"),
                "recorded": False,
                "elevated": True,
            },
            "product": {"id": "sample", "name": _text("見本製品"), "role": "agent", "version": "14.0"},
            "flow": {"id": changes.get("flow", "update"), "title": _text("更新できない"), "source": "S-1"},
            "outcome": changes.get("outcome", "fail" if causes else "pass"),
            "primary_cause": causes[0] if causes else None,
            "causes": [_cause(cause) for cause in causes],
            "steps": steps,
            "questions": [],
            "incident": {},
        }
    )


def _step(step_id: str, facts: Row) -> Row:
    source = "HKLM\\SOFTWARE\\Vendor\\Agent"
    return {
        "id": step_id,
        "title": _text(step_id),
        "status": "pass",
        "evidence": {},
        "facts": {name: {"value": value, "source": source, "title": None} for name, value in facts.items()},
        "because": None,
        "cause": None,
        "started": None,
        "duration_s": 0.1,
    }


def _cause(cause_id: str) -> Row:
    return {
        "id": cause_id,
        "step": f"step-of-{cause_id}",
        "status": "fail",
        "explained_by": None,
        "title": {"ja": f"原因 {cause_id}", "en": f"Cause {cause_id}"},
        "because": _text("理由"),
        "remedy": {"ja": [], "en": []},
        "source": "S-1",
        "rests_on": [],
    }


def _text(text: str) -> Row:
    return {"ja": text, "en": text}


def columns_of(rows: Sequence[Row]) -> list[Column]:
    columns: dict[str, Column] = {}
    for number, row in enumerate(rows):
        for name, value in row.items():
            columns.setdefault(name, Column(name)).add(number, value)
    return list(columns.values())


def parts_and_labels(rows: Sequence[Row], labels: Sequence[bool]) -> tuple[list[Part], int, int]:
    """The properties of all columns, and the sets of the affected and of the healthy."""
    parts = [part for column in columns_of(rows) for part in describe(column, range(len(rows))).parts]
    return parts, set_of(labels), set_of([not label for label in labels])
