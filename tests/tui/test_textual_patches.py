from __future__ import annotations

import asyncio
import importlib.metadata
import importlib.util
import re
from collections.abc import Awaitable, Callable, Iterator

import pytest
import textual._compositor
from rich.cells import cell_len
from textual import content
from textual._compositor import Compositor, CompositorUpdate
from textual.app import App, ComposeResult
from textual.containers import Container, Horizontal
from textual.css.types import Visibility
from textual.geometry import Region
from textual.pilot import Pilot
from textual.widgets import Static
from textual.widgets._toast import Toast

from diagnose.tui import textual_patches
from diagnose.tui.line_breaking import divide_line
from diagnose.tui.textual_patches import TextualDiffersError, install

REPLACED = ((content, "divide_line"), (Compositor, "_render_chops"), (Compositor, "render_partial_update"))
MESSAGE = "サポート情報を収集しました。クリップボードにパスをコピーしました。"
TITLE = "完了：診断"


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Textual as it was again after each test."""
    for owner, name in REPLACED:
        monkeypatch.setattr(owner, name, getattr(owner, name))
    install()


class Terminal:
    """What a terminal shows after what was written to it; half of a wide character cannot be shown."""

    def __init__(self, width: int, height: int) -> None:
        self._rows = [[" "] * width for _ in range(height)]

    def write(self, sequences: str) -> None:
        x = y = 0
        for move, column, character in re.findall(r"\x1b\[(?:(\d+);(\d+)H|[\d;?]*[A-Za-z])|([^\x1b\n])", sequences):
            if move:
                x, y = int(column) - 1, int(move) - 1
            elif character:
                self._put(x, y, character)
                x += cell_len(character)

    def _put(self, x: int, y: int, character: str) -> None:
        row = self._rows[y]
        if row[x] == "":
            row[x - 1] = " "
        end = x + cell_len(character)
        if end < len(row) and row[end] == "":
            row[end] = " "
        row[x:end] = [character] + [""] * (end - x - 1)

    def lines(self) -> list[str]:
        return ["".join(row) for row in self._rows]


class OnTerminal(App[None]):
    """An app without a terminal whose updates are written to ours."""

    def __init__(self) -> None:
        super().__init__()
        self.terminal = Terminal(80, 24)
        self.updates: list[str] = []

    def _display(self, screen: object, renderable: object) -> None:
        if isinstance(renderable, CompositorUpdate):
            self.updates.append(type(renderable).__name__)
            self.terminal.write(renderable.render_segments(self.console))

    def drawn_whole(self) -> list[str]:
        return [strip.text for strip in self.screen._compositor.render_strips()]


class Columns(OnTerminal):
    CSS = "Horizontal { height: 1fr; } .column { border: round red; height: 1fr; }"

    def __init__(self, width: int) -> None:
        super().__init__()
        self._width = width

    def compose(self) -> ComposeResult:
        with Horizontal():
            for _ in range(6):
                column = Static("x", classes="column")
                column.styles.width = self._width
                yield column


class Covered(OnTerminal):
    """Japanese text, a part of which an overlay covers."""

    CSS = """
    Screen { layers: below above; }
    #text { layer: below; }
    #cover { layer: above; width: 9; height: 2; offset: 3 0; }
    #above { visibility: visible; }
    """

    def compose(self) -> ComposeResult:
        yield Static("ア" + MESSAGE, id="text")
        yield Container(Static("覆い隠す", id="above"), id="cover")


def drive(app: OnTerminal, steps: Callable[[Pilot[None]], Awaitable[None]]) -> None:
    async def run() -> None:
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            await pilot.pause()
            await steps(pilot)

    asyncio.run(run())


def lost(lines: list[str], wanted: str) -> str:
    shown = "".join(lines)
    return "".join(character for character in wanted if character not in shown)


@pytest.mark.parametrize("width", range(5, 24))
def test_a_toast_over_borders_loses_nothing(width: int) -> None:
    app = Columns(width)

    async def steps(pilot: Pilot[None]) -> None:
        app.notify(MESSAGE, title=TITLE)
        await pilot.pause()
        assert not lost(app.drawn_whole(), MESSAGE + TITLE)
        assert app.terminal.lines() == app.drawn_whole()
        app.updates.clear()
        for column in app.query(".column").results(Static):
            column.update("yy")
        await pilot.pause()
        assert app.terminal.lines() == app.drawn_whole()
        assert not lost(app.terminal.lines(), MESSAGE + TITLE)
        for x in range(width):
            app.query_one(Toast).refresh(Region(x, 0, 3, 3), Region(x + 11, 1, 2, 2))
            await pilot.pause()
            assert app.terminal.lines() == app.drawn_whole()
        assert set(app.updates) == {"ChopsUpdate"}
        app.clear_notifications()
        await pilot.pause()
        assert app.terminal.lines() == app.drawn_whole()
        assert lost(app.terminal.lines(), MESSAGE) == MESSAGE

    drive(app, steps)


def test_textual_itself_still_loses_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    """In 14 of the 19 layouts above. If this fails, textual#6357 is repaired and our repair can go."""
    spec = importlib.util.spec_from_file_location("untouched", textual._compositor.__file__)
    assert spec
    assert spec.loader
    untouched = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(untouched)
    monkeypatch.setattr(Compositor, "_render_chops", untouched.Compositor._render_chops)
    app = Columns(7)

    async def steps(pilot: Pilot[None]) -> None:
        app.notify(MESSAGE, title=TITLE)
        await pilot.pause()
        assert lost(app.drawn_whole(), MESSAGE + TITLE)

    drive(app, steps)


def test_characters_under_the_edge_of_an_overlay_come_back_when_it_goes() -> None:
    app = Covered()

    async def steps(pilot: Pilot[None]) -> None:
        assert app.terminal.lines()[0].startswith("ア 覆い隠す 報を収集")
        for offset in range(1, 12):
            app.query_one("#cover").styles.offset = (offset, 0)
            await pilot.pause()
            assert app.terminal.lines() == app.drawn_whole()
            assert "覆い隠す" in app.terminal.lines()[0]
        app.query_one("#cover").display = False
        await pilot.pause()
        assert "".join(app.terminal.lines()).startswith("ア" + MESSAGE)

    drive(app, steps)


@pytest.mark.parametrize("visibility", ["visible", "hidden"])
@pytest.mark.parametrize("first", range(12))
def test_partial_repaints_end_between_characters(first: int, visibility: Visibility) -> None:
    """A hidden container: then only what is in it covers the text, and nothing of it is rendered beside its edge."""
    app = Covered()

    async def steps(pilot: Pilot[None]) -> None:
        app.query_one("#cover").styles.visibility = visibility
        await pilot.pause()
        app.updates.clear()
        for length in (1, 2, 3, 6):
            for dirty in ([Region(first, 0, length, 1)], [Region(first, 0, 1, 1), Region(first + length, 0, 1, 1)]):
                for widget in ("#text", "#above"):
                    app.query_one(widget).refresh(*dirty)
                    await pilot.pause()
                    assert app.terminal.lines() == app.drawn_whole()
        assert set(app.updates) == {"ChopsUpdate"}

    drive(app, steps)


def test_nothing_is_drawn_for_a_region_outside_the_screen() -> None:
    app = Covered()

    async def steps(pilot: Pilot[None]) -> None:
        compositor = app.screen._compositor
        compositor._dirty_regions = {Region(90, 2, 5, 5), Region(3, 30, 5, 5)}
        assert compositor.render_partial_update() is None
        assert compositor.render_partial_update() is None

    drive(app, steps)


def test_labels_wrap_as_japanese() -> None:
    app = OnTerminal()

    async def steps(pilot: Pilot[None]) -> None:
        label = Static("確認します。「設定」を開いてください")
        label.styles.width = 10
        await app.mount(label)
        await pilot.pause()
        assert [line.strip() for line in app.drawn_whole()[:4]] == ["確認しま", "す。「設", "定」を開い", "てください"]

    drive(app, steps)


def test_installed_twice_is_installed_once() -> None:
    before = [getattr(owner, name) for owner, name in REPLACED]
    install()
    assert [getattr(owner, name) for owner, name in REPLACED] == before
    assert before[0] is divide_line


@pytest.fixture
def not_installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def original(text: str, width: int, fold: bool = True) -> list[int]:
        return []

    monkeypatch.setattr(content, "divide_line", original)
    yield
    assert content.__dict__.get("divide_line") in (None, original), "a refusal changes nothing"


@pytest.mark.usefixtures("not_installed")
class TestRefusals:
    def test_a_missing_function(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr(Compositor, "_render_chops")
        with pytest.raises(TextualDiffersError, match=r"Textual 8\.2\.8; .*no function _render_chops"):
            install()

    def test_a_function_that_the_repairs_need(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr(Compositor, "_get_renders")
        with pytest.raises(TextualDiffersError, match="no _get_renders"):
            install()

    def test_other_arguments(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Compositor, "render_partial_update", lambda self, simplify: None)
        with pytest.raises(TextualDiffersError, match="render_partial_update takes other arguments"):
            install()

    def test_a_module_that_has_moved(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr(textual._compositor, "ChopsUpdate")
        with pytest.raises(TextualDiffersError, match="ChopsUpdate"):
            install()


def test_the_repairs_are_made_for_the_textual_that_is_installed() -> None:
    assert importlib.metadata.version("textual") == textual_patches.MADE_FOR
