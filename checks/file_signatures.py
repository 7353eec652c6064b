"""Whether the product's programs carry a signature at all. Only the structure is read; chains are not verified."""

from __future__ import annotations

from checks._pe import has_signature_table
from checks._places import places
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import INT, STRING, list_of
from diagnose.machine.interface import Machine
from diagnose.machine.values import Absent, Reason, Unseen
from diagnose.specs import Spec


class Parameters(Spec, frozen=True):
    """The programs to look at."""

    files: tuple[str, ...]
    """Paths; with facts."""


EVIDENCE = {
    "unsigned_files": list_of(STRING),
    "signed_files": list_of(STRING),
    "unread_files": list_of(STRING),
    "looked_at": INT,
}
LARGEST = 64 * 1024 * 1024
"""Bytes; a larger file counts as unread, because the table lies at its end and its header at its start."""


def measure(context: Context, parameters: Parameters) -> Measurement:
    """A file that is not there is left out; `unsigned_files` is unknown when no file at all could be read."""
    signed: list[str] = []
    unsigned: list[str] = []
    unread: list[Unseen] = []
    for path in parameters.files:
        filled = context.fill(path)
        found = Unseen(filled.reason, path, filled.where) if isinstance(filled, Unseen) else _signed(context, filled)
        if isinstance(found, Unseen):
            unread.append(found)
        elif not isinstance(found, Absent):
            (signed if found else unsigned).append(str(filled))
    looked_at = len(signed) + len(unsigned)
    where = places([*unsigned, *signed], unread)
    nothing = unread[0] if unread else Unseen(Reason.MISSING, places(parameters.files))
    return {
        "unsigned_files": _listed(unsigned, where) if looked_at else nothing,
        "signed_files": _listed(signed, where) if looked_at else nothing,
        "unread_files": _listed([item.where for item in unread], places((), unread)),
        "looked_at": Saw(looked_at, where),
    }


def _listed(paths: list[str], where: str) -> Sighting:
    return Saw(tuple(paths), where)


def _signed(context: Context, path: str) -> bool | Absent | Unseen:
    data = _whole_file(context.machine, path)
    return has_signature_table(data) if isinstance(data, bytes) else data


def _whole_file(machine: Machine, path: str) -> bytes | Absent | Unseen:
    info = machine.file_info(path)
    if isinstance(info, Absent | Unseen):
        return info
    if info.size is not None and info.size > LARGEST:
        return Unseen(Reason.FAILED, path, f"{info.size} bytes")
    content = machine.read_file(path, LARGEST)
    if isinstance(content, Absent | Unseen):
        return content
    return content.data if content.whole else Unseen(Reason.FAILED, path, f"{content.size} bytes")


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=30.0)
