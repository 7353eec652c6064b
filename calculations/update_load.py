"""What a full update does to the lines that it comes through: bytes, time, peak, and in how many groups it fits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from calculations._amounts import minutes_text, number, rounded, span
from calculations._load_model import Round, in_group
from calculations._update_plan import DEFAULT_WINDOW, INPUTS, Plan, plan
from diagnose.calculation import Calculated, Calculation
from diagnose.chart import Chart, Line
from diagnose.check import Value
from diagnose.expressions.types import BOOL, DOUBLE, DURATION, DYN, INT, enum_of
from diagnose.text import Text

_POINTS = 120
"""Of a line in the chart, at most about so many."""


def _calculate(given: Mapping[str, Any]) -> Calculated:
    planned = plan(given)
    evidence = {
        **_line(planned),
        **_sites(planned),
        **_groups(planned),
        "sizes": tuple(_sizes(given, planned)),
        "assumptions": tuple(_assumptions(given, planned)),
    }
    title = Text(ja="回線の負荷", en="Load of the line")
    if planned.mirrors > 1:
        title = Text(ja="ミラーサーバー1台の回線の負荷", en="Load of the line of each mirror server")
    charts = [_chart("line-load", title, planned.line, planned)]
    if planned.site is not None and not planned.mirror_at_site:
        site_title = Text(ja="拠点の回線の負荷", en="Load of the line of a site")
        charts.append(_chart("site-load", site_title, planned.site, planned))
    return Calculated(evidence, tuple(charts))


def _line(planned: Plan) -> dict[str, Value]:
    line = planned.line
    return {
        "difference": planned.difference,
        "planned_mb": rounded(line.mb),
        "line_clients": line.clients,
        "total_mb": rounded(planned.clients * line.mb),
        "total_bytes": round(planned.clients * line.mb * 1_000_000),
        "line_mb_a_minute": rounded(line.mb_a_minute),
        "window_minutes": rounded(planned.window),
        "window_mb": rounded(line.mb_a_minute * planned.window),
        "finish": span(line.minutes),
        "full_finish": span(planned.full_line.minutes),
        "peak_mb": rounded(line.peak_mb),
        "line_fits": planned.line_fits,
    }


def _sites(planned: Plan) -> dict[str, Value]:
    found: dict[str, Value] = {} if planned.sites_fit is None else {"sites_fit": planned.sites_fit}
    if planned.site is None:
        return found
    return found | {
        "site_clients": planned.site.clients,
        "site_mb": rounded(planned.site.mb),
        "site_finish": span(planned.site.minutes),
        "site_peak_mb": rounded(planned.site.peak_mb),
    }


def _groups(planned: Plan) -> dict[str, Value]:
    if planned.groups is None:
        return {}
    lines = [planned.line] if planned.site is None else [planned.line, planned.site]
    return {
        "groups": planned.groups,
        "group_clients": math.ceil(planned.clients / planned.groups),
        "group_interval_minutes": rounded(planned.interval),
        "grouped_peak_mb": rounded(planned.grouped(planned.line).peak_mb),
        "grouped_finish": span(max(planned.grouped_minutes(one) for one in lines)),
        "groups_within_a_day": planned.within_a_day,
    }


def _sizes(given: Mapping[str, Any], planned: Plan) -> Iterator[Text]:
    """The same environment with every full size that is known."""
    for mb in sorted({*given["known_mb"], planned.full_mb}):
        whole = replace(planned.full_line, mb=mb)
        total, time = number(planned.clients * mb), minutes_text(whole.minutes)
        yield Text(
            ja=f"1台 {number(mb)} MB の場合は合計 {total} MB、{time.ja}かかります。",
            en=f"With {number(mb)} MB each it is {total} MB in all and takes {time.en}.",
        )


def _assumptions(given: Mapping[str, Any], planned: Plan) -> Iterator[Text]:
    """What was taken because nobody said it; the size in any case."""
    size = number(planned.full_mb)
    if given["update_mb"] is None:
        yield Text(ja=f"全体のサイズは {size} MB として計算しました。", en=f"A full update is taken to have {size} MB.")
    else:
        yield Text(ja=f"全体のサイズは回答の {size} MB です。", en=f"A full update has {size} MB, as answered.")
    if given["window_minutes"] is None:
        window = number(DEFAULT_WINDOW)
        yield Text(ja=f"時間枠は {window} 分として計算しました。", en=f"The window is taken to be {window} minutes.")
    if given["spread_minutes"] is None:
        yield Text(
            ja="すべてのクライアントが同じ時刻に開始するものとしました。",
            en="All clients are taken to start at the same time.",
        )
    if given["mirror_count"] is None and planned.mirrors:
        yield Text(ja="ミラーサーバーは1台としました。", en="One mirror server is assumed.")
    if given["sites"] is None:
        yield Text(ja="細い回線でつながる拠点はないものとしました。", en="No site behind a line of its own is assumed.")
    if planned.site is not None and given["clients_per_site"] is None and not planned.mirror_at_site:
        at_site = number(planned.site.clients)
        yield Text(
            ja=f"1つの拠点のクライアントは {at_site} 台としました。", en=f"A site is taken to have {at_site} clients."
        )
    if planned.difference == "unknown":
        yield Text(
            ja="差分で更新できるかどうかがわからないため、全体を取得するものとしました。",
            en="Whether differences can be used is not known, so everyone is taken to fetch the whole.",
        )


def _chart(id_: str, title: Text, whole: Round, planned: Plan) -> Chart:
    """Load before and after, minute by minute, or in longer parts of which the worst minute counts."""
    groups = planned.groups or 1
    end = max(whole.minutes, planned.grouped_minutes(whole)) + 1
    unit, x_title = _unit(end)
    step = max(1, math.ceil(end / _POINTS))
    starts = range(0, min(math.ceil(end), _POINTS * step) + step, step)

    def line(name: Text, one: Round, count: int) -> Line:
        points = tuple((minute / unit, _worst(one, count, planned.interval, minute, step)) for minute in starts)
        return Line(title=name, points=points)

    lines = [line(Text(ja="今のまま", en="As it is"), whole, 1)]
    if groups > 1:
        name = Text(ja=f"{groups} グループに分散", en=f"In {groups} groups")
        lines.append(line(name, in_group(whole, groups), groups))
    window = minutes_text(planned.window)
    return Chart(
        id=id_,
        title=title,
        x_title=x_title,
        y_title=Text(ja="その分に送る量と待っている量（MB）", en="To be sent in the minute, with what waits (MB)"),
        lines=tuple(lines),
        limit=rounded(whole.mb_a_minute * planned.window),
        limit_title=Text(ja=f"回線が {window.ja}で送れる量", en=f"What the line carries in {window.en}"),
    )


def _worst(one: Round, groups: int, interval: int, first: int, count: int) -> float:
    """The highest load of `count` minutes from `first` on. Within a group it rises to its peak and falls from there."""
    peak_at = max(math.ceil(one.spread), 1) - 1
    last = first + count - 1
    peaks = [group * interval + peak_at for group in (first // interval, first // interval + 1, last // interval)]
    minutes = {first, last, *(min(max(peak, first), last) for peak in peaks)}
    return rounded(max(one.load(minute - min(minute // interval, groups - 1) * interval) for minute in minutes))


def _unit(minutes: float) -> tuple[int, Text]:
    """Minutes in the unit of the axis, and its name."""
    if minutes <= 600:
        return 1, Text(ja="開始からの時間（分）", en="Minutes since the start")
    if minutes <= 10 * 1440:
        return 60, Text(ja="開始からの時間（時間）", en="Hours since the start")
    return 1440, Text(ja="開始からの日数", en="Days since the start")


CALCULATION = Calculation(
    inputs=INPUTS,
    evidence={
        "difference": enum_of(("applies", "not_offered", "too_old", "unknown")),
        "planned_mb": DOUBLE,
        "line_clients": INT,
        "total_mb": DOUBLE,
        "total_bytes": INT,
        "line_mb_a_minute": DOUBLE,
        "window_minutes": DOUBLE,
        "window_mb": DOUBLE,
        "finish": DURATION,
        "full_finish": DURATION,
        "peak_mb": DOUBLE,
        "line_fits": BOOL,
        "sites_fit": BOOL,
        "site_clients": INT,
        "site_mb": DOUBLE,
        "site_finish": DURATION,
        "site_peak_mb": DOUBLE,
        "groups": INT,
        "group_clients": INT,
        "group_interval_minutes": DOUBLE,
        "grouped_peak_mb": DOUBLE,
        "grouped_finish": DURATION,
        "groups_within_a_day": BOOL,
        "sizes": DYN,
        "assumptions": DYN,
    },
    calculate=_calculate,
)
