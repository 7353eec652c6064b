"""What stands in the cells of a screen, and whether anything got lost on the way there."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from rich.cells import cell_len, split_graphemes
from textual.containers import VerticalScroll
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Footer, Input, Static
from textual.widgets._footer import FooterKey

from diagnose.tui.page import Dialog, Words
from diagnose.tui.widgets.choices import Choices


def strips_of(screen: Screen[object]) -> list[Strip]:
    """What the terminal shows, with the page below a dialog."""
    return list(screen._compositor.render_strips())


def cells_of(text: str) -> list[str]:
    """One entry a cell; a wide character stands in its first one."""
    cells: list[str] = []
    for start, end, width in split_graphemes(text)[0]:
        cells.extend([text[start:end], *[""] * (width - 1)] if width else [])
        if not width and cells:
            cells[-1] += text[start:end]
    return cells


def seen_lines(screen: Screen[object]) -> list[str]:
    """The screen, trailing blanks cut; of a dialog its box alone, at its place."""
    lines = [cells_of(strip.text) for strip in strips_of(screen)]
    if isinstance(screen, Dialog):
        box = screen.query_one("#box").region
        lines = [
            [*[" "] * box.x, *line[box.x : box.right]] if box.y <= y < box.bottom else []
            for y, line in enumerate(lines)
        ]
    return ["".join(line).rstrip() for line in lines]


def uneven_lines(screen: Screen[object]) -> list[str]:
    """Lines that are not exactly as wide as the screen."""
    width, height = screen.size
    strips = strips_of(screen)
    found = [f"{len(strips)} lines instead of {height}"] if len(strips) != height else []
    for y, strip in enumerate(strips):
        if not strip.cell_length == cell_len(strip.text) == len(cells_of(strip.text)) == width:
            found.append(f"line {y}: {strip.cell_length}, {cell_len(strip.text)} cells: {strip.text!r}")
    return found


def ambiguous_characters(screen: Screen[object]) -> list[str]:
    """Those that Japanese fonts of old consoles draw two cells wide."""
    text = "".join(strip.text for strip in strips_of(screen))
    return sorted({f"{char} U+{ord(char):04X}" for char in text if unicodedata.east_asian_width(char) == "A"})


def lost_texts(screen: Screen[object]) -> list[str]:
    """Texts of which not every character is in the cells that the widget has; what a box cuts off, or hides where the
    keyboard cannot scroll; labels that the footer has no room for."""
    lines = [cells_of(strip.text) for strip in strips_of(screen)]
    found = []
    for widget in _drawn(screen):
        cut = _cut(screen, widget)
        if cut:
            found.append(cut)
        elif isinstance(widget, Static) and _is_whole(screen, widget):
            region = widget.region
            drawn = "".join("".join(line[region.x : region.right]) for line in lines[region.y : region.bottom])
            wanted = str(widget.content)
            if _inked(drawn) != _inked(wanted):
                found.append(f"{_name(widget)}: {wanted!r} is drawn as {' '.join(drawn.split())!r}")
    return list(dict.fromkeys([*found, *_lost_keys(screen)]))


def _drawn(screen: Screen[object]) -> Iterator[Widget]:
    """What bears text or scrolls, where it is not switched off."""
    for widget in screen.query(Widget):
        has_something = str(widget.content).strip() if isinstance(widget, Static) else True
        switched_off = any(not one.display for one in widget.ancestors_with_self if isinstance(one, Widget))
        if isinstance(widget, Static | Input | VerticalScroll | Choices) and has_something and not switched_off:
            yield widget


def _cut(screen: Screen[object], widget: Widget) -> str:
    """What of it cannot be seen by which box on the way to the screen, if any; a box that scrolls brings it back."""
    inner = widget
    for outer in widget.ancestors:
        if not isinstance(outer, Widget):
            break
        if outer.styles.overflow_y != "hidden" and not isinstance(outer, Screen):
            if outer.max_scroll_y and not _scrolls_by_keyboard(outer):
                return f"{_name(outer)} has more to show and cannot be scrolled with the keyboard"
            inner = outer
            continue
        room = screen.size.region if isinstance(outer, Screen) else outer.content_region
        if inner.region and inner.region.intersection(room) != inner.region:
            return f"{_name(inner)} is cut off by {_name(outer)}"
    return ""


def _scrolls_by_keyboard(box: Widget) -> bool:
    return box.can_focus or any(one.can_focus for one in box.query(Widget))


def _is_whole(screen: Screen[object], widget: Widget) -> bool:
    geometry = screen.find_widget(widget)
    return bool(geometry.region) and geometry.region.intersection(geometry.clip) == geometry.region


def _lost_keys(screen: Screen[object]) -> Iterator[str]:
    for footer in screen.query(Footer):
        for key in footer.query(FooterKey):
            if footer.is_on_screen and key.region.right > screen.size.width:
                yield f"footer: no room for {key.key_display} {key.description}"


def focus_trouble(screen: Screen[object]) -> str:
    """Why somebody cannot see where they are; empty when they can."""
    focused = screen.focused
    if focused is None:
        return "nothing has the focus"
    if not focused.is_on_screen or not _seen(screen, focused).area:
        return f"{_name(focused)} has the focus and cannot be seen"
    if isinstance(focused, Choices):
        row = focused.highlighted_child
        if focused.entries and row is None:
            return f"no entry of {_name(focused)} is chosen"
        if row is not None and not _seen(screen, row).area:
            return f"the chosen entry of {_name(focused)} cannot be seen"
    return ""


def _seen(screen: Screen[object], widget: Widget) -> Region:
    geometry = screen.find_widget(widget)
    return geometry.region.intersection(geometry.clip).intersection(screen.size.region)


def _inked(text: str) -> str:
    return "".join(text.split())


def _name(widget: Widget) -> str:
    if widget.id:
        return f"{type(widget).__name__}#{widget.id}"
    if isinstance(widget, Words):
        return f"Words({widget._key})"
    around = next((one.id for one in widget.ancestors if one.id), None)
    return f"{type(widget).__name__} in #{around}" if around else type(widget).__name__
