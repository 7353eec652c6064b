"""One step in full: what was seen and where, what was expected, and why it was not judged otherwise."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from diagnose.run.events import StillRunning
from diagnose.tui.page import Dialog, app_of
from diagnose.tui.session import Session, SessionEvent
from diagnose.tui.step_text import detail_lines


class DetailScreen(Dialog[None]):
    CSS_PATH = "detail.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "cancel", show=False),
        Binding("c", "copy", "key-copy"),
    ]

    def __init__(self, session: Session, step: str) -> None:
        super().__init__()
        self._session = session
        self._step = step

    def compose(self) -> ComposeResult:
        with Vertical(id="box"), VerticalScroll(id="all"):
            yield Static(id="lines", markup=False)

    def on_mount(self) -> None:
        self.relabel()
        self.query_one("#all").focus()

    def relabel(self) -> None:
        super().relabel()
        self.query_one("#lines", Static).update(app_of(self).shown(self._text()))

    def _text(self) -> str:
        return "\n".join(detail_lines(self._session, self._step, app_of(self).language))

    def show_event(self, event: SessionEvent) -> None:
        if not isinstance(event, StillRunning):
            self.relabel()

    def action_copy(self) -> None:
        app_of(self).copy(self._text())
