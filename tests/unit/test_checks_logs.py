from __future__ import annotations

import gzip
import tracemalloc
import zlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks._logs import MAX_LINES
from diagnose.check import Saw
from diagnose.machine.interface import READ_LIMIT
from diagnose.machine.values import FileInfo, Reason, System, Unseen
from diagnose.text import Text
from tests.unit.fake_context import FakeContext
from tests.unit.fake_machine import NOON, FakeMachine
from tests.unit.measured import all_reasons, measured, seen

JST = timezone(timedelta(hours=9))
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=JST)
DENIED = Unseen(Reason.DENIED, "場所", "拒否")
TEMP = r"C:\エージェント\Temp"
FACTS = {"agent.folder": "C:\\エージェント\\"}
OLD, NEW = rf"{TEMP}\upgrade_20261120080000.log", rf"{TEMP}\upgrade_20261121080000.log"
LINES = {
    "logs": r"{agent.folder}Temp\upgrade_*.log",
    "line_time": r"^(\d{4}/\d{2}/\d{2} \d{2}:\d{2}:\d{2}) - ",
    "time_format": "%Y/%m/%d %H:%M:%S",
}


def progress(
    files: Any, modified: Any = None, *, boot: datetime | None = None, facts: Any = None, now: datetime = NOW
) -> dict[str, Any]:
    machine = FakeMachine(files=files, modified=modified, system=System(boot_time=boot))
    context = FakeContext(machine=machine, facts=FACTS if facts is None else facts, now=now)
    return seen("progress", context, **LINES)


def test_the_last_line_of_the_newest_log_tells_the_last_activity() -> None:
    text = "2026/11/21 08:30:00 - 開始\r\n2026/11/21 08:40:00 - 更新中\r\n  続き\r\n"
    times = {OLD: NOW - timedelta(hours=25), NEW: NOW - timedelta(minutes=40)}
    boot = NOW - timedelta(days=2)
    result = progress({OLD: b"2026/11/21 08:59:00 - x", NEW: text.encode("cp932")}, times, boot=boot)
    assert result == {
        "log_found": True,
        "last_activity": datetime(2026, 11, 21, 8, 40, tzinfo=JST),
        "last_activity_age": timedelta(minutes=20),
        "attempts_24h": 1,
        "newest_log": NEW,
        "uptime": timedelta(days=2),
    }


def test_a_later_modified_time_wins() -> None:
    result = progress({NEW: b"2026/11/21 08:40:00 - x"}, {NEW: NOW - timedelta(minutes=1)})
    assert result["last_activity_age"] == timedelta(minutes=1)


def test_line_times_use_the_offset_of_the_run_also_for_utc_file_times() -> None:
    result = progress({NEW: "2026/11/21 08:40:00 - x".encode("utf-16")}, {NEW: datetime(2026, 11, 20, tzinfo=UTC)})
    assert result["last_activity"] == datetime(2026, 11, 20, 23, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    "tail",
    [
        "2026/11/21 09:06:00 - 未来",
        "2026/13/45 99:99:99 - 壊れた行",
        "0001/01/01 00:00:00 - 大昔",
        "2026/11/21 08:5",
        "\n\n\n",
    ],
)
def test_times_that_cannot_be_are_passed_over(tail: str) -> None:
    result = progress({NEW: f"2026/11/21 08:40:00 - x\n{tail}".encode()}, {NEW: NOW + timedelta(days=3)})
    assert result["last_activity"] == datetime(2026, 11, 21, 8, 40, tzinfo=JST)
    assert result["attempts_24h"] == 0


def test_a_clock_that_differs_a_little_never_gives_a_negative_age() -> None:
    result = progress({NEW: b""}, {NEW: NOW + timedelta(minutes=4)})
    assert result["last_activity_age"] == timedelta()
    assert result["attempts_24h"] == 1


@pytest.mark.parametrize("content", [b"\x00\xff\x01\xfe" * 500, DENIED, FileInfo(NEW, None, NOW - timedelta(hours=1))])
def test_an_unreadable_log_still_has_its_modified_time(content: Any) -> None:
    result = progress({NEW: content}, {NEW: NOW - timedelta(hours=1)})
    assert result["last_activity_age"] == timedelta(hours=1)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x00\xff\x01\xfe" * 500, Reason.MALFORMED),
        ("時刻のない行".encode(), Reason.MALFORMED),
        (DENIED, Reason.DENIED),
    ],
)
def test_a_log_with_no_time_at_all_is_unknown(content: Any, reason: Reason) -> None:
    result = progress({NEW: content})
    assert (result["log_found"], result["newest_log"]) == (True, NEW)
    assert result["attempts_24h"] is Reason.NOT_RECORDED
    assert (result["last_activity"], result["last_activity_age"]) == (reason, reason)


def test_names_order_logs_of_unknown_time() -> None:
    assert progress({NEW: b"", OLD: b""})["newest_log"] == NEW


def test_no_log_is_evidence_and_an_unseen_folder_is_not() -> None:
    none = progress({})
    assert (none["log_found"], none["attempts_24h"]) == (False, 0)
    assert (none["last_activity"], none["newest_log"], none["uptime"]) == (
        Reason.MISSING,
        Reason.MISSING,
        Reason.FAILED,
    )
    unseen = progress(None, boot=NOW)
    assert unseen.pop("uptime") == timedelta()
    assert all_reasons(unseen) == {Reason.NOT_RECORDED}
    assert progress({NEW: b""}, facts={"agent.folder": DENIED})["log_found"] is Reason.DENIED


def test_a_start_in_the_future_is_malformed() -> None:
    assert progress({}, boot=NOW + timedelta(days=1))["uptime"] is Reason.MALFORMED


@given(st.binary(max_size=400))
def test_no_log_breaks_the_progress_check(data: bytes) -> None:
    assert progress({NEW: b"2026/11/21 08:40:00 - x\n" + data}, {NEW: NOW})["last_activity"] == NOW


def signature(id_: str, pattern: str, files: str = r"{agent.folder}Temp\upgrade_*.log", **more: Any) -> dict[str, Any]:
    text = {"ja": f"{id_} の意味", "en": f"meaning of {id_}"}
    return {
        "id": id_,
        "files": files,
        "pattern": pattern,
        "meaning": text,
        "fix": {"ja": "対処", "en": f"fix {id_}"},
        "source": "KA-0",
        "confidence": "confirmed",
        **more,
    }


def scan(files: Any, signatures: list[dict[str, Any]], modified: Any = None, facts: Any = None) -> dict[str, Any]:
    machine = FakeMachine(files=files, modified=modified)
    context = FakeContext(machine=machine, facts=FACTS if facts is None else facts)
    return seen("log_signatures", context, signatures=signatures)


ABORT = signature("abort", r"upgrade .*will abort")
TRY = signature("try", r"Try=(?P<max>\d+)")
AGAIN = signature("again", r"^再試行(?P<max>\d+)$")


def test_known_lines_are_shown_with_file_and_line_newest_file_first() -> None:
    old = b"x\r\nThe upgrade or hotfix action will abort\r\n"
    new = "\ufeff2026 開始\n再試行3\n\x0cThe upgrade action will abort\n".encode()
    result = scan({OLD: old, NEW: new}, [AGAIN, ABORT, TRY], {OLD: NOON - timedelta(days=1), NEW: NOON})
    assert result == {
        "hits": (
            "upgrade_20261121080000.log:2: 再試行3",
            "upgrade_20261121080000.log:3: The upgrade action will abort",
            "upgrade_20261120080000.log:2: The upgrade or hotfix action will abort",
        ),
        "hit_ids": ("again", "abort", "abort"),
        "hit_times": ("", "", ""),
        "signature_ids": ("again", "abort"),
        "meanings": (Text(ja="again の意味", en="meaning of again"), Text(ja="abort の意味", en="meaning of abort")),
        "fixes": (Text(ja="対処", en="fix again"), Text(ja="対処", en="fix abort")),
        "latest_hit": NOON,
        "unreadable": (),
        "scanned": 2,
        "searched_whole": True,
    }


def test_logs_without_known_lines_are_silent() -> None:
    result = scan({NEW: "再試行3回\n".encode("cp932")}, [AGAIN, TRY])
    assert (result["hits"], result["signature_ids"], result["meanings"], result["scanned"]) == ((), (), (), 1)
    assert result["latest_hit"] is Reason.MISSING


def test_a_pattern_sees_one_line_at_a_time() -> None:
    across = signature("across", r"開始[^x]*終了")
    assert scan({NEW: "開始\n終了\n".encode()}, [across])["hits"] == ()
    assert len(scan({NEW: "開始\n終了\n開始、終了\n".encode()}, [across])["hits"]) == 1
    whole = signature("whole", r"\A終了\z")
    assert scan({NEW: "開始\n終了\n".encode()}, [whole])["signature_ids"] == ("whole",)


def test_no_log_file_is_a_definite_no() -> None:
    result = scan({}, [ABORT])
    assert (result["hits"], result["scanned"], result["unreadable"]) == ((), 0, ())


def test_unseen_places_are_unknown_unless_another_was_seen() -> None:
    assert all_reasons(scan(None, [ABORT])) == {Reason.NOT_RECORDED}
    other = signature("other", "x", files="{nothing}.log")
    machine = FakeMachine(files={NEW: b"The upgrade will abort"})
    context = FakeContext(machine=machine, facts=FACTS)
    result = measured("log_signatures", context, signatures=[other, ABORT])
    assert result["signature_ids"] == Saw(("abort",), NEW)
    assert result["scanned"] == Saw(1, f"{NEW}; nothing [missing]")


def test_logs_that_cannot_be_read_are_named() -> None:
    files = {OLD: DENIED, NEW: b"\x00\xff\x01\xfe" * 500}
    result = scan(files, [ABORT], {NEW: NOON})
    assert (result["unreadable"], result["scanned"]) == ((NEW, OLD), 0)
    assert result["hits"] is Reason.MALFORMED
    partly = scan({OLD: DENIED, NEW: b"fine"}, [ABORT])
    assert (partly["hits"], partly["unreadable"]) == ((), (OLD,))


def test_each_signature_reads_as_many_files_as_it_asks_for() -> None:
    files = {rf"{TEMP}\upgrade_{day}.log": b"Try=5\nThe upgrade will abort" for day in range(6)}
    times = {path: NOON - timedelta(days=age) for age, path in enumerate(files)}
    result = scan(files, [{**ABORT, "newest": 1}, {**TRY, "newest": 2}], times)
    assert result["scanned"] == 2
    assert [hit[:15] for hit in result["hits"]] == ["upgrade_0.log:1", "upgrade_0.log:2", "upgrade_1.log:1"]
    assert scan(files, [{**ABORT, "newest": -1}])["scanned"] == 0


def test_a_retry_loop_does_not_push_other_signatures_out() -> None:
    lines = "Try=1\n" * 1000 + "The upgrade will abort\n"
    files = {rf"{TEMP}\upgrade_{day}.log": lines.encode() for day in range(9)}
    result = scan(files, [{**TRY, "newest": 9}, {**ABORT, "newest": 9}])
    assert len(result["hits"]) == 20
    assert result["signature_ids"] == ("try", "abort")
    assert result["hits"][4:6] == ("upgrade_8.log:1000: Try=1", "upgrade_8.log:1001: The upgrade will abort")


def test_long_lines_are_cut_and_beyond_the_bound_not_searched() -> None:
    result = scan({NEW: ("Try=5 " + "長" * 9_000 + " upgrade will abort").encode()}, [TRY, ABORT])
    assert result["signature_ids"] == ("try",)
    assert len(result["hits"][0]) == len("upgrade_20261121080000.log:1: ") + 200


def test_a_large_log_is_searched_from_its_end_to_its_beginning() -> None:
    data = b"The upgrade will abort\n" + b"x" * READ_LIMIT + b"\nTry=5\n"
    result = scan({NEW: data}, [TRY, ABORT])
    hits = ("upgrade_20261121080000.log:1: The upgrade will abort", "upgrade_20261121080000.log:3: Try=5")
    assert (result["hits"], result["searched_whole"]) == (hits, True)


def test_line_numbers_are_left_out_when_the_start_was_not_read() -> None:
    class NoReader(FakeMachine):
        def open_file(self, path: str) -> Unseen:
            return Unseen(Reason.UNSUPPORTED, path)

    machine = NoReader(files={NEW: b"Try=4\n" + b"x" * READ_LIMIT + b"\nTry=5\n"})
    result = seen("log_signatures", FakeContext(machine=machine, facts=FACTS), signatures=[TRY])
    assert (result["hits"], result["searched_whole"]) == (("upgrade_20261121080000.log:~: Try=5",), False)


def test_each_hit_says_when_and_which_signature_also_of_two_records_on_one_line() -> None:
    line = (
        "2026/11/21 08:00:00 - Try=5\n"
        "Sat Nov 21 09:00:00 2026 -> ERROR: Download failed (7) Sat Nov 21 09:00:03 2026 -> ERROR:  Message: refused\n"
        f"2026/11/21 08:30:00 - {'長' * 300} The upgrade will abort, 止"
    )
    other = [signature("seven", r"failed \(7\)"), signature("refused", "Message: refused")]
    machine = FakeMachine(files={NEW: line.encode("cp932")})
    result = seen("log_signatures", FakeContext(machine=machine, facts=FACTS, now=NOW), signatures=[TRY, ABORT, *other])
    assert result["hit_ids"] == ("try", "seven", "refused", "abort")
    day = "2026-11-21"
    assert result["hit_times"] == tuple(f"{day} {t}+09:00" for t in ("08:00:00", "09:00:00", "09:00:03", "08:30:00"))
    assert result["hits"][2].endswith(":2: Sat Nov 21 09:00:03 2026 -> ERROR:  Message: refused")
    assert result["hits"][3].endswith("長 The upgrade will abort, 止")


def test_packed_logs_are_searched() -> None:
    path = NEW + ".gz"
    files = signature("files", "abort", files=r"{agent.folder}Temp\upgrade_*")
    data = gzip.compress("最初\nwill abort\n".encode("cp932")) + gzip.compress(b"again abort\n")
    hits = scan({path: data}, [files])["hits"]
    name = "upgrade_20261121080000.log.gz"
    assert hits == (f"{name}:2: will abort", f"{name}:3: again abort")
    # A cut off end, and a wrong one, do not take away what comes before.
    assert len(scan({path: data[:-9]}, [files])["hits"]) >= 1
    assert scan({path: b"no gzip"}, [files])["unreadable"] == (path,)
    assert scan({path: b""}, [files])["hits"] == ()


def test_a_packed_log_that_unpacks_to_gigabytes_is_searched_at_its_end_only() -> None:
    packer = zlib.compressobj(9, wbits=31)
    lines = b"x" * 999 + b"\n"
    data = b"".join([packer.compress(b"will abort\n"), *(packer.compress(lines * 1000) for _ in range(20))])
    data += packer.compress(b"abort\n") + packer.flush()
    files = signature("files", "abort", files=r"{agent.folder}Temp\upgrade_*")
    tracemalloc.start()
    result = scan({NEW + ".gz": data}, [files])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [hit[-9:] for hit in result["hits"]] == [":~: abort"]
    assert result["searched_whole"] is False
    assert peak < 100 << 20


def test_only_the_last_lines_of_a_hostile_file_are_kept_with_their_numbers() -> None:
    data = b"Try=1\n" + b"\n" * MAX_LINES + b"Try=2"
    assert scan({NEW: data}, [TRY])["hits"] == (f"upgrade_20261121080000.log:{MAX_LINES + 2}: Try=2",)


@given(st.text(max_size=200) | st.text(alphabet="Try=5\r\n\ud800\x85\u2028", max_size=60))
def test_a_hit_is_a_line_that_the_pattern_matches(text: str) -> None:
    result = scan({NEW: text.encode("utf-8", "surrogatepass")}, [TRY])
    if result["scanned"]:
        assert bool(result["hits"]) == ("try" in result["signature_ids"])
        assert all("Try=" in hit for hit in result["hits"])


def test_an_old_failure_in_a_log_of_today_is_an_old_one() -> None:
    lines = b"2026/09/01 08:00:00 - Try=5\n2026/11/21 08:00:00 - fine\n"
    assert scan({NEW: lines}, [TRY], {NEW: NOW})["latest_hit"] == datetime(2026, 9, 1, 8, 0, tzinfo=NOON.tzinfo)
