"""Prints what the live machine says about the lab's network, as JSON: `python -m tests.lab.answers`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from diagnose.machine.live import open_live_machine
from diagnose.machine.values import Resolver


def main() -> None:
    machine = open_live_machine(lambda: datetime.now(UTC))
    questions: dict[str, Callable[[], Any]] = {
        "system": lambda: machine.resolve("www.example.com", Resolver.SYSTEM),
        "system unknown": lambda: machine.resolve("無い.example.com", Resolver.SYSTEM),
        "public": lambda: machine.resolve("www.example.com", Resolver.PUBLIC),
        "public unknown": lambda: machine.resolve("無い.example.com", Resolver.PUBLIC),
        "tcp": lambda: machine.connect("www.example.com", 443),
        "tcp by address": lambda: machine.connect("203.0.113.10", 443),
        "tcp closed": lambda: machine.connect("203.0.113.10", 4343),
        "tls": lambda: machine.handshake("www.example.com", 443),
        "tls by address": lambda: machine.handshake("203.0.113.10", 443),
        "http": lambda: machine.fetch("https://www.example.com/"),
        "clock": machine.clock_offset,
    }
    # Side by side, as the runner asks them; most of the time is waiting.
    with ThreadPoolExecutor(len(questions)) as pool:
        answers = dict(zip(questions, pool.map(lambda ask: ask(), questions.values()), strict=True))
    shown = {name: asdict(answer) | {"kind": type(answer).__name__} for name, answer in answers.items()}
    json.dump(shown, sys.stdout, default=str)


if __name__ == "__main__":
    main()
