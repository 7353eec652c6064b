"""`diagnose` alone: the screens, where there is a terminal that can show them. Textual is imported only then."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from diagnose.commands.console import looks_wide, takes_escapes
from diagnose.diagnostics import Exit, say, say_message
from diagnose.messages import message
from diagnose.run.opening import open_computer
from diagnose.text import Language
from diagnose.tui.glyphs import Glyphs

_REMOTE = ("SSH_CONNECTION", "SSH_TTY")


def run_screens(language: Language, machine: Path | None, rules: tuple[Path, ...], glyphs: Glyphs) -> Exit:
    """Raises InputError for a recording or rules that are none, before anything is drawn."""
    if os.environ.get("TERM") == "dumb" or not takes_escapes():
        say_message(message("no-terminal"), language)
        return Exit.USAGE
    open_computer(machine, rules)
    from diagnose.tui.app import DiagnoseApp, ScreenOptions
    from diagnose.tui.textual_patches import install

    install()
    if glyphs is Glyphs.AUTO:
        glyphs = Glyphs.ASCII if looks_wide() else Glyphs.UNICODE
    app = DiagnoseApp(ScreenOptions(language=language, machine=machine, rules=rules, glyphs=glyphs))
    code = app.run()
    sys.stdout.flush()
    if app.crash:
        say(app.crash)
        return Exit.BUG
    return Exit(code) if code is not None else Exit.INTERRUPTED
