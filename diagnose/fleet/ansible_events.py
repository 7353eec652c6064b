"""What Ansible tells us while it works: the lines that our collection writes, as typed events.

The lines come from our own child, but names and details in them come from inventories and hosts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

LONGEST_LINE = 65_536
"""Bytes; the collection writes less. A longer line is passed over."""

Phase = Literal["connecting", "sending", "running", "fetching", "removing", "removed"]


class Hosts(msgspec.Struct, frozen=True, tag_field="kind", tag="hosts"):
    """Some of the play's hosts, by their names in the inventory, before anything is done on any of them."""

    hosts: tuple[str, ...]


class PhaseBegun(msgspec.Struct, frozen=True, tag_field="kind", tag="phase"):
    """`folder`: where on the host something may be from now on; empty while nothing was put there."""

    host: str
    phase: Phase
    folder: str = ""


class Ended(msgspec.Struct, frozen=True, tag_field="kind", tag="ended"):
    """The work on one host is over. `reason`: our collection's word for it; empty where Ansible itself gave up."""

    host: str
    state: Literal["brought", "failed", "unreachable"]
    reason: str = ""
    detail: str = ""
    folder: str = ""
    """Where its files are, below the folder for what comes in; whoever uses it looks at it first."""


class Stats(msgspec.Struct, frozen=True, tag_field="kind", tag="stats"):
    """The play came to its end."""


AnsibleEvent = Hosts | PhaseBegun | Ended | Stats


class EventReader:
    """Cuts bytes into lines and those into events; whatever is no event of ours is passed over."""

    def __init__(self) -> None:
        self._rest = b""
        self._skipping = False
        self._decode: Callable[[bytes], AnsibleEvent] = msgspec.json.Decoder(AnsibleEvent).decode

    def feed(self, data: bytes) -> Iterator[AnsibleEvent]:
        *lines, rest = (self._rest + data).split(b"\n")
        for line in lines:
            if self._skipping:
                self._skipping = False
            elif (event := self._event(line)) is not None:
                yield event
        self._skipping |= len(rest) > LONGEST_LINE
        self._rest = b"" if self._skipping else rest

    def _event(self, line: bytes) -> AnsibleEvent | None:
        if len(line) > LONGEST_LINE:
            return None
        try:
            return self._decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
