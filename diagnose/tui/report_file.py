"""The report of a session in the operator's browser."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

from diagnose.errors import InputError
from diagnose.messages import message
from diagnose.report.html import render_html
from diagnose.run.result import RunResult
from diagnose.run.store import REPORT
from diagnose.text import Language
from diagnose.tui.session import Session
from diagnose.whole_file import write_whole_file

if TYPE_CHECKING:
    from diagnose.tui.app import DiagnoseApp


def open_report(session: Session, app: DiagnoseApp) -> None:
    """In the language of the screens; written beside the result."""
    folder, result = session.folder, session.result
    if folder is None or result is None or session.is_running:
        app.tell("report-none")
        return
    language = app.language
    app.in_background(lambda: _shown(folder, result, language), lambda path: app.tell("opened", path=path))


def _shown(folder: Path, result: RunResult, language: Language) -> Path:
    path = folder / REPORT
    try:
        write_whole_file(path, render_html(result, language).encode())
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(message("not-saved", folder=folder, error=reason)) from None
    webbrowser.open(path.resolve().as_uri())
    return path
