"""`diagnose fleet compare`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from diagnose.diagnostics import Exit
from diagnose.text import Language


@dataclass(frozen=True, slots=True)
class CompareOptions:
    """What the operator asked for; `format` is text, json or html."""

    sources: tuple[Path, ...]
    inventory: Path | None
    flow: str | None
    cause: str | None
    max_age_days: float
    output: Path | None
    incident: Path | None
    table: Path | None
    format: str
    language: Language


def compare(options: CompareOptions) -> Exit:  # noqa: ARG001 - the next steps fill it
    return Exit.UNKNOWN
