"""Two repairs of Textual 8.2.8 for Japanese, kept here until Textual has them. Nothing is changed before `install`.

1. Lines are divided by the rules of Japanese (`line_breaking.py`) wherever Textual wraps text: labels, toasts, dialogs.
2. A wide character in front of the edge of a covered widget is not lost any more (textual#6357). Textual cuts lines at
   the edges of all widgets, covered ones too, and a wide character on a cut becomes two blanks. Here a line is cut only
   where another widget comes to the front, and a partial repaint ends between characters, never inside one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from inspect import signature
from typing import TYPE_CHECKING

from textual.geometry import Region
from textual.strip import Strip

if TYPE_CHECKING:
    from textual._compositor import ChopsUpdate, Compositor

MADE_FOR = "8.2.8"


class TextualDiffersError(RuntimeError):
    """This Textual is not the one that the repairs were made for; nothing was changed."""

    def __init__(self, what: str) -> None:
        super().__init__(f"diagnose/tui/textual_patches.py repairs Textual {MADE_FOR}; in this one {what}")


def install() -> None:
    """Repair Textual, all or nothing; again is the same as once. Raises TextualDiffersError."""
    try:
        from textual import content
        from textual._compositor import ChopsUpdate, Compositor  # noqa: F401

        from diagnose.tui.line_breaking import divide_line
    except ImportError as error:
        raise TextualDiffersError(str(error)) from error
    repairs = (
        (content, "divide_line", divide_line),
        (Compositor, "_render_chops", _render_chops),
        (Compositor, "render_partial_update", _render_partial_update),
    )
    for owner, name, repaired in repairs:
        _check_replaceable(owner, name, repaired)
    for name in ("_get_renders", "_regions_to_spans", "_dirty_regions", "size"):
        if not hasattr(Compositor(), name):
            raise TextualDiffersError(f"Compositor has no {name}")
    for owner, name, repaired in repairs:
        setattr(owner, name, repaired)


def _check_replaceable(owner: object, name: str, repaired: Callable[..., object]) -> None:
    current = getattr(owner, name, None)
    if not callable(current):
        raise TextualDiffersError(f"{owner!r} has no function {name}")
    if list(signature(current).parameters) != list(signature(repaired).parameters):
        raise TextualDiffersError(f"{name} takes other arguments: {signature(current)}")


def _render_chops(self: Compositor, crop: Region, is_rendered_line: Callable[[int], bool]) -> list[dict[int, Strip]]:
    """What is seen of every line, by the column where it begins; outside `crop` it may be wrong."""
    width, height = self.size
    lines: list[dict[int, Strip]] = [{} for _ in range(height)]
    free = {y: [(0, width)] for y in range(height) if is_rendered_line(y)}
    for region, clip, strips in self._get_renders(crop):  # the foremost widget first
        seen = region.intersection(clip)
        for y, strip in zip(seen.line_range, strips, strict=False):
            if free.get(y):
                free[y] = list(_claimed(free[y], strip, seen, lines[y]))
    return [dict(sorted(line.items())) for line in lines]


def _claimed(
    free: list[tuple[int, int]], strip: Strip, seen: Region, line: dict[int, Strip]
) -> Iterator[tuple[int, int]]:
    """Draws a strip where the line is still free, and gives what is free behind it."""
    strip_end = min(seen.x + strip.cell_length, seen.right)
    for start, end in free:
        first, last = max(start, seen.x), min(end, strip_end)
        if first >= last:
            yield start, end
            continue
        line[first] = strip.crop(first - seen.x, last - seen.x)
        if start < first:
            yield start, first
        if last < end:
            yield last, end


def _render_partial_update(self: Compositor) -> ChopsUpdate | None:
    """Draws the dirty regions, and whole characters at their edges: also one that a vanished overlay had cut."""
    from textual._compositor import ChopsUpdate

    screen = self.size.region
    dirty = [seen for region in self._dirty_regions if (seen := region.intersection(screen))]
    self._dirty_regions.clear()
    if not dirty:
        return None
    spans = list(self._regions_to_spans(dirty))
    # One column more, because the widget that is in front there decides whether a character may reach into it.
    crop = Region.from_union(dirty).grow((0, 1, 0, 1)).intersection(screen)
    lines = self._render_chops(crop, {y for y, _, _ in spans}.__contains__)
    chops: list[dict[int, Strip]] = [{} for _ in lines]
    ends: list[list[int]] = [[] for _ in lines]
    drawn = []
    for y, first, last in spans:
        pieces = list(_whole_characters(lines[y], first, last))
        chops[y].update(pieces)
        ends[y].extend(start + piece.cell_length for start, piece in pieces)
        if pieces:
            drawn.append((y, pieces[0][0], ends[y][-1]))
    return ChopsUpdate(chops, drawn, ends) if drawn else None


def _whole_characters(line: Mapping[int, Strip | None], first: int, last: int) -> Iterator[tuple[int, Strip]]:
    """The parts of a line that show in some columns; at either end one column more if a wide character reaches over."""
    for start, strip in line.items():
        if strip is None or start >= last or start + strip.cell_length <= first:
            continue
        begin = _character_at(strip, first - start)[0] if start < first else 0
        end = _character_at(strip, last - start - 1)[1]
        yield start + begin, strip.crop(begin, end)


def _character_at(strip: Strip, column: int) -> tuple[int, int]:
    """Where in a strip the character of a column begins and ends; behind the strip: its end."""
    from rich.cells import split_graphemes

    position = 0
    for segment in strip:
        if position + segment.cell_length <= column:
            position += segment.cell_length
            continue
        for _, _, cells in split_graphemes(segment.text)[0]:
            if position + cells > column:
                return position, position + cells
            position += cells
    return strip.cell_length, strip.cell_length
