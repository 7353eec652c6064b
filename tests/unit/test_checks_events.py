from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from diagnose.machine.interface import MOST_EVENTS
from diagnose.machine.values import Absent, Event, Reason, Unseen
from tests.unit.fake_context import FakeContext
from tests.unit.fake_machine import NOON, FakeMachine
from tests.unit.measured import all_reasons, seen

DENIED = Unseen(Reason.DENIED, "System")


def signature(id_: str, log: str = "Application", **more: Any) -> dict[str, Any]:
    text = {"ja": "意味", "en": "meaning"}
    return {"id": id_, "log": log, "meaning": text, "fix": text, "source": "x", "confidence": "confirmed", **more}


def event(
    message: str, *, log: str = "Application", provider: str = "MsiInstaller", id_: int = 1, days: int = 0
) -> Event:
    return Event(log, provider, id_, 2, NOON - timedelta(days=days), message)


def look(logs: Mapping[str, list[Event] | Absent | Unseen], *signatures: dict[str, Any]) -> dict[str, Any]:
    machine = FakeMachine(events=logs)
    return seen("event_signatures", FakeContext(machine), event_signatures=list(signatures))


def test_a_failure_is_found_by_its_words_its_number_and_who_wrote_it() -> None:
    log = [event("別のエラー", id_=7), event("更新に失敗しました", provider="msiinstaller", days=1)]
    found = look(
        {"Application": log},
        signature("by-words", pattern="失敗"),
        signature("by-number", ids=[7]),
        signature("by-provider", provider="MsiInstaller", pattern="失敗"),
        signature("other-provider", provider="Apex One"),
        signature("other-number", ids=[8], pattern="失敗"),
    )
    assert found["event_ids"] == ("by-words", "by-number", "by-provider")
    assert found["events"] == (
        "2026-11-21 12:00 Application MsiInstaller 7: 別のエラー",
        "2026-11-20 12:00 Application msiinstaller 1: 更新に失敗しました",
    )
    assert found["latest_event"] == NOON
    assert len(found["event_meanings"]) == len(found["event_fixes"]) == 3


def test_a_log_without_the_failure_is_a_definite_no() -> None:
    found = look({"Application": [event("正常")]}, signature("a", pattern="失敗"))
    assert (found["events"], found["event_ids"], found["latest_event"]) == ((), (), Reason.MISSING)
    assert look({"Application": Absent("Application")}, signature("a"))["event_ids"] == ()
    assert look({}) == {
        "events": (), "event_ids": (), "event_meanings": (), "event_fixes": (), "latest_event": Reason.MISSING
    }  # fmt: skip


def test_a_log_that_cannot_be_read_decides_nothing() -> None:
    assert all_reasons(look({"Application": [], "System": DENIED}, signature("a"), signature("b", "System"))) == {
        Reason.DENIED
    }
    found = look({"Application": [event("x")], "System": DENIED}, signature("a"), signature("b", "System"))
    assert found["event_ids"] == ("a",)


def test_what_lies_behind_the_newest_events_is_not_ruled_out() -> None:
    full = [event("正常")] * MOST_EVENTS
    assert all_reasons(look({"Application": full}, signature("a", pattern="失敗"))) == {Reason.FAILED}
    assert look({"Application": [*full, event("失敗")]}, signature("a", pattern="失敗"))["event_ids"] == ("a",)


def test_an_event_without_a_time_comes_last() -> None:
    undated = Event("Application", "a", 1, 2, None, "x")
    found = look({"Application": [undated, event("y")]}, signature("a"))
    assert found["events"][-1] == "Application a 1: x"
    assert look({"Application": [undated]}, signature("a"))["latest_event"] is Reason.MISSING
