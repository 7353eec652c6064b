from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from rich.cells import cell_len
from textual import events
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.widgets import Static

from diagnose.tui.widgets.text_input import TextInput

NAMES = ["山田太郎", "（総務部）", "PC-0423", "ﾔﾏﾀﾞ", "か\u3099"]


class Form(App[None]):
    CSS = "TextInput { width: 20; border: none; height: 1; } #top { height: auto; } VerticalScroll { height: 8; }"

    def __init__(self) -> None:
        super().__init__()
        self.misplaced = 0
        self.drawn_at: Offset | None = None

    def _display(self, screen: object, renderable: object) -> None:
        """Textual sends the cursor's place behind what it draws."""
        self.drawn_at = self.cursor_position
        self.misplaced += self.drawn_at != self.drawn_cursor()

    def compose(self) -> ComposeResult:
        yield Static("", id="top")
        with VerticalScroll():
            yield Static("氏名")
            yield TextInput(id="name", placeholder="お名前")
            yield TextInput(id="other")
            yield Static("\n" * 20)

    def on_mount(self) -> None:
        for field in self.query(TextInput):
            field.cursor_blink = False

    def drawn_cursor(self) -> Offset | None:
        """The first cell on the screen in the cursor's colour."""
        colour = self.query_one(TextInput).get_component_rich_style("input--cursor").bgcolor
        for y, strip in enumerate(self.screen._compositor.render_strips()):
            x = 0
            for segment in strip:
                if segment.style and segment.style.bgcolor == colour:
                    return Offset(x, y)
                x += cell_len(segment.text)
        return None

    async def check(self, pilot: Pilot[None]) -> None:
        await pilot.pause()
        assert self.drawn_at == self.cursor_position == self.drawn_cursor()


def drive(steps: Callable[[Form, Pilot[None]], Awaitable[None]]) -> None:
    async def run() -> None:
        form = Form()
        async with form.run_test(size=(60, 12)) as pilot:
            form.query_one("#name", TextInput).focus()
            await form.check(pilot)
            form.misplaced = 0
            await steps(form, pilot)

    asyncio.run(run())


def test_the_empty_field() -> None:
    async def steps(form: Form, pilot: Pilot[None]) -> None:
        assert form.cursor_position == Offset(2, 2)

    drive(steps)


@pytest.mark.parametrize("times", [1, 3])
def test_typing_and_moving_also_when_the_text_has_scrolled(times: int) -> None:
    async def steps(form: Form, pilot: Pilot[None]) -> None:
        for name in NAMES * times:
            form.query_one("#name").post_message(events.Paste(name))
            await form.check(pilot)
        await pilot.press("あ", "い")
        await form.check(pilot)
        keys = ["left", "left", "home", "right", "right", "end", "left", "backspace", "home", "delete", "shift+end"]
        for key in [*keys, "home", *["right"] * 20, *["left"] * 9, "end", *["left"] * 5, "ctrl+k", "ctrl+u"]:
            await pilot.press(key)
            await form.check(pilot)
        assert not form.misplaced, "not even for one frame"

    drive(steps)


def test_home_in_a_scrolled_text_is_the_left_edge() -> None:
    async def steps(form: Form, pilot: Pilot[None]) -> None:
        await pilot.press(*"山田太郎山田太郎山田太郎")
        await form.check(pilot)
        assert form.cursor_position == Offset(17, 2)
        await pilot.press("home")
        await form.check(pilot)
        assert form.cursor_position == Offset(2, 2)

    drive(steps)


def test_a_click() -> None:
    async def steps(form: Form, pilot: Pilot[None]) -> None:
        await pilot.press(*"山田太郎")
        await pilot.click("#name", offset=(8, 1))
        await form.check(pilot)

    drive(steps)


def test_a_password_is_drawn_narrower_than_it_is() -> None:
    async def steps(form: Form, pilot: Pilot[None]) -> None:
        form.query_one("#name", TextInput).password = True
        for key in [*"合言葉はひみつです合言葉", "left", "left", "home", "right", "end"]:
            await pilot.press(key)
            await form.check(pilot)
        assert not form.misplaced, "not even for one frame"

    drive(steps)


def test_what_is_drawn_otherwise_than_counted_becomes_a_blank() -> None:
    async def steps(form: Form, pilot: Pilot[None]) -> None:
        form.query_one("#name").post_message(events.Paste("山\t田\x08太\x1b郎"))
        await form.check(pilot)
        assert form.query_one("#name", TextInput).value == "山 田 太 郎"

    drive(steps)


def test_the_layout_moves_the_field() -> None:
    async def steps(form: Form, pilot: Pilot[None]) -> None:
        await pilot.press(*"山田")
        form.query_one("#top", Static).update("注意\n二行")
        await form.check(pilot)
        form.query_one(VerticalScroll).scroll_to(y=1, animate=False)
        await form.check(pilot)
        await pilot.resize_terminal(40, 10)
        await form.check(pilot)

    drive(steps)


def test_the_focused_field_keeps_the_cursor() -> None:
    async def steps(form: Form, pilot: Pilot[None]) -> None:
        form.query_one("#other", TextInput).value = "別の欄"
        await form.check(pilot)
        assert not form.misplaced
        await pilot.press("tab")
        await form.check(pilot)
        assert form.cursor_position.y == 3

    drive(steps)
