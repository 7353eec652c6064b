"""summary.json and missing.txt of an output folder, and what an earlier run has left in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from diagnose.errors import InputError, Place
from diagnose.input_files import folder_entries, is_folder, is_there, read_input
from diagnose.messages import message
from diagnose.remote.outcomes import HostRecord, State, Summary
from diagnose.run.store import make_folder
from diagnose.whole_file import write_whole_file

SUMMARY, INDEX, MISSING = "summary.json", "index.html", "missing.txt"
LARGEST = 64_000_000


def open_output(folder: Path) -> Summary | None:
    """Make the folder. Gives what an earlier run wrote there.

    Raises InputError for a folder with anything but earlier runs of ours: hosts' folders are emptied in it.
    """
    if is_there(folder) and is_folder(folder) and folder_entries(folder):
        if not is_there(folder / SUMMARY):
            raise InputError(message("remote-output"), Place(str(folder)))
        return read_summary(folder / SUMMARY)
    make_folder(folder)
    return None


def read_summary(path: Path) -> Summary:
    """Raises InputError."""
    data = read_input(path, LARGEST)
    try:
        return msgspec.json.decode(data, type=Summary)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(message("remote-summary", detail=str(error)), Place(str(path))) from None


def render_summary(summary: Summary) -> bytes:
    """UTF-8, indented by 2, ends with a line feed."""
    return msgspec.json.format(msgspec.json.encode(summary), indent=2) + b"\n"


def summary_schema() -> dict[str, Any]:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "diagnose.remote/1",
        **msgspec.json.schema(Summary),
    }
    as_json: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(schema))
    return as_json


def save_summary(folder: Path, summary: Summary) -> None:
    """With the list of hosts that have no result, as `--hosts` takes it. Raises OSError."""
    write_whole_file(folder / SUMMARY, render_summary(summary))
    missing = [record.host for record in summary.hosts if record.state is not State.DONE]
    write_whole_file(folder / MISSING, "".join(f"{host}\n" for host in missing).encode())


def merged(earlier: tuple[HostRecord, ...], now: tuple[HostRecord, ...]) -> tuple[HostRecord, ...]:
    """Each host once: as it is now, else as it was."""
    latest = {record.host: record for record in (*earlier, *now)}
    return tuple(latest.values())
