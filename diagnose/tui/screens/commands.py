"""Every command by name, found in either language, whatever the keyboard is set to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from diagnose.text import Language
from diagnose.tui.page import Dialog, Words, app_of
from diagnose.tui.search import matches
from diagnose.tui.themes import THEMES
from diagnose.tui.widgets.choices import Choices, Entry
from diagnose.tui.widgets.text_input import TextInput
from diagnose.tui.words import WORDS, say


@dataclass(frozen=True, slots=True)
class Command:
    """`action` as Textual names it; `words` is its entry in WORDS, `short` the one for the footer."""

    words: str
    action: str
    key: str = ""
    short: str = "key-open"
    name: str = ""

    def fits(self, query: str) -> bool:
        return matches(query, [WORDS[self.words], WORDS[self.short], self.name, self.key])

    def text(self, language: Language) -> str:
        return f"{say(self.words, language, theme=self.name)}  {self.key}".rstrip()


_OF_A_RUN = (
    Command("conclusion-title", "conclusion", "F9", "key-conclusion"),
    Command("conclusion-recheck", "recheck", "F5", "key-recheck"),
    Command("conclusion-form", "form", "F6", "key-form"),
    Command("conclusion-report", "report", "F7", "key-report"),
    Command("conclusion-bundle", "bundle", "F8", "key-bundle"),
    Command("answers-title", "answers", "A", "key-answers"),
)
_ALWAYS = (
    Command("guide-title", "app.help", "F1"),
    Command("key-language", "app.language", "F2"),
    Command("commands-glyphs", "app.glyphs"),
    *(Command("commands-theme", f"app.use_theme('{theme.name}')", name=theme.name) for theme in THEMES),
    Command("key-quit", "app.ask_quit", "F10"),
)


class CommandsScreen(Dialog[str | None]):
    """Answers with the action that was chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("down", "to_list", show=False)]

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Words("commands-title", id="title")
            yield TextInput(id="search")
            yield Choices(self._entries(""))

    def on_mount(self) -> None:
        self.query_one("#search").focus()

    def relabel(self) -> None:
        super().relabel()
        self.call_later(self._list)

    def _commands(self) -> list[Command]:
        """Those that the page below can do now."""
        page = app_of(self).page
        able = [one for one in _OF_A_RUN if hasattr(page, f"action_{one.action}")]
        return [*able, *_ALWAYS]

    def _entries(self, query: str) -> list[Entry]:
        app = app_of(self)
        return [Entry(one.action, app.shown(one.text(app.language))) for one in self._commands() if one.fits(query)]

    async def _list(self) -> None:
        await self.query_one(Choices).show(self._entries(self.query_one("#search", Input).value))

    @on(Input.Changed)
    async def _searched(self) -> None:
        await self._list()

    @on(Input.Submitted)
    def _first(self) -> None:
        current = self.query_one(Choices).current
        if current is not None:
            self.query_one(Choices).choose(current.id)

    def action_to_list(self) -> None:
        self.query_one(Choices).focus()

    @on(Choices.Chosen)
    def _chosen(self, message: Choices.Chosen) -> None:
        self.dismiss(message.entry.id)
