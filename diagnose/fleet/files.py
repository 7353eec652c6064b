"""Answers for the incident form, and the list of computers for a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from diagnose.fleet.comparing import HostLine
from diagnose.fleet.page_words import word
from diagnose.report.formats import one_line
from diagnose.text import Language

_STATES = {"fail": "affected", "warn": "affected", "pass": "healthy", "unknown": "unknown", "missing": "missing"}
_FORMULA = re.compile(r"\s*[=+\-@\t\r|%]")


def incident_yaml(values: Mapping[str, str | int], language: Language) -> str:
    """A file for `--answers` and `--form`: fields of the form, texts in one language."""
    english = {name.removesuffix(".en"): value for name, value in values.items() if name.endswith(".en")}
    plain = {name: value for name, value in values.items() if not name.endswith(".en")}
    shown = {**plain, **english} if language is Language.EN else plain
    # JSON's quoting is YAML's, too; a text in quotes is never a number, a date or a command.
    return "".join(f"{name}: {json.dumps(_text(value), ensure_ascii=False)}\n" for name, value in shown.items())


def hosts_csv(lines: Sequence[HostLine], language: Language) -> bytes:
    """UTF-8 with a byte order mark, which Excel needs; no cell starts a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([word(name, language) for name in ("computer", "state", "cause", "made-at", "source")])
    for line in lines:
        taken = "" if line.taken is None else f"{datetime.fromtimestamp(line.taken, UTC):%Y-%m-%d %H:%M:%S}Z"
        cells = [line.host, word(_STATES[line.outcome], language), " ".join(line.causes), taken, line.source]
        writer.writerow([_cell(cell) for cell in cells])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", "replace")


def _cell(text: str) -> str:
    """Spreadsheets run what begins like a formula; names of computers come from anybody."""
    shown = one_line(text)
    return f"'{shown}" if _FORMULA.match(shown) else shown


def _text(value: str | int) -> str | int:
    return one_line(value) if isinstance(value, str) else value
