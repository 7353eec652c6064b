"""The sentences behind `diagnose.messages`: id to (Japanese, English), in `str.format` notation. One file a subject."""

from __future__ import annotations

from collections.abc import Mapping

from diagnose.message_catalogue import (
    bundles,
    bundles_archive,
    command_line,
    expressions,
    files,
    fleet,
    fleet_run,
    recordings,
    remote,
    rules,
    runs,
)

SENTENCES: Mapping[str, tuple[str, str]] = {
    **files.SENTENCES,
    **rules.SENTENCES,
    **expressions.SENTENCES,
    **recordings.SENTENCES,
    **runs.SENTENCES,
    **bundles.SENTENCES,
    **bundles_archive.SENTENCES,
    **remote.SENTENCES,
    **command_line.SENTENCES,
    **fleet.SENTENCES,
    **fleet_run.SENTENCES,
}
