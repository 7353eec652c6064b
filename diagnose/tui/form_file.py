"""The incident form's draft beside the run: what `diagnose bundle --form` reads, so that any editor may be used too."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from diagnose.bundle.incident import read_form
from diagnose.errors import InputError
from diagnose.input_files import is_there
from diagnose.messages import message
from diagnose.rules.model import FormField
from diagnose.whole_file import write_whole_file

FORM = "incident.yaml"


def load_form(folder: Path, form: tuple[FormField, ...]) -> dict[str, str | float]:
    """What was typed so far; empty when nothing was. Raises InputError for a draft that is none."""
    path = folder / FORM
    return read_form(form, path, {}) if is_there(path) else {}


def save_form(folder: Path, values: Mapping[str, str | float]) -> Path:
    """Raises InputError with the system's reason."""
    path = folder / FORM
    # JSON is YAML, and every text in it is quoted.
    data = msgspec.json.format(msgspec.json.encode(dict(values)), indent=1) + b"\n"
    try:
        write_whole_file(path, data)
    except OSError as error:
        raise InputError(message("not-saved", folder=folder, error=error.strerror or str(error))) from None
    return path
