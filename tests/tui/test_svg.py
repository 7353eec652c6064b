from __future__ import annotations

import asyncio
import html
import io
import re

import pytest
from rich.cells import cell_len
from rich.console import Console
from textual.app import App, ComposeResult
from textual.widgets import Static

from tests.tui.svg import readable_svg

TEXTS = re.compile(r'<text class="[^"]*" x="([\d.]+)" y="([\d.]+)" textLength="([\d.]+)"[^>]*>([^<]*)</text>')
CELL = 12.2


class Page(App[None]):
    CSS = "Static { border: round red; width: 30; }"

    def compose(self) -> ComposeResult:
        yield Static("診断: DHCP & <ﾃｽﾄ> か\u3099")


def picture() -> str:
    async def run() -> str:
        page = Page()
        async with page.run_test(size=(40, 6)) as pilot:
            await pilot.pause()
            return page.export_screenshot(title="診断")

    return asyncio.run(run())


@pytest.fixture(scope="module")
def original() -> str:
    return picture()


def test_every_text_is_as_wide_as_on_the_terminal(original: str) -> None:
    found = TEXTS.findall(readable_svg(original))
    assert any("診断" in text for _, _, _, text in found)
    for _, _, length, text in found:
        assert float(length) == pytest.approx(CELL * max(cell_len(html.unescape(text)), 1), abs=0.01)


def test_the_border_stands_behind_whole_cells(original: str) -> None:
    found = TEXTS.findall(readable_svg(original))
    at = next(number for number, (_, _, _, text) in enumerate(found) if "診断" in text)
    x, _, length, _ = found[at]
    border_x, _, _, border = found[at + 1]
    gap = (float(border_x) - float(x) - float(length)) / CELL
    assert border == "│"
    assert gap >= 0
    assert gap == pytest.approx(round(gap), abs=0.01)


def test_japanese_fonts_come_first(original: str) -> None:
    fonts = re.findall(r"-matrix \{\s*font-family: ([^;]*);", readable_svg(original))
    assert fonts
    assert fonts[0].startswith("'Noto Sans Mono CJK JP', 'BIZ UDGothic', 'MS Gothic'")
    assert fonts[0].endswith("monospace")
    assert "full-width" not in readable_svg(original), "or letters would be as wide as kanji"


def test_only_lengths_and_fonts_change(original: str) -> None:
    def rest(svg: str) -> str:
        added = r'textLength="[\d.]+"| lengthAdjust="\w+"|font-family: [^;]*;|\s+font-variant-east-asian: full-width;'
        return re.sub(added, "", svg)

    assert rest(readable_svg(original)) == rest(original)


def test_twice_is_once(original: str) -> None:
    once = readable_svg(original)
    assert readable_svg(once) == once


def test_latin_text_keeps_its_lengths() -> None:
    console = Console(record=True, file=io.StringIO(), width=20)
    console.print("abc & <def>")
    svg = console.export_svg()
    assert TEXTS.findall(readable_svg(svg)) == TEXTS.findall(svg)


def test_any_other_picture_stays_as_it_is() -> None:
    svg = '<svg><text textLength="12.2">診</text></svg>'
    assert readable_svg(svg) == svg
