"""Files that a check's parameters name."""

from __future__ import annotations

import ntpath
import posixpath
from datetime import UTC, datetime, timedelta

from diagnose.check import Context
from diagnose.machine.interface import Machine
from diagnose.machine.values import FileInfo, Platform, Unseen

EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
CLOCK_TOLERANCE = timedelta(minutes=5)


def find(context: Context, pattern: str) -> tuple[FileInfo, ...] | Unseen:
    """The files (no folders) that match a glob with facts."""
    filled = context.fill(pattern)
    found = filled if isinstance(filled, Unseen) else context.machine.find_files(filled)
    return found if isinstance(found, Unseen) else tuple(info for info in found if not info.is_folder)


def filled_or_raw(context: Context, pattern: str) -> str:
    """`pattern` as an engineer would look for it: with its facts where they are known."""
    filled = context.fill(pattern)
    return pattern if isinstance(filled, Unseen) else filled


def plausible(time: datetime | None, now: datetime) -> bool:
    """Whether a file or a log line can be from `time`: not before there were PCs and not in the future."""
    return time is not None and EARLIEST <= time <= now + CLOCK_TOLERANCE


def join(machine: Machine, folder: str, name: str) -> str:
    """`name`, written with either slash, below `folder`."""
    if machine.platform is Platform.WINDOWS:
        return ntpath.join(folder, name.replace("/", "\\"))
    return posixpath.join(folder, name.replace("\\", "/"))


def base_name(path: str) -> str:
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2]
