"""The first screen: what shall be looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from diagnose.errors import InputError
from diagnose.run.opening import Computer, open_computer
from diagnose.run.replaying import answers_of
from diagnose.tui.page import Page, Words, app_of
from diagnose.tui.start_list import Offer, Unfinished, entries, offers, unfinished_runs
from diagnose.tui.widgets.choices import Choices, Entry
from diagnose.tui.widgets.text_input import TextInput
from diagnose.tui.words import say

if TYPE_CHECKING:
    from diagnose.rules.compiled import CompiledFlow
    from diagnose.run.answers import Answers
    from diagnose.tui.app import ScreenOptions


@dataclass(frozen=True, slots=True)
class _Found:
    computer: Computer
    name: str
    offers: tuple[Offer, ...]
    runs: tuple[Unfinished, ...]


def _look(options: ScreenOptions) -> _Found:
    computer = open_computer(options.machine, options.rules)
    name = computer.recorder.system().hostname or "?"
    return _Found(computer, name, offers(computer), unfinished_runs(name))


def _prepared(found: _Found, id: str) -> tuple[CompiledFlow, Answers | None]:  # noqa: A002
    """The flow of an offer, with the answers of a run that goes on."""
    run = next((run for run in found.runs if run.id == id), None)
    if run is None:
        offer = next(offer for offer in found.offers if offer.id == id)
        return found.computer.flow(offer.product.id, offer.flow.id), None
    flow = found.computer.flow(run.result.product.id, run.result.flow.id)
    return flow, answers_of(run.result, flow, found.computer.recorder)


class StartScreen(Page):
    CSS_PATH = "start.tcss"
    help_name = "start"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "to_list", show=False),
        Binding("escape", "clear", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._found: _Found | None = None

    def content(self) -> ComposeResult:
        yield Words("start-title", id="title")
        yield Words(id="computer")
        yield TextInput(id="search")
        yield Words("start-looking", id="looking")
        yield Choices(id="offers")

    def on_mount(self) -> None:
        self.relabel()
        self.query_one("#search").focus()
        options = app_of(self).options
        app_of(self).in_background(lambda: _look(options), self._looked, self._refused)

    def _looked(self, found: _Found) -> None:
        self._found = found
        app_of(self).computer = found.computer
        self.query_one("#computer", Words).say("start-computer", computer=found.name)
        self.call_later(self._list)

    def _refused(self, error: InputError) -> None:
        self.query_one("#looking", Words).say("")
        app_of(self).refuse(error)

    def relabel(self) -> None:
        super().relabel()
        app = app_of(self)
        self.query_one("#search", Input).placeholder = app.shown(say("start-search", app.language))
        if self._found is not None:
            self.call_later(self._list)

    async def _list(self) -> None:
        if self._found is None:
            return
        app = app_of(self)
        query = self.query_one("#search", Input).value
        listed = entries(self._found.offers, self._found.runs, query, app.language)
        shown = [Entry(one.id, app.shown(one.text), one.heading) for one in listed]
        await self.query_one(Choices).show(shown)
        self.query_one("#looking", Words).say("" if shown else "start-nothing")

    @on(Input.Changed, "#search")
    async def _searched(self) -> None:
        await self._list()

    @on(Input.Submitted, "#search")
    def _take_first(self) -> None:
        current = self.query_one(Choices).current
        if current is not None:
            self._open(current.id)

    @on(Choices.Chosen)
    def _chosen(self, message: Choices.Chosen) -> None:
        self._open(message.entry.id)

    def _open(self, id: str) -> None:  # noqa: A002
        found = self._found
        if found is None:
            return
        app = app_of(self)
        app.in_background(lambda: _prepared(found, id), lambda prepared: app.begin(*prepared))

    def action_to_list(self) -> None:
        self.query_one(Choices).focus()

    def action_clear(self) -> None:
        search = self.query_one("#search", Input)
        search.value = ""
        search.focus()
