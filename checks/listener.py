"""Does a process of this computer listen on a port?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec

from checks._facts import malformed
from diagnose.check import Check, Context, Measurement, Saw
from diagnose.expressions.types import BOOL, INT, STRING, list_of
from diagnose.machine.values import ListeningPort, Unseen
from diagnose.specs import FactName, Spec


class Parameters(Spec, frozen=True):
    """The port, as a number or as the fact that names it, and who should own it."""

    port: FactName | Annotated[int, msgspec.Meta(ge=1, le=65535)]
    process: str = ""
    """Name of the program, with or without `.exe`; empty when any will do."""


EVIDENCE = {"listening": BOOL, "listen_port": INT, "listener": STRING, "listeners": list_of(STRING)}


def measure(context: Context, parameters: Parameters) -> Measurement:
    """`listener` is who owns the port; another program than the one that should is not `listening`.

    `listeners` are all programs that listen on it, on whichever address.
    """
    port = _port(context, parameters.port)
    if isinstance(port, Unseen):
        return dict.fromkeys(EVIDENCE, port)
    found = context.machine.listening_ports()
    if isinstance(found, Unseen):
        return {"listen_port": port, **dict.fromkeys(("listening", "listener", "listeners"), found)}
    where = f"TCP *:{port.value}"
    owners = _owners([entry for entry in found if entry.port == port.value], parameters.process)
    wanted = bool(owners) and (not parameters.process or not owners[0] or _same(owners[0], parameters.process))
    listener = Saw(owners[0] if owners else "", where)
    everyone = Saw(tuple(dict.fromkeys(owner for owner in owners if owner)), where)
    return {"listen_port": port, "listening": Saw(wanted, where), "listener": listener, "listeners": everyone}


def _port(context: Context, name: str | int) -> Saw | Unseen:
    if isinstance(name, int):
        return Saw(name)
    sighting = context.fact(name)
    if isinstance(sighting, Unseen):
        return sighting
    text = str(sighting.value).strip()
    if isinstance(sighting.value, bool) or not (text.isascii() and text.isdecimal() and len(text) <= 5):
        return malformed(sighting)
    return Saw(int(text), sighting.where) if 0 < int(text) < 65536 else malformed(sighting)


def _owners(entries: Sequence[ListeningPort], process: str) -> list[str]:
    """Best match first: the program that should own the port, then any other, then one whose name was withheld."""
    return sorted((entry.process for entry in entries), key=lambda name: (not name, not _same(name, process)))


def _same(one: str, other: str) -> bool:
    return one.lower().removesuffix(".exe") == other.lower().removesuffix(".exe")


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=15.0)
