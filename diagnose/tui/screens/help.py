"""Help for the screen below, and the keys that mean the same everywhere."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from diagnose.tui.page import Dialog, Words, app_of
from diagnose.tui.words import HELP


class HelpScreen(Dialog[None]):
    CSS = "HelpScreen Static { height: auto; } HelpScreen #text { margin: 0 0 1 0; } HelpScreen #all { height: auto; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,f1", "cancel", show=False)]

    def __init__(self, name: str) -> None:
        super().__init__()
        self._topic = name

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Words("guide-title", id="title")
            with VerticalScroll(id="all"):
                yield Static(id="text", markup=False)
                yield Static(id="keys", classes="muted", markup=False)

    def on_mount(self) -> None:
        self.relabel()
        self.query_one("#all").focus()

    def relabel(self) -> None:
        super().relabel()
        app = app_of(self)
        text = HELP[self._topic].in_language(app.language) if self._topic != "keys" else ""
        self.query_one("#text", Static).update(app.shown(text))
        self.query_one("#keys", Static).update(app.shown(HELP["keys"].in_language(app.language)))
