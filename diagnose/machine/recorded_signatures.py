"""Signatures of programs in a recording: machine.yaml says what was seen, `signatures/` holds the structures."""

from __future__ import annotations

import hashlib
from pathlib import Path

from diagnose.input_files import read_input
from diagnose.machine.file_patterns import fold_path
from diagnose.machine.recording_format import SIGNATURES_FOLDER, RecordingPart, part_entries, part_folder, refuse
from diagnose.machine.signed_file import MOST_BLOBS, MOST_TABLE
from diagnose.machine.values import FileSignature, Platform

SUFFIX = ".p7"

Parts = tuple[str, ...]


def blob_name(blob: bytes) -> str:
    """The file name that a structure gets: the same one, by its content."""
    return hashlib.sha256(blob).hexdigest()[:32] + SUFFIX


def load_signatures(folder: Path, recording: RecordingPart | None, platform: Platform) -> dict[Parts, FileSignature]:
    """By folded path. One whose structures were taken away is not recorded. Raises InputError for a bad file."""
    if recording is None or not recording.signatures:
        return {}
    stored = _stored(folder / SIGNATURES_FOLDER)
    found: dict[Parts, FileSignature] = {}
    for path, part in recording.signatures.items():
        folded = fold_path(path, platform)
        if len(part.stored) > MOST_BLOBS:
            raise refuse(folder / SIGNATURES_FOLDER, "recording-outside", name=part.stored[-1])
        for name in part.stored:
            if Path(name).name != name or name in {"", ".", ".."} or "\\" in name:
                raise refuse(folder / SIGNATURES_FOLDER, "recording-outside", name=name)
        if folded is None or not stored.keys() >= set(part.stored):
            continue
        blobs = tuple(read_input(stored[name], MOST_TABLE) for name in part.stored)
        found[folded] = FileSignature(path, part.size, part.form, blobs, dict(part.digests), part.detail)
    return found


def _stored(folder: Path) -> dict[str, Path]:
    return {path.name: path for path in part_entries(folder)} if part_folder(folder) else {}
