"""Whether to leave while a run goes on; the safe answer comes first."""

from __future__ import annotations

import shutil

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from diagnose.tui.page import Dialog, Words, app_of
from diagnose.tui.session import Session
from diagnose.tui.widgets.choices import Choices, Entry
from diagnose.tui.words import say

_ANSWERS = ("quit-stay", "quit-stop", "quit-save", "quit-discard")


class QuitScreen(Dialog[None]):
    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Words("quit-title", id="title")
            yield Choices(self._entries())

    def on_mount(self) -> None:
        self.query_one(Choices).focus()

    def relabel(self) -> None:
        super().relabel()
        self.call_later(self.query_one(Choices).show, self._entries())

    def _entries(self) -> list[Entry]:
        app = app_of(self)
        return [Entry(name, app.shown(say(name, app.language))) for name in _ANSWERS]

    @on(Choices.Chosen)
    def _chosen(self, message: Choices.Chosen) -> None:
        app = app_of(self)
        if message.entry.id == "quit-stay":
            self.dismiss(None)
            return
        if message.entry.id == "quit-stop":
            self.dismiss(None)
            self._session.stop()
            return
        folder = self._session.folder
        if message.entry.id == "quit-discard" and folder is not None:
            self._session.discard()
            shutil.rmtree(folder, ignore_errors=True)
        app.leave()
