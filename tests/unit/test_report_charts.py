"""Charts in reports: drawn from hostile records too, told in words everywhere, readable without colour or eyes."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from diagnose.chart import Chart, Line
from diagnose.report.charts import MOST_CHARTS, chart_contents, number_text, plots, table_rows
from diagnose.report.html import render_html
from diagnose.report.markdown import render_markdown
from diagnose.report.plain import render_text
from diagnose.run.result import RunResult, Status
from diagnose.text import Language, Text
from diagnose.tui.session import Session
from diagnose.tui.step_text import detail_lines, step_lines
from tests.unit import sample_results as sample
from tests.unit.sample_results import every_language
from tests.unit.test_report_html import Page


def text(ja: str, en: str) -> Text:
    return Text(ja=ja, en=en)


BEFORE = Line(title=text("今のまま", "As it is"), points=((0.0, 34200.0), (30.0, 11700.0), (45.0, 450.0), (46.0, 0.0)))
AFTER = Line(
    title=text("2 グループ", "In 2 groups"), points=((0.0, 17100.0), (22.0, 600.0), (60.0, 17100.0), (83.0, 0.0))
)
CHART = Chart(
    id="load",
    title=text("回線の負荷", "Load of the line"),
    x_title=text("時間（分）", "Minutes"),
    y_title=text("負荷（MB）", "Load (MB)"),
    lines=(BEFORE, AFTER),
    limit=22500.0,
    limit_title=text("30 分で送れる量", "Carried in 30 min"),
)


def with_charts(*charts: Chart, status: Status = Status.PASS) -> RunResult:
    result = sample.healthy()
    first = replace(result.steps[0], charts=charts, status=status)
    return replace(result, steps=(first, *result.steps[1:]))


def chart_of(*points: tuple[float, float], limit: float | None = None) -> Chart:
    return replace(CHART, lines=(Line(title=text("線", "line"), points=points),), limit=limit)


@every_language
def test_every_format_says_the_highest_values_and_the_limit(language: Language) -> None:
    result = with_charts(CHART)
    shown = [
        Page(render_html(result, language)).text[language],
        " ".join(render_text(result, language, width=400).split()),
        render_markdown(result, language),
    ]
    for document in shown:
        for value in ("34,200", "17,100", "22,500"):
            assert value in document
        assert BEFORE.title.in_language(language) in document


@every_language
def test_the_screens_say_the_peaks_in_one_line(language: Language) -> None:
    nobody: Any = None
    session = Session(nobody, nobody, language, lambda number, event: None)
    session.result = with_charts(CHART)
    step = session.result.steps[0].id
    for lines in (step_lines(session, step, language), list(detail_lines(session, step, language))):
        (line,) = (line for line in lines if "34,200" in line)
        assert "17,100" in line and "22,500" in line and "\n" not in line


def test_the_drawing_has_a_name_a_description_and_its_numbers_in_a_table() -> None:
    page = Page(render_html(with_charts(CHART), Language.EN))
    drawings = [attributes for tag, attributes in page.elements if tag == "svg" and "role" in attributes]
    assert len(drawings) == 4  # two languages, for a page and for a phone
    ids = set(page.values_of("id"))
    for drawing in drawings:
        assert drawing["role"] == "img"
        names = (drawing["aria-labelledby"] or "").split()
        assert len(names) == 2 and set(names) <= ids
    assert len(page.values_of("id")) == len(ids)
    text_ = page.text["en"]
    assert "The numbers of the chart" in text_
    table = text_[text_.index("The numbers of the chart") :]
    for cell in ("11,700", "600", "83"):
        assert cell in table


def test_lines_differ_by_more_than_colour() -> None:
    document = render_html(with_charts(CHART), Language.JA)
    style = document[document.index("<style>") : document.index("</style>")]
    dashes = re.findall(r"\.chart \.(?:line-\d|limit) \{[^}]*stroke-dasharray: ([^;}]+)", style)
    assert len(dashes) == len(set(dashes)) == 5
    assert document.count('class="mark mark-1"') == document.count('class="mark mark-2"') == 6


def test_charts_fetch_and_run_nothing() -> None:
    page = Page(render_html(with_charts(CHART), Language.JA))
    assert not {tag for tag, _ in page.elements} & {
        "script",
        "image",
        "use",
        "foreignobject",
        "a:href",
        "animate",
        "set",
    }
    assert not page.values_of("style") and not page.values_of("xlink:href")
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]


def test_a_chart_of_which_nothing_can_be_drawn_is_left_out() -> None:
    for chart in (replace(CHART, lines=()), chart_of(), chart_of((math.nan, 1.0), (1.0, math.inf), (0.0, 1e300))):
        assert chart_contents([chart], Language.EN) == ()
        assert "<figure" not in render_html(with_charts(chart), Language.EN)


@pytest.mark.parametrize(
    "points",
    [
        ((0.0, 0.0),),
        ((5.0, 7.0),),
        ((1.0, 3.0), (1.0, 4.0)),
        ((0.0, -5.0), (1.0, -9.0)),
        ((-1e15, 1e15), (1e15, -1e15)),
    ],
)
def test_odd_lines_stay_inside_the_drawing(points: tuple[tuple[float, float], ...]) -> None:
    held_inside(chart_of(*points, limit=points[0][1] * 2))


numbers = st.floats(allow_nan=True, allow_infinity=True) | st.integers(-1000, 10**6).map(float)
lines = st.lists(st.tuples(numbers, numbers), max_size=40)


@given(st.lists(lines, max_size=8), st.none() | numbers)
def test_any_record_is_drawn_inside_its_frame(many: list[list[tuple[float, float]]], limit: float | None) -> None:
    made = tuple(Line(title=text("線", "line"), points=tuple(points)) for points in many)
    held_inside(replace(CHART, lines=made, limit=limit))


def held_inside(chart: Chart) -> None:
    for content in chart_contents([chart], Language.EN):
        assert 1 <= len(content.lines) <= 5
        assert len(table_rows(content)) <= 40
        for plot in plots(content):
            assert plot.left < plot.right <= plot.width and plot.top < plot.bottom <= plot.height
            assert 1 <= len(plot.x_ticks) <= 16 and 2 <= len(plot.y_ticks) <= 16
            places = [tuple(map(float, pair.split(","))) for curve in plot.curves for pair in curve.split()]
            for x, y in [*places, *plot.marks]:
                assert plot.left - 0.1 <= x <= plot.right + 0.1
                assert plot.top - 0.1 <= y <= plot.bottom + 200  # marks that make room for one another
            for _, y in places:
                assert y <= plot.bottom + 0.1
            if plot.limit_at is not None:
                assert plot.top - 0.1 <= plot.limit_at <= plot.bottom + 0.1


def test_too_much_is_thinned_and_the_peak_stays() -> None:
    points = tuple((float(x), 5e6 if x == 14_321 else float(x % 1000)) for x in range(20_000))
    many = replace(CHART, lines=(Line(title=text("線", "line"), points=points),) * 8)
    contents = chart_contents([many] * 6, Language.EN)
    assert len(contents) == MOST_CHARTS
    assert len(contents[0].lines) == 5
    assert len(contents[0].lines[0].points) <= 300
    assert contents[0].lines[0].highest == (14_321.0, 5e6)
    assert any(row[0] == "14,321" for row in table_rows(contents[0]))
    assert len(render_html(with_charts(*[many] * 6), Language.EN)) < 600_000


def test_titles_are_text_and_short() -> None:
    hostile = text("</title><script>", '"><script>alert(1)</script>\u202e' + "x" * 5000)
    chart = Chart(id="<", title=hostile, x_title=hostile, y_title=hostile, lines=(replace(BEFORE, title=hostile),))
    page = Page(render_html(with_charts(chart), Language.EN))
    assert "script" not in {tag for tag, _ in page.elements}
    assert "[U+202E]" in page.text["en"] and "\u202e" not in page.text["en"]
    assert "x" * 300 not in page.text["en"]
    assert "<script>" not in render_markdown(with_charts(chart), Language.EN)


def test_a_limit_may_be_missing_or_nameless() -> None:
    (without,) = chart_contents([replace(CHART, limit=None)], Language.EN)
    assert (without.limit, without.limit_summary) == (None, "")
    (nameless,) = chart_contents([replace(CHART, limit_title=None)], Language.JA)
    assert nameless.limit_summary == "上限：22,500"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "0"),
        (68.4, "68"),
        (2.5, "2.5"),
        (0.05, "0.05"),
        (-0.0, "0"),
        (205200.0, "205,200"),
        (1e13, "1e+13"),
        (12.0, "12"),
    ],
)
def test_numbers_are_short(value: float, said: str) -> None:
    assert number_text(value) == said
