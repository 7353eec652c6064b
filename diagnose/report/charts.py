"""A chart of the run record as a report shows it: lines that can be drawn, numbers in words, and where it is all drawn.

Nothing of a record is trusted: what is no finite number is left out, what is too much is thinned, and a chart of which
nothing is left is not shown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from diagnose.chart import Chart, Line
from diagnose.report.formats import one_line, shortened
from diagnose.report.words import word
from diagnose.text import Language, Text

MOST_CHARTS = 4
"""Of one step."""
_MOST_LINES = 5
_MOST_POINTS = 300
_MOST_ROWS = 30
_LARGEST = 1e15
_LONGEST_TITLE = 120

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class LineContent:
    number: int
    """1-based; the mark of the line in the drawing and in its legend."""
    title: str
    points: tuple[Point, ...]
    highest: Point
    """The last of the highest points."""
    summary: str
    """`As it is: highest 205,200`."""


@dataclass(frozen=True, slots=True)
class ChartContent:
    title: str
    x_title: str
    y_title: str
    lines: tuple[LineContent, ...]
    limit: float | None
    limit_summary: str
    summary: str
    """The whole chart in one sentence, without a full stop."""


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Plot:
    """One drawing; all places in the units of its own width and height."""

    name: str
    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    curves: tuple[str, ...]
    """`12.0,30.5 14.0,31.0`, one for each line."""
    marks: tuple[Point, ...]
    limit_at: float | None


def chart_contents(charts: Iterable[Chart], language: Language) -> tuple[ChartContent, ...]:
    """The first that can be drawn."""
    found = (_content(chart, language) for chart in charts)
    return tuple(islice((chart for chart in found if chart is not None), MOST_CHARTS))


def _content(chart: Chart, language: Language) -> ChartContent | None:
    drawable = ((line, points) for line in chart.lines if (points := _usable(line)))
    usable = list(islice(drawable, _MOST_LINES))
    if not usable:
        return None
    lines = tuple(_line(number, line, points, language) for number, (line, points) in enumerate(usable, 1))
    limit = chart.limit if chart.limit is not None and _drawable(chart.limit) else None
    limit_summary = ""
    if limit is not None:
        title = _say(chart.limit_title, language) if chart.limit_title is not None else word("chart-limit", language)
        limit_summary = f"{title}{word('colon', language)}{number_text(limit)}"
    title, y_title = _say(chart.title, language), _say(chart.y_title, language)
    parts = [*(line.summary for line in lines), *([limit_summary] if limit_summary else [])]
    separator = word("list-separator", language) if language is Language.JA else "; "
    return ChartContent(
        title=title,
        x_title=_say(chart.x_title, language),
        y_title=y_title,
        lines=lines,
        limit=limit,
        limit_summary=limit_summary,
        summary=word("chart-summary", language, title=title, y=y_title, parts=separator.join(parts)),
    )


def _line(number: int, line: Line, points: tuple[Point, ...], language: Language) -> LineContent:
    top = max(y for _, y in points)
    highest = next(point for point in reversed(points) if point[1] == top)
    title = _say(line.title, language)
    summary = f"{title}{word('colon', language)}{word('chart-highest', language, value=number_text(top))}"
    return LineContent(number, title, points, highest, summary)


def _usable(line: Line) -> tuple[Point, ...]:
    points = sorted({point for point in line.points if _drawable(point[0]) and _drawable(point[1])})
    return tuple(_thinned(points, _MOST_POINTS))


def _drawable(value: float) -> bool:
    return math.isfinite(value) and abs(value) <= _LARGEST


def _thinned(points: Sequence[Point], most: int) -> list[Point]:
    """The highest point of every part, and the ends."""
    if len(points) <= most:
        return list(points)
    parts = most - 2
    inner = points[1:-1]
    cuts = [len(inner) * part // parts for part in range(parts + 1)]
    return [points[0], *(max(inner[a:b], key=lambda point: point[1]) for a, b in pairwise(cuts)), points[-1]]


def _say(text: Text, language: Language) -> str:
    return shortened(one_line(text.in_language(language)), _LONGEST_TITLE)


def number_text(value: float) -> str:
    """`205,200`, `68.4`, `1.2e+12`."""
    if abs(value) >= 1e10:
        return f"{value:.3g}"
    text = f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:,.2g}"
    return "0" if text == "-0" else text


def table_rows(chart: ChartContent) -> list[list[str]]:
    """The numbers of the drawing: x, then a cell for each line; a few dozen rows with all highest points."""
    columns = [dict(line.points) for line in chart.lines]
    every = sorted(set().union(*columns))
    step = max(1, math.ceil(len(every) / _MOST_ROWS))
    shown = sorted({*every[::step], every[-1], *(line.highest[0] for line in chart.lines)})
    return [[number_text(x), *(number_text(column[x]) if x in column else "" for column in columns)] for x in shown]


def plots(chart: ChartContent) -> tuple[Plot, Plot]:
    """For a page and for a phone: text keeps its size while the drawing gets narrower."""
    return _plot(chart, "wide", 720, 300, 6), _plot(chart, "narrow", 340, 260, 4)


def _plot(chart: ChartContent, name: str, width: int, height: int, x_count: int) -> Plot:
    xs = [x for line in chart.lines for x, _ in line.points]
    ys = [y for line in chart.lines for _, y in line.points] + ([chart.limit] if chart.limit is not None else [])
    x_steps = _steps(min(xs), max(xs), x_count)
    y_steps = _steps(min(0.0, *ys), max(ys), 5)
    x_low = min(xs)
    x_high = max(xs) if max(xs) > x_low else x_low + max(1.0, abs(x_low))
    y_low, y_high = y_steps[0], y_steps[-1]
    labels = [number_text(y) for y in y_steps]
    left, right = 14.0 + 7.2 * max(map(len, labels)), width - 14.0
    top, bottom = 16.0, height - 26.0

    def across(x: float) -> float:
        return left + (x - x_low) / (x_high - x_low) * (right - left)

    def down(y: float) -> float:
        return bottom - (y - y_low) / (y_high - y_low) * (bottom - top)

    return Plot(
        name=name,
        width=width,
        height=height,
        left=left,
        right=right,
        top=top,
        bottom=bottom,
        x_ticks=tuple(Tick(across(x), number_text(x)) for x in x_steps if x_low <= x <= x_high),
        y_ticks=tuple(Tick(down(y), label) for y, label in zip(y_steps, labels, strict=True)),
        curves=tuple(" ".join(f"{across(x):.1f},{down(y):.1f}" for x, y in line.points) for line in chart.lines),
        marks=_marks(
            [(across(line.highest[0]), down(line.highest[1])) for line in chart.lines], left, right, top, bottom
        ),
        limit_at=down(chart.limit) if chart.limit is not None else None,
    )


def _marks(points: Iterable[Point], left: float, right: float, top: float, bottom: float) -> tuple[Point, ...]:
    """Where the numbers of the lines stand: right of their highest points, inside, and not on one another."""
    found: list[Point] = []
    for x, y in points:
        at = min(max(x + 13, left + 11), right - 11), min(max(y, top + 9), bottom - 11)
        while any(abs(at[0] - other[0]) < 20 and abs(at[1] - other[1]) < 20 for other in found):
            at = (at[0] + 22, at[1]) if at[0] + 22 <= right - 11 else (left + 11, at[1] + 22)
        found.append(at)
    return tuple(found)


def _steps(low: float, high: float, count: int) -> list[float]:
    """Round numbers from at most `low` to at least `high`, about `count` of them."""
    rough = max(high - low, abs(high) * 1e-9, 1e-9) / count
    size = 10.0 ** math.floor(math.log10(rough))
    step = size * next(part for part in (1, 2, 5, 10) if size * part >= rough * 0.999)
    first, last = math.floor(low / step), math.ceil(high / step - 1e-9)
    return [number * step for number in range(first, max(last, first + 1) + 1)]
