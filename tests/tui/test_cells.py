"""Nothing gets lost between what a screen says and the cells of the terminal, on any screen and in any size."""

from __future__ import annotations

import asyncio

import pytest
from textual.app import App, ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from diagnose.text import Language
from diagnose.tui.glyphs import Glyphs
from tests.tui.cells import cells_of, focus_trouble, lost_texts, uneven_lines
from tests.tui.tour import TOURS, Sight, shared_folder, sights

tours = pytest.mark.parametrize(("language", "glyphs"), TOURS)


@pytest.fixture
def seen(language: Language, glyphs: Glyphs, tmp_path_factory: pytest.TempPathFactory) -> list[Sight]:
    return sights(language, glyphs, shared_folder(tmp_path_factory))


def troubles(seen: list[Sight], kind: str) -> list[str]:
    found = [(sight, getattr(sight, kind)) for sight in seen]
    return [
        f"{sight.scene} {sight.width}x{sight.height}: {one}"
        for sight, trouble in found
        for one in ([trouble] if isinstance(trouble, str) else trouble)
        if one
    ]


@tours
def test_no_text_is_lost(seen: list[Sight]) -> None:
    # In the smallest window the footer and the dialogs show as much as there is room for.
    found = troubles([sight for sight in seen if sight.width >= 80], "lost")
    assert found == [], "\n".join(found)


@tours
def test_every_line_is_as_wide_as_the_screen(seen: list[Sight]) -> None:
    assert troubles(seen, "uneven") == []


@tours
def test_the_focus_can_be_seen(seen: list[Sight]) -> None:
    assert troubles([sight for sight in seen if sight.scene != "too-small"], "focus") == []


@pytest.mark.parametrize(("language", "glyphs"), [tour for tour in TOURS if tour[1] is Glyphs.ASCII])
def test_plain_characters_have_no_doubtful_width(seen: list[Sight]) -> None:
    assert troubles(seen, "ambiguous") == []


class Broken(App[None]):
    """Everything that the scan is there for."""

    CSS = """
    #low { height: 1; width: 20; }
    #box { height: 3; }
    #scrolls, #stuck { height: 2; }
    """

    def compose(self) -> ComposeResult:
        yield Static("日本語の長い文章は一行に入りません", id="low")
        yield Static("全部見える", id="whole")
        with Vertical(id="box"):
            yield Static("一\n二", id="first")
            yield Static("三\n四", id="second")
        with VerticalScroll(id="scrolls"):
            yield Static("一\n二\n三", id="reached")
        with VerticalScroll(id="stuck", can_focus=False):
            yield Static("一\n二\n三", id="unreached")


def test_the_scan_finds_what_is_lost() -> None:
    async def story() -> list[str]:
        app = Broken()
        async with app.run_test(size=(40, 12)) as pilot:
            await pilot.pause()
            assert uneven_lines(app.screen) == []
            assert focus_trouble(app.screen) == ""
            app.set_focus(None)
            assert focus_trouble(app.screen) == "nothing has the focus"
            return lost_texts(app.screen)

    assert asyncio.run(story()) == [
        "Static#low: '日本語の長い文章は一行に入りません' is drawn as '日本語の長い文章は一'",
        "Static#second is cut off by Vertical#box",
        "VerticalScroll#stuck has more to show and cannot be scrolled with the keyboard",
    ]


def test_cells_are_told_apart() -> None:
    assert cells_of("a診断ｱ") == ["a", "診", "", "断", "", "ｱ"]
    assert cells_of("か\u3099x") == ["か\u3099", "", "x"]
