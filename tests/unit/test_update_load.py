"""The estimate of an update's load: the model against simulated downloads, its laws, and what is said about it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculations import mirror_load, update_load, update_measures
from calculations._load_model import CLIENTS, MB, MBPS, MINUTES, Round, fewest_groups, fits, in_group
from calculations._measures import MEASURES, Environment
from calculations._update_plan import plan
from calculations.update_measures import ranked
from diagnose.calculation import Calculation
from diagnose.check import Value
from diagnose.expressions.types import Kind
from diagnose.text import Text
from tests.bench.update_load import CLOSE, compare, environments, simulate
from tests.bench.update_load import Environment as Network

ODD = (0.0, -1.0, 1e12, -1e12, 1e300, math.inf, -math.inf, 5e-324)

clients = st.integers(1, 20_000)
sizes = st.floats(0.1, 500)
speeds = st.floats(0.05, 10_000)
spreads = st.floats(0, 1440)
windows = st.floats(1, 1440)
rounds = st.builds(Round, clients, sizes, speeds, spreads)


def given_of(**more: Any) -> dict[str, Any]:
    """Inputs as the flow gives them: what is not said is None."""
    known = {"known_mb": [46.0, 68.4], "difference_mb": 5.0, "difference_days": 4.0, "clients_a_mirror": 400.0}
    names = dict.fromkeys(update_measures.CALCULATION.inputs)
    return {**names, **known, "client_count": 500.0, "link_mbps": 100.0, **more}


def load_of(**more: Any) -> Mapping[str, Value]:
    return update_load.CALCULATION.calculate(given_of(**more)).evidence


# The model


def test_the_seeds_sizes_for_500_clients_on_100_mbps() -> None:
    whole = Round.of(500, 46, 100)
    assert (whole.total_mb, whole.mb_a_minute) == (23_000, 750)
    assert whole.minutes == pytest.approx(23_000 / 750)
    assert whole.peak_mb == 23_000
    assert fewest_groups(whole, 60) == 1
    assert fewest_groups(whole, 30) == 2
    assert fewest_groups(whole, 5) == 7  # 81 clients in five minutes


@pytest.mark.parametrize("where", environments(200), ids=str)
def test_the_model_says_what_a_simulation_of_200_clients_shows(where: Network) -> None:
    found = compare(where, range(4))
    minutes, peak = found.errors
    assert found.seen.carried_mb == pytest.approx(where.clients * where.mb)
    assert abs(minutes) <= CLOSE
    # By chance alone the starts of so few clients scatter that much; with 10,000 the peak is always close.
    assert abs(peak) <= CLOSE or abs(found.peak_mb - found.seen.peak_mb) <= where.mb * math.sqrt(where.clients) / 2


def test_the_simulation_knows_when_two_share_a_line() -> None:
    alone = simulate(Network(1, 75.0, 10.0), 1)
    assert alone.minutes == pytest.approx(1.0)
    together = simulate(Network(2, 75.0, 10.0, spread=0.0), 1)
    assert together.minutes == pytest.approx(2.0)
    assert together.peak_mb == 150.0
    one_waits = simulate(Network(2, 75.0, 10.0, spread=0.0, connections=1), 1)
    assert one_waits.minutes == pytest.approx(2.0)
    behind_a_thin_line = simulate(Network(2, 75.0, 10.0, spread=0.0, sites=1, at_site=1, site_mbps=1.0), 1)
    assert behind_a_thin_line.minutes == pytest.approx(10.0)


@given(rounds, st.integers(1, 1000), st.floats(1, 3))
def test_more_clients_or_bytes_never_take_less_and_a_faster_line_never_more(
    one: Round, more: int, times: float
) -> None:
    for heavier in (replace(one, clients=one.clients + more), replace(one, mb=one.mb * times)):
        assert heavier.minutes >= one.minutes
        assert heavier.peak_mb >= one.peak_mb * (1 - 1e-9)
    faster = replace(one, mbps=one.mbps * times)
    assert faster.minutes <= one.minutes
    assert faster.peak_mb <= one.peak_mb * (1 + 1e-9)
    assert faster.wait_minutes <= one.wait_minutes * (1 + 1e-9)


@given(rounds, st.floats(1, 50))
def test_time_is_inverse_to_the_line_when_all_start_at_once(one: Round, times: float) -> None:
    together = replace(one, spread=0.0)
    assert replace(together, mbps=one.mbps * times).minutes == pytest.approx(together.minutes / times)


@given(rounds, st.integers(1, 500))
def test_groups_never_raise_the_peak_and_lose_nobody(one: Round, groups: int) -> None:
    group = in_group(one, groups)
    assert group.peak_mb <= one.peak_mb
    assert group.clients * groups >= one.clients


@given(st.builds(Round, st.integers(1, 300), st.floats(0.1, 100), st.floats(1, 1000), st.floats(0, 200)))
def test_every_byte_is_carried_once_and_never_more_than_the_line_can(one: Round) -> None:
    carried = list(one.carried())
    assert sum(carried) == pytest.approx(one.total_mb)
    assert max(carried) <= one.mb_a_minute * (1 + 1e-9)


@given(rounds, windows)
def test_the_fewest_groups_fit_and_fewer_do_not(whole: Round, window: float) -> None:
    groups = fewest_groups(whole, window)
    if groups is None:
        assert not fits(replace(whole, clients=1), window)
        return
    assert 1 <= groups <= whole.clients
    assert fits(in_group(whole, groups), window)
    assert groups == 1 or not fits(in_group(whole, groups - 1), window)


@given(rounds)
def test_the_load_rises_to_its_peak_and_falls_to_nothing(one: Round) -> None:
    rising = max(math.ceil(one.spread), 1)
    end = math.ceil(one.minutes) + rising + 1
    minutes = sorted({0, 1, rising // 2, rising - 1, rising, rising + 5, end})
    loads = [one.load(minute) for minute in minutes]
    assert one.load(rising - 1) == pytest.approx(one.peak_mb)
    assert all(
        a <= b * (1 + 1e-9) for a, b in pairwise(load for m, load in zip(minutes, loads, strict=True) if m < rising)
    )
    assert all(a >= b for a, b in pairwise(load for m, load in zip(minutes, loads, strict=True) if m >= rising - 1))
    assert all(0 <= load <= one.peak_mb * (1 + 1e-9) for load in loads)


@pytest.mark.parametrize("odd", ODD)
def test_numbers_beyond_the_limits_are_taken_as_the_limits(odd: float) -> None:
    one = Round.of(odd, odd, odd, odd)
    assert CLIENTS[0] <= one.clients <= CLIENTS[1]
    assert MB[0] <= one.mb <= MB[1] and MBPS[0] <= one.mbps <= MBPS[1] and MINUTES[0] <= one.spread <= MINUTES[1]
    assert math.isfinite(one.minutes) and math.isfinite(one.peak_mb) and math.isfinite(one.load(10**9))


def test_what_is_no_number_is_refused() -> None:
    for place in range(4):
        with pytest.raises(ValueError, match="not a number"):
            Round.of(*[math.nan if number == place else 1.0 for number in range(4)])


# What the flow gets


def test_today_s_larger_size_is_planned_with_and_both_are_told() -> None:
    found = load_of()
    assert (found["planned_mb"], found["total_bytes"], found["peak_mb"]) == (68.4, 34_200_000_000, 34_200)
    assert found["finish"] == timedelta(minutes=46)
    assert (found["line_fits"], found["sites_fit"], found["groups"]) == (True, True, 1)
    said = texts(found["sizes"])
    assert "46 MB" in said[0].ja and "23,000 MB" in said[0].ja and "30.7 min" in said[0].en
    assert "68.4 MB" in said[1].en and "34,200 MB" in said[1].en
    assert len(texts(load_of(update_mb=90.0)["sizes"])) == 3


def test_what_nobody_said_is_told_and_what_somebody_said_is_not() -> None:
    assumed = " ".join(text.en for text in texts(load_of()["assumptions"]))
    for part in ("68.4 MB", "60 minutes", "same time", "One mirror server", "No site", "differences"):
        assert part in assumed
    answered = load_of(
        update_mb=46.0, window_minutes=30.0, spread_minutes=0.0, mirror_count=1.0, sites=0.0, difference_offered=False
    )
    assert [text.en for text in texts(answered["assumptions"])] == ["A full update has 46 MB, as answered."]


@pytest.mark.parametrize(
    ("offered", "days", "said", "mb"),
    [
        (True, 4.0, "applies", 5.0),
        (True, 0.0, "applies", 5.0),
        (True, 4.5, "too_old", 68.4),
        (True, None, "unknown", 68.4),
        (None, 1.0, "unknown", 68.4),
        (None, None, "unknown", 68.4),
        (None, 10.0, "too_old", 68.4),
        (False, 1.0, "not_offered", 68.4),
    ],
)
def test_a_difference_needs_a_mirror_that_offers_it_and_clients_that_update_often(
    offered: bool | None, days: float | None, said: str, mb: float
) -> None:
    found = load_of(difference_offered=offered, days_between_updates=days)
    assert (found["difference"], found["planned_mb"]) == (said, mb)
    assert found["full_finish"] == timedelta(minutes=46)


def test_groups_make_a_slow_line_do_and_are_told() -> None:
    found = load_of(client_count=3000.0)
    assert (found["line_fits"], found["groups"], found["group_clients"]) == (False, 5, 600)
    assert (found["peak_mb"], found["grouped_peak_mb"], found["window_mb"]) == (205_200, 41_040, 45_000)
    assert found["grouped_finish"] == timedelta(minutes=4 * 60 + 55)
    assert found["groups_within_a_day"] is True
    assert load_of(client_count=300_000.0)["groups_within_a_day"] is False


def test_no_groups_help_where_one_download_is_too_much() -> None:
    found = load_of(link_mbps=0.064)
    assert found["line_fits"] is False
    assert "groups" not in found and "grouped_peak_mb" not in found


def test_mirrors_divide_the_clients_and_without_one_all_share_the_line() -> None:
    assert load_of(mirror_count=4.0)["line_clients"] == 125
    assert load_of(mirror_count=3.0)["line_clients"] == 167
    assert load_of(mirror_count=0.0)["line_clients"] == 500
    assert load_of(mirror_count=10_000.0)["line_clients"] == 1


def test_sites_have_lines_of_their_own() -> None:
    assert "sites_fit" not in load_of(sites=4.0)
    thin = load_of(sites=4.0, site_link_mbps=2.0)
    assert (thin["site_clients"], thin["sites_fit"], thin["groups"]) == (100, False, 8)
    assert load_of(sites=4.0, site_link_mbps=2.0, clients_per_site=10.0)["sites_fit"] is True
    assert load_of(sites=4.0, site_link_mbps=100.0)["sites_fit"] is True


def test_a_mirror_at_each_site_fetches_the_whole_once() -> None:
    found = load_of(sites=4.0, site_link_mbps=2.0, mirror_count=5.0, difference_offered=True, days_between_updates=1.0)
    assert (found["site_clients"], found["site_mb"], found["sites_fit"]) == (1, 68.4, True)
    isdn = load_of(sites=4.0, site_link_mbps=0.064, mirror_count=5.0)
    assert isdn["sites_fit"] is False and "groups" not in isdn


def test_the_chart_shows_before_and_after_below_what_the_line_carries_in_the_window() -> None:
    (chart,) = update_load.CALCULATION.calculate(given_of(client_count=3000.0)).charts
    before, after = chart.lines
    assert chart.limit == 45_000
    assert max(y for _, y in before.points) == 205_200
    assert max(y for _, y in after.points) == 41_040 <= chart.limit
    assert before.points[-1][1] == after.points[-1][1] == 0
    assert after.title == Text(ja="5 グループに分散", en="In 5 groups")
    assert len(update_load.CALCULATION.calculate(given_of()).charts[0].lines) == 1


def test_a_site_has_a_chart_of_its_own_unless_a_mirror_stands_there() -> None:
    def charts(**more: float) -> list[str]:
        return [chart.id for chart in update_load.CALCULATION.calculate(given_of(**more)).charts]

    assert charts(sites=4.0, site_link_mbps=2.0) == ["line-load", "site-load"]
    assert charts(sites=4.0) == charts(sites=4.0, site_link_mbps=2.0, mirror_count=5.0) == ["line-load"]


@pytest.mark.parametrize(("minutes", "unit"), [(1.0, "分"), (100.0, "分"), (5000.0, "時間"), (1e6, "日数")])
def test_long_charts_count_in_hours_or_days_and_have_few_points(minutes: float, unit: str) -> None:
    (chart,) = update_load.CALCULATION.calculate(given_of(link_mbps=34_200 / 7.5 / minutes)).charts
    assert unit in chart.x_title.ja
    for line in chart.lines:
        assert 2 <= len(line.points) <= 130
        assert max(y for _, y in line.points) > 0
        assert all(a < b for (a, _), (b, _) in pairwise(line.points))


def test_the_peak_is_in_the_chart_however_long_a_part_of_it_is() -> None:
    for count in (300.0, 3000.0, 30_000.0, 1e6):
        for spread in (0.0, 7.0, 60.0):
            given_ = given_of(client_count=count, spread_minutes=spread)
            found = update_load.CALCULATION.calculate(given_)
            tops = [max(y for _, y in line.points) for line in found.charts[0].lines]
            assert tops[0] == found.evidence["peak_mb"]
            assert tops[-1] == (found.evidence["grouped_peak_mb"] if len(tops) > 1 else tops[0])


def test_mirrors_needed() -> None:
    def found(count: float, mirrors: float | None) -> list[Value]:
        given_ = {"client_count": count, "clients_a_mirror": 400.0, "mirror_count": mirrors}
        return list(mirror_load.CALCULATION.calculate(given_).evidence.values())

    assert found(400, None) == [400, 400, 1, True]
    assert found(401, 1) == [401, 400, 2, False]
    assert found(801, 2) == [401, 400, 3, False]
    assert found(1e6, 10_000) == [100, 400, 2500, True]
    assert found(801, 0) == [400, 3]
    assert found(0, 1) == [1, 400, 1, True]


# The measures


def order(**more: Any) -> list[str]:
    return [one.measure.id for one in ranking(**more) if one.possible]


def ranking(**more: Any) -> list[update_measures.Ranked]:
    given_ = given_of(**more)
    mirrors = mirror_load.CALCULATION.calculate(given_).evidence
    return ranked(
        Environment(
            plan=plan(given_),
            mirror_overloaded=mirrors.get("mirrors_fit") is False and not given_["web_server"],
            mirrors_needed=1,
            web_server=bool(given_["web_server"]),
            managed=given_["managed"],
            can_change_network=given_["can_change_network"],
            can_change_settings=given_["can_change_settings"],
        )
    )


def test_the_guide_s_three_cases_get_the_guide_s_measures() -> None:
    # 5.1: one mirror, everyone at 12:00, nothing can be added.
    assert order(client_count=350.0, link_mbps=20.0, managed=True, can_change_network=False)[0] == "spread"
    # 5.2: one mirror server, many clients.
    assert order(client_count=2000.0, link_mbps=1000.0, managed=True, can_change_network=True)[0] == "web-server"
    # 5.3: sites behind thin lines.
    thin = {"sites": 5.0, "site_link_mbps": 1.5, "managed": True, "can_change_network": True}
    assert order(client_count=300.0, **thin)[0] == "site-mirrors"


def test_each_measure_is_best_where_the_guide_says_so() -> None:
    assert order(client_count=900.0, link_mbps=20.0, mirror_count=3.0, can_change_settings=False)[0] == "shaping"
    assert order(client_count=20.0, link_mbps=0.064)[0] == "offline"
    assert "task" not in order(managed=False)
    assert "task" in order(managed=True)


def test_what_cannot_be_done_comes_last_and_says_why() -> None:
    given_ = given_of(managed=False, can_change_network=False, can_change_settings=False, mirror_count=0.0)
    found = update_measures.CALCULATION.calculate(given_).evidence
    assert found["usable_measures"] == 0 and found["measures"] == ()
    assert len(texts(found["impossible_measures"])) == 6
    said = found["ranking"]
    assert isinstance(said, Text)
    assert said.ja.count("\n") == said.en.count("\n") == 5
    assert said.ja.count("×") == said.en.count("×") == 6
    assert "使えません" in said.ja and "cannot" in said.en


def test_a_web_server_that_is_there_already_is_no_measure() -> None:
    assert "web-server" not in order(client_count=2000.0, web_server=True)
    assert "web-server" not in order(mirror_count=0.0)


def test_where_a_mirror_at_every_site_is_already_too_much_media_are_best() -> None:
    here = {"sites": 3.0, "site_link_mbps": 0.1, "mirror_count": 4.0}
    assert order(**here)[0] == "offline"
    (site_mirrors,) = (one for one in ranking(**here) if one.measure.id == "site-mirrors")
    assert site_mirrors.weight < 0


@given(
    st.floats(1, 1e6),
    st.floats(0.01, 1e5),
    *[st.none() | st.booleans()] * 4,
    st.none() | st.floats(0, 50),
    st.none() | st.floats(0.01, 1000),
    st.none() | st.floats(0, 20),
)
def test_all_six_are_ranked_with_reasons_in_both_languages(
    count: float,
    mbps: float,
    managed: bool | None,
    network: bool | None,
    settings: bool | None,
    web: bool | None,
    sites: float | None,
    site_mbps: float | None,
    mirrors: float | None,
) -> None:
    found = ranking(
        client_count=count, link_mbps=mbps, managed=managed, can_change_network=network, can_change_settings=settings,
        web_server=web, sites=sites, site_link_mbps=site_mbps, mirror_count=mirrors,
    )  # fmt: skip
    assert sorted(one.measure.number for one in found) == [1, 2, 3, 4, 5, 6] == [one.number for one in MEASURES]
    weights = [(one.possible, one.weight if one.possible else 0) for one in found]
    assert weights == sorted(weights, reverse=True)
    for one in found:
        assert all(reason.text.ja.endswith("。") and reason.text.en.endswith(".") for reason in one.reasons)
        assert one.possible or one.reasons
        if settings is False:
            assert one.possible is False or one.measure.id in ("web-server", "shaping")
        if network is False:
            assert one.possible is False or one.measure.id not in ("site-mirrors", "shaping")


# What all of them keep to


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("module", [update_load, mirror_load, update_measures], ids=lambda module: module.__name__)
def test_odd_numbers_give_finite_evidence_of_the_declared_types(module: Any, odd: float) -> None:
    calculation: Calculation = module.CALCULATION
    for name in (name for name, one in calculation.inputs.items() if one.type.kind is Kind.DOUBLE):
        found = calculation.calculate(given_of(**{"sites": 3.0, "site_link_mbps": 2.0, name: odd}))
        _declared(calculation, found.evidence)
        for chart in found.charts:
            assert all(math.isfinite(x) and math.isfinite(y) for line in chart.lines for x, y in line.points)
            assert all(len(line.points) <= 130 for line in chart.lines)


def test_a_whole_run_of_odd_numbers() -> None:
    for odd in ODD:
        doubles = [name for name, one in update_load.CALCULATION.inputs.items() if one.type.kind is Kind.DOUBLE]
        found = update_load.CALCULATION.calculate(given_of(**dict.fromkeys(doubles, odd)))
        _declared(update_load.CALCULATION, found.evidence)


_PYTHON: Mapping[Kind, type] = {Kind.BOOL: bool, Kind.INT: int, Kind.DOUBLE: float, Kind.STRING: str}


def _declared(calculation: Calculation, evidence: Mapping[str, Value]) -> None:
    for name, value in evidence.items():
        declared = calculation.evidence[name]
        if declared.kind is Kind.DYN:
            assert isinstance(value, Text) or texts(value) is not None
        elif declared.kind is Kind.DURATION:
            assert isinstance(value, timedelta)
        else:
            assert type(value) is _PYTHON[declared.kind] or (declared.kind is Kind.DOUBLE and type(value) is int), name
            assert not isinstance(value, float) or math.isfinite(value)
            assert not isinstance(value, int) or abs(value) < 2**63


def texts(value: Value) -> tuple[Text, ...]:
    assert isinstance(value, tuple)
    return tuple(one for one in value if isinstance(one, Text))
