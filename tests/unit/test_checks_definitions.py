from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from diagnose.check import Saw
from diagnose.machine.values import Process, Reason, Unseen
from tests.unit.fake_context import FakeContext
from tests.unit.fake_machine import NOON, FakeMachine
from tests.unit.measured import all_reasons, measured, seen

JST = timezone(timedelta(hours=9))
KEY = r"HKLM\SOFTWARE\Microsoft\Windows Defender\Signature Updates : SignaturesLastUpdated"
DENIED = Unseen(Reason.DENIED, KEY, "アクセスが拒否されました")


def definitions(updated: Any, **parameters: Any) -> dict[str, Any]:
    context = FakeContext(facts={"updated": updated, "version": "1.421.318.0"})
    return seen("definitions", context, updated_at="updated", version="version", **parameters)


def test_fresh_definitions_show_age_version_and_limit() -> None:
    updated = NOON - timedelta(hours=26)
    assert definitions(updated) == {
        "age": timedelta(hours=26),
        "age_days": 1,
        "updated_at": updated,
        "version": "1.421.318.0",
        "limit_days": 7,
        "outdated": False,
    }


@pytest.mark.parametrize(
    ("age", "limit", "outdated"),
    [
        (timedelta(days=7), 7, False),
        (timedelta(days=7, seconds=1), 7, True),
        (timedelta(days=2), 1, True),
        (timedelta(0), 0, False),
        (timedelta(days=400), 7, True),
    ],
)
def test_definitions_are_outdated_beyond_the_limit(age: timedelta, limit: int, outdated: bool) -> None:
    assert definitions(NOON - age, limit_days=limit)["outdated"] is outdated


@pytest.mark.parametrize("ahead", [timedelta(seconds=1), timedelta(hours=23), timedelta(days=1)])
def test_a_date_a_little_ahead_of_the_clock_is_no_age_at_all(ahead: timedelta) -> None:
    result = definitions(NOON + ahead)
    assert (result["age"], result["age_days"], result["outdated"]) == (timedelta(), 0, False)


def test_definitions_from_the_future_are_neither_fresh_nor_old() -> None:
    result = definitions(NOON + timedelta(days=30))
    assert {result[name] for name in ("age", "age_days", "outdated")} == {Reason.CONTRADICTORY}
    assert result["updated_at"] == NOON + timedelta(days=30)


def test_a_time_in_another_zone_is_the_same_moment() -> None:
    context = FakeContext(facts={"u": "2026-11-20T00:00:00+00:00"}, now=datetime(2026, 11, 21, 9, 0, tzinfo=JST))
    assert seen("definitions", context, updated_at="u")["age"] == timedelta(days=1)


def test_the_age_names_the_place_of_the_fact() -> None:
    context = FakeContext(facts={"u": Saw(NOON - timedelta(days=9), KEY)})
    result = measured("definitions", context, updated_at="u")
    assert result["age_days"] == Saw(9, KEY)
    assert result["outdated"] == Saw(True, KEY)


@pytest.mark.parametrize(
    ("updated", "reason"),
    [(DENIED, Reason.DENIED), ("令和8年11月", Reason.MALFORMED), (133_000, Reason.MALFORMED)],
)
def test_a_date_that_cannot_be_read_leaves_the_age_unknown_but_not_the_version(updated: Any, reason: Reason) -> None:
    result = definitions(updated)
    assert {result[name] for name in ("age", "age_days", "updated_at", "outdated")} == {reason}
    assert (result["version"], result["limit_days"]) == ("1.421.318.0", 7)


def test_a_product_without_a_version_has_no_source_for_it() -> None:
    context = FakeContext(facts={"u": NOON})
    assert seen("definitions", context, updated_at="u")["version"] is Reason.NO_SOURCE


PROGRAMS = ("MpCmdRun.exe", "MpSigStub.exe")


@pytest.mark.parametrize(
    ("processes", "running"),
    [
        ((), ()),
        (("svchost.exe", "メモ帳.exe"), ()),
        (("MPCMDRUN.EXE", "mpcmdrun.exe"), ("MpCmdRun.exe",)),
        (("MpSigStub.exe", "MpCmdRun.exe"), PROGRAMS),
    ],
)
def test_programs_are_found_whatever_their_case_and_each_once(
    processes: tuple[str, ...], running: tuple[str, ...]
) -> None:
    machine = FakeMachine(processes=tuple(Process(name, 100) for name in processes))
    result = seen("programs", FakeContext(machine=machine), programs=PROGRAMS)
    assert result == {"programs_running": running, "any_program_running": bool(running)}


@pytest.mark.parametrize("reason", [Reason.NOT_RECORDED, Reason.DENIED])
def test_processes_that_cannot_be_listed_leave_the_programs_unknown(reason: Reason) -> None:
    machine = FakeMachine(processes=Unseen(reason, "processes"))
    assert all_reasons(seen("programs", FakeContext(machine=machine), programs=PROGRAMS)) == {reason}
