"""What the runner would hand to a check, for tests: facts from a dictionary, no rules and no clock."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from diagnose.check import Saw, Sighting, Value
from diagnose.machine.interface import Machine
from diagnose.machine.values import Reason, Unseen
from tests.unit.fake_machine import NOON, FakeMachine

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class FakeContext:
    """Implements `Context`.

    `facts`: name to a plain value, a `Saw` or an `Unseen`; what is not named is `Unseen(MISSING)`.
    `conditions`: condition text to its result; a condition that is not named is unknown.
    """

    machine: Machine = field(default_factory=FakeMachine)
    facts: Mapping[str, Value | Sighting] = field(default_factory=dict)
    now: datetime = NOON
    conditions: Mapping[str, bool | Unseen] = field(default_factory=dict)

    def fact(self, name: str) -> Sighting:
        held = self.facts.get(name, Unseen(Reason.MISSING, name))
        return held if isinstance(held, Saw | Unseen) else Saw(held, name)

    def fill(self, text: str) -> str | Unseen:
        for name in _PLACEHOLDER.findall(text):
            held = self.fact(name)
            if isinstance(held, Unseen):
                return held
            text = text.replace("{" + name + "}", str(held.value))
        return text

    def applies(self, when: str | None) -> bool | Unseen:
        return True if when is None else self.conditions.get(when, Unseen(Reason.MISSING, when))
