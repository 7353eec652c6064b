"""What a host is told to do, and what it says of its answer. Both ends of a run read this file."""

from __future__ import annotations

from typing import Literal

import msgspec

from diagnose.text import Language

SCHEMA: Literal["diagnose.remote-order/1"] = "diagnose.remote-order/1"
ANSWER, BUNDLE, MAP = "answer.zip", "bundle.zip", "map.json"
"""What the program leaves in its folder; the last two where a bundle was wanted."""
ABOUT = "about.json"
"""The first member of the answer."""
LATE = "late"
"""The problem of a bundle that was not finished in its time."""
LARGEST_ORDER = 8_000_000
_TAIL_S = 60.0
"""For starting, writing the recording, packing."""


class BundleOrder(msgspec.Struct, frozen=True, kw_only=True):
    fit: int | None = None
    """Bytes that the ticket takes."""
    timeout_s: float = 600.0


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `diagnose run`, which no shell ever sees: they reach the program through its input."""

    schema: Literal["diagnose.remote-order/1"] = SCHEMA
    id: str
    """Comes back with the answer, so that no other answer is taken for it."""
    target: str | None
    language: Language
    answers: dict[str, str]
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    timeout_s: float = 120.0
    until: Literal["first-fail"] | None = None
    machine: str | None = None
    """A recorded machine's folder on the host."""
    rules: tuple[dict[str, str], ...] = ()
    """Folders with more rules: name of the file to its text."""
    bundle: BundleOrder | None = None

    @property
    def deadline_s(self) -> float:
        """When the program ends itself, counted from its start, whatever it is doing."""
        return self.timeout_s + _TAIL_S + (self.bundle.timeout_s if self.bundle is not None else 0.0)


class About(msgspec.Struct, frozen=True, kw_only=True):
    """about.json."""

    order: str
    exit_code: int
    refused: tuple[str, ...] = ()
    """Why the order was not carried out, a line each: an unknown product, a wrong answer, ..."""
    left_out: int = 0
    """Files of the recording whose names or sizes do not travel."""
    bundle_problem: str = ""
