"""What all screens share: words in the language of the moment, keys that are shown in it, and where the app is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import ActiveBinding, BindingType
from textual.screen import ModalScreen, Screen
from textual.widgets import Footer, Static

from diagnose.tui.session import SessionEvent
from diagnose.tui.words import WORDS, say

if TYPE_CHECKING:
    from diagnose.tui.app import DiagnoseApp

_Answer = TypeVar("_Answer")


class Words(Static):
    """A sentence of the screens, said again when the language changes. Never markup: values come from anywhere."""

    def __init__(self, name: str = "", *, classes: str | None = None, id: str | None = None, **values: object) -> None:  # noqa: A002
        super().__init__("", markup=False, classes=classes, id=id)
        self._key = name
        self._values = values

    def on_mount(self) -> None:
        self.relabel()

    def say(self, name: str, **values: object) -> None:
        """Another sentence; the empty name is silence."""
        if (name, values) != (self._key, self._values):
            self._key, self._values = name, values
            self.relabel()

    def relabel(self) -> None:
        text = say(self._key, app_of(self).language, **self._values) if self._key else ""
        self.update(app_of(self).shown(text))


def app_of(node: Any) -> DiagnoseApp:
    """The app of a widget or screen, with its type."""
    app: DiagnoseApp = node.app
    return app


def translated(bindings: dict[str, ActiveBinding], app: DiagnoseApp) -> dict[str, ActiveBinding]:
    """Descriptions of bindings are names of WORDS; the footer shows them in the language of the moment."""
    return {
        key: active._replace(
            binding=replace(active.binding, description=app.shown(say(active.binding.description, app.language)))
        )
        if active.binding.description in WORDS
        else active
        for key, active in bindings.items()
    }


class Page(Screen[None]):
    """A whole screen; `help_name` is its entry in HELP."""

    help_name = "start"
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (78, "-normal"), (100, "-wide"), (130, "-huge")]
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (16, "-tall")]

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        return translated(super().active_bindings, app_of(self))

    def compose(self) -> ComposeResult:
        yield from self.content()
        yield Words("too-small", id="too-small")
        yield Words(id="status")
        yield Footer(show_command_palette=False, compact=True)

    def content(self) -> ComposeResult:
        """The widgets of this page."""
        yield from ()

    @property
    def status(self) -> Words:
        return self.query_one("#status", Words)

    def relabel(self) -> None:
        """Say everything again: the language or the characters have changed."""
        for words in self.query(Words):
            words.relabel()
        self.refresh_bindings()

    def show_event(self, event: SessionEvent) -> None:
        """The session has taken this in."""


class Dialog(ModalScreen[_Answer]):
    """A box above a page; it answers when it closes."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "cancel", "key-back")]
    help_name = "keys"

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        return translated(super().active_bindings, app_of(self))

    def relabel(self) -> None:
        for words in self.query(Words):
            words.relabel()

    def show_event(self, event: SessionEvent) -> None:
        """As on a page."""

    def action_cancel(self) -> None:
        self.dismiss(None)
