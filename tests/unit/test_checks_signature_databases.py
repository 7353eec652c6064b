"""Databases of signatures: their headers, the updater's settings, schedule, state file and log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks._calendar import from_ctime, from_epoch, from_stamp
from checks._database_header import HEADER_SIZE, parse_header
from checks._endpoint import Target
from checks._file_part import read_part
from checks._option_file import parse_options
from checks.cool_down import MAGIC, RETRY_AFTER
from diagnose.machine.file_reader import LinkRefused
from diagnose.machine.recorded import RecordedMachine
from diagnose.machine.recorder import Recorder
from diagnose.machine.values import Absent, CommandResult, FileInfo, Process, Reason, Service, Unseen
from tests.unit.fake_context import FakeContext
from tests.unit.fake_machine import NOON, FakeMachine
from tests.unit.measured import all_reasons, seen

FOLDER = "/var/lib/clamav"
DENIED = Unseen(Reason.DENIED, "場所", "拒否")
NAMES: dict[str, Any] = {"folder": "{db}", "names": ["main", "daily"], "dated": "daily", "owner": "clamav"}
FACTS = {"db": FOLDER, "log": "/var/log/freshclam.log"}
RUN: dict[str, Any] = {"files": "{log}*", "started": "update process started at ", "good": r"daily\.cld (?:is|updated)"}
SECRET = "s3cret-過"


def header(built: datetime, version: int = 27001, size: int = HEADER_SIZE, *, epoch: bool = True) -> bytes:
    stamp = built.astimezone(UTC)
    tail = f":{int(stamp.timestamp())}" if epoch else ""
    text = f"ClamAV-VDB:{stamp:%d %b %Y %H-%M} +0000:{version}:12:90:md5:X:tester{tail}"
    return text.ljust(HEADER_SIZE).encode()[:size]


def state(seconds: int, magic: bytes = MAGIC) -> bytes:
    return magic.ljust(RETRY_AFTER, b"u") + seconds.to_bytes(8, "little", signed=True) + bytes(21)


def linux(**parts: Any) -> FakeContext:
    return FakeContext(machine=FakeMachine(platform="linux", **parts), facts=FACTS)


def printed(text: str, code: int = 0) -> CommandResult:
    return CommandResult((), code, text.encode(), b"")


STAT = ("stat", "-L", "-c", "%U %a", FOLDER)


def databases(files: Any = None, *, stat: Any = None) -> dict[str, Any]:
    return seen("database_files", linux(files=files, commands={STAT: stat} if stat else {}), **NAMES)


def test_databases_tell_their_number_and_age() -> None:
    result = databases(
        {
            f"{FOLDER}/main.cvd": header(NOON - timedelta(days=900), 62),
            f"{FOLDER}/daily.cvd": header(NOON - timedelta(days=9), 27000),
            f"{FOLDER}/daily.cld": header(NOON - timedelta(days=2), 27007, epoch=False) + b"\x1f\x8b" * 50,
        },
        stat=printed("clamav 755\n"),
    )
    assert result["databases"][1].startswith("daily.cld 27007 (2026-11-19 12:00 UTC")
    assert (result["dated_version"], result["dated_age"]) == (27007, timedelta(days=2))
    assert (result["missing_databases"], result["corrupt_databases"], result["future_databases"]) == ((), (), ())
    assert (result["folder_owner"], result["folder_writable"]) == ("clamav", True)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>Blocked</html>" * 40,
        header(NOON)[:511],
        b"ClamAV-VDB:" + b"\xff" * 600,
        b"ClamAV-VDB:::::::::".ljust(600),
    ],
)
def test_what_has_no_header_is_corrupt_and_not_missing(content: bytes) -> None:
    result = databases({f"{FOLDER}/main.cvd": header(NOON), f"{FOLDER}/daily.cvd": content})
    assert (result["corrupt_databases"], result["missing_databases"]) == ((f"{FOLDER}/daily.cvd",), ())
    assert result["dated_version"] is Reason.MISSING


def test_a_database_from_the_future_has_no_age() -> None:
    result = databases({f"{FOLDER}/daily.cld": header(NOON + timedelta(days=1))})
    assert result["future_databases"] == (f"{FOLDER}/daily.cld",)
    assert (result["missing_databases"], result["dated_age"]) == (("main",), Reason.MALFORMED)


def test_what_could_not_be_read_is_neither_missing_nor_fine() -> None:
    result = databases({f"{FOLDER}/main.cvd": DENIED, f"{FOLDER}/daily.cld": header(NOON)})
    assert (result["missing_databases"], result["corrupt_databases"]) == (Reason.DENIED, Reason.DENIED)
    assert result["dated_version"] == 27001
    assert all_reasons({name: value for name, value in databases().items() if name != "database_folder"}) == {
        Reason.NOT_RECORDED
    }


def test_a_folder_that_is_not_there_lacks_every_database() -> None:
    result = databases({"/etc/hosts": b""})
    assert (result["database_folder_exists"], result["missing_databases"]) == (False, ("main", "daily"))


@pytest.mark.parametrize(
    ("stat", "writable"),
    [
        ("clamav 755", True),
        ("clamav 555", False),
        ("root 755", False),
        ("root 777", True),
        ("root 775", Reason.UNSUPPORTED),
        ("root 755 ; rm", Reason.FAILED),
        ("", Reason.FAILED),
    ],
)
def test_only_sure_rights_are_told(stat: str, writable: object) -> None:
    assert databases({f"{FOLDER}/daily.cld": header(NOON)}, stat=printed(stat))["folder_writable"] == writable


@given(st.binary(max_size=700))
def test_any_bytes_are_a_header_or_none(data: bytes) -> None:
    for content in (data, b"ClamAV-VDB:" + data, b"ClamAV-VDB:" + data + b":" * 9 + b" " * HEADER_SIZE):
        found = parse_header(content)
        assert found is None or found.built.tzinfo is not None


@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)), st.integers(0, 10**9))
def test_a_header_is_read_as_it_was_written(built: datetime, version: int) -> None:
    built = built.replace(second=0, microsecond=0, tzinfo=UTC)
    for epoch in (True, False):
        found = parse_header(header(built, version, epoch=epoch))
        assert found is not None
        assert (found.built, found.version) == (built, version)


@given(st.text(max_size=60))
def test_any_text_is_a_time_or_none(text: str) -> None:
    for found in (from_stamp(text), from_ctime(text, UTC)):
        assert found is None or found.tzinfo is not None


@given(st.integers())
def test_any_count_is_a_time_or_none(seconds: int) -> None:
    found = from_epoch(seconds)
    assert found is None or int(found.timestamp()) == seconds


def test_a_part_is_never_read_through_a_link() -> None:
    class Linked(FakeMachine):
        def open_file(self, path: str) -> Any:
            return LinkRefused(Reason.NOT_A_FILE, path, path)

    machine = Linked(platform="linux", files={"/d/daily.cvd": b"root:x:0:0"})
    assert isinstance(read_part(machine, "/d/daily.cvd", 0, HEADER_SIZE), LinkRefused)
    assert not any(call[0] == "run" for call in machine.calls)


@pytest.mark.parametrize("path", ["relative", "-c", ""])
def test_a_path_is_never_an_option(path: str) -> None:
    machine = FakeMachine(platform="linux", files={})
    assert read_part(machine, path, 0, 512) == Unseen(Reason.UNSUPPORTED, path)
    assert machine.calls == []


def test_a_recording_that_lacks_the_file_has_what_was_printed_of_it() -> None:
    path = f"{FOLDER}/daily.cld"
    held = {path: FileInfo(path, 90, None)}
    head, od = ("head", "-c", "512", path), ("od", "-A", "n", "-v", "-t", "x1", "-j", "61", "-N", "8", path)
    commands = {head: printed(header(NOON).decode()), od: printed(" 01 02 03 04 05 06 07 08\n")}
    machine = FakeMachine(platform="linux", files=held, commands=commands)
    assert read_part(machine, path, 0, 512) == header(NOON)
    assert read_part(machine, path, 61, 8) == bytes(range(1, 9))
    assert isinstance(read_part(FakeMachine(platform="linux", files=held), path, 0, 512), Unseen)
    garbage = FakeMachine(platform="linux", files=held, commands={od: printed("ゴミ")})
    assert isinstance(read_part(garbage, path, 61, 8), Unseen)
    assert isinstance(read_part(FakeMachine(platform="linux", files={}), path, 0, 512), Absent)


def test_a_replay_knows_what_was_missing_and_what_was_printed(tmp_path: Path) -> None:
    path, head = f"{FOLDER}/daily.cld", ("head", "-c", "512", f"{FOLDER}/daily.cld")
    live = FakeMachine(
        platform="linux",
        files={path: header(NOON) + b"x" * 9000, f"{FOLDER}/main.cvd": DENIED},
        commands={head: printed(header(NOON).decode())},
    )
    recorder = Recorder(live)
    before = seen("database_files", FakeContext(machine=recorder, facts=FACTS), **NAMES)
    recorder.write(tmp_path / "machine")
    replayed = FakeContext(machine=RecordedMachine.open(tmp_path / "machine"), facts=FACTS)
    assert seen("database_files", replayed, **NAMES) == before
    assert before["dated_version"] == 27001


def cool_down(content: Any) -> dict[str, Any]:
    files = {"/etc/hosts": b""} if content is None else {f"{FOLDER}/freshclam.dat": content}
    return seen("cool_down", linux(files=files), file="{db}/freshclam.dat")


def test_the_state_file_tells_until_when_to_wait() -> None:
    until = NOON + timedelta(hours=5)
    assert cool_down(state(int(until.timestamp()))) == {"cooling_down": True, "cool_down_until": until}
    past = NOON - timedelta(hours=5)
    assert cool_down(state(int(past.timestamp()))) == {"cooling_down": False, "cool_down_until": past}
    for content in (state(0), None):
        assert cool_down(content) == {"cooling_down": False, "cool_down_until": Reason.MISSING}


@pytest.mark.parametrize(
    "content", [b"", MAGIC, state(0)[:66], state(-5), state(2**63 - 1), state(5, b"FreshClamDatb\1\0\0\0")]
)
def test_a_state_file_that_is_none_is_not_judged(content: bytes) -> None:
    assert all_reasons(cool_down(content)) == {Reason.MALFORMED}


@given(st.binary(max_size=120))
def test_any_state_file_is_survived(data: bytes) -> None:
    cool_down(data)
    cool_down(MAGIC + data)


SETTINGS: dict[str, Any] = {
    "files": ["/etc/clamav/freshclam.conf", "/etc/freshclam.conf"],
    "scanner_files": ["/etc/clamav/clamd.conf"],
    "old_servers": r"^db\.(?:[a-z0-9-]+\.)*clamav\.net$",
    "default_folder": FOLDER,
}


def settings(text: str | bytes, scanner: str | None = None) -> dict[str, Any]:
    files = {SETTINGS["files"][0]: text if isinstance(text, bytes) else text.encode()}
    if scanner is not None:
        files[SETTINGS["scanner_files"][0]] = scanner.encode()
    return seen("updater_settings", linux(files=files), **SETTINGS)


def test_settings_are_read_as_the_updater_reads_them() -> None:
    result = settings(
        "# Example\r\n  checks 3\r\nDatabaseMirror db.jp.clamav.net\nDatabaseMirror\tdatabase.clamav.net\n"
        f'HTTPProxyServer "http://user:{SECRET}@proxy.example.co.jp"\nHTTPProxyPort 8080\n'
        'DatabaseDirectory "/srv/定義/"\n',
        "DatabaseDirectory /var/lib/clamav\n",
    )
    assert (result["example_left"], result["wrong_lines"], result["checks_per_day"]) == (False, (), 3)
    assert result["servers"] == ("db.jp.clamav.net", "database.clamav.net")
    assert result["old_servers"] == ("db.jp.clamav.net",)
    assert result["updater_proxy"] == "http://proxy.example.co.jp:8080"
    assert (result["updater_folder"], result["scanner_folder"]) == ("/srv/定義", FOLDER)
    assert result["folders_agree"] is False


def test_defaults_stand_for_what_is_not_said() -> None:
    result = settings("", "")
    assert (result["checks_per_day"], result["updater_proxy"], result["folders_agree"]) == (12, "", True)


@pytest.mark.parametrize("line", ["Checks 3 # c", "Checks x", "Checks -1", "HTTPProxyPort", "MaxAttempts １"])
def test_lines_that_the_updater_refuses_are_told_without_their_values(line: str) -> None:
    assert settings(f"{line}\n")["wrong_lines"] == (f"{line.split()[0]} (1)",)


def test_example_counts_on_a_line_of_its_own() -> None:
    assert settings("Example\n")["example_left"] is True
    assert settings("LogFile /tmp/Example\n")["example_left"] is False


def test_no_settings_and_unseen_settings_differ() -> None:
    assert seen("updater_settings", linux(files={}), **SETTINGS)["settings_found"] is False
    assert all_reasons(seen("updater_settings", linux(), **SETTINGS)) == {Reason.NOT_RECORDED}
    denied = linux(files={SETTINGS["files"][0]: DENIED})
    assert all_reasons(seen("updater_settings", denied, **SETTINGS)) == {Reason.DENIED}
    assert all_reasons(settings(b"\0\1\2" * 500)) == {Reason.MALFORMED}


SECRET_LINES = st.sampled_from(
    ["HTTPProxyPassword {}", "httpproxyusername {}", 'HTTPProxyPassword "{}"', " HTTPProxyPassword\t{}"]
)


@given(SECRET_LINES, st.lists(st.text(max_size=40), max_size=10))
def test_passwords_never_leave_the_file(line: str, others: list[str]) -> None:
    text = "\n".join([*others, line.format(SECRET), f"PrivateMirror http://u:{SECRET}@mirror"])
    shown = repr(settings(text.encode("utf-8", "replace"), text.encode("utf-8", "replace").decode()))
    assert SECRET not in shown


@given(st.lists(st.text(max_size=80), max_size=60))
def test_any_settings_are_survived(lines: list[str]) -> None:
    options = parse_options(lines, "設定")
    assert len(options.wrong_lines) <= 20


SCHEDULE: dict[str, Any] = {
    "service": "clamav-freshclam",
    "process": "freshclam",
    "timer": "f.timer",
    "cron_files": ["/etc/cron.d/clamav-freshclam"],
    "hook": f"{FOLDER}/interface",
}
CRON_LINE = b"17 * * * * clamav /usr/bin/freshclam --quiet\n"
TIMER = ("systemctl", "is-active", "f.timer")
OFF = {TIMER: printed("inactive\n", 3)}


def schedule(
    status: str = "stopped", *, files: Any = None, processes: Any = (), commands: Any = None
) -> dict[str, Any]:
    services = [Service("clamav-freshclam", status, "automatic"), Service("cron", "running")]
    held = {"/etc/hosts": b"", **(files or {})}
    context = linux(services=services, processes=processes, files=held, commands=OFF if commands is None else commands)
    return seen("update_schedule", context, **SCHEDULE)


def test_the_service_alone_is_enough() -> None:
    result = schedule("running", commands={})
    assert (result["scheduled"], result["schedules"], result["service_state"]) == (True, ("service",), "running")


def test_a_stopped_service_with_nothing_else_is_no_schedule() -> None:
    result = schedule()
    assert (result["scheduled"], result["schedules"], result["service_skipped"]) == (False, (), False)


def test_a_cron_file_keeps_the_service_off_and_counts_only_with_a_line() -> None:
    path = SCHEDULE["cron_files"][0]
    result = schedule(files={path: CRON_LINE})
    assert (result["scheduled"], result["service_skipped"], result["cron_file"]) == (True, True, path)
    result = schedule(files={path: b"# " + CRON_LINE})
    assert (result["scheduled"], result["service_skipped"]) == (False, True)


def test_cron_must_run() -> None:
    files = {SCHEDULE["cron_files"][0]: CRON_LINE}
    services = [Service("clamav-freshclam", "stopped"), Service("cron", "stopped")]
    context = linux(services=services, processes=(), files=files, commands=OFF)
    assert seen("update_schedule", context, **SCHEDULE)["scheduled"] is False


@pytest.mark.parametrize(
    ("more", "way"),
    [
        ({"processes": [Process("freshclam")]}, "process"),
        ({"commands": {TIMER: printed("active\n")}}, "timer"),
        ({"files": {f"{FOLDER}/interface": b"eth0"}}, "hook"),
    ],
)
def test_other_ways_count_too(more: Any, way: str) -> None:
    assert schedule(**more)["schedules"] == (way,)


def test_what_nobody_looked_at_is_no_missing_schedule() -> None:
    assert schedule(commands={})["scheduled"] is Reason.NOT_RECORDED
    nothing = seen("update_schedule", linux(), **SCHEDULE)
    assert nothing["scheduled"] is Reason.NOT_RECORDED
    without_systemd = linux(services=Unseen(Reason.UNSUPPORTED, "systemd"), processes=(), files={"/etc/hosts": b""})
    result = seen("update_schedule", without_systemd, **SCHEDULE)
    assert (result["service_state"], result["scheduled"]) == ("missing", False)


def signature(id_: str, pattern: str) -> dict[str, Any]:
    text = {"ja": "あ", "en": "a"}
    words: Any = {"meaning": text, "fix": text, "source": "x", "confidence": "confirmed"}
    return {"id": id_, "files": "{log}*", "pattern": pattern, **words}


SIGNATURES = [signature("refused", r"Download failed \(7\)"), signature("message", "connect to server")]
STAMP = "Sat Nov 21 {:02d}:00:00 2026"


def log_run(hour: int, *records: str) -> str:
    time = STAMP.format(hour)
    return "".join(f"{time} -> {record}\n" for record in (f"update process started at {time}", *records))


def runs(*texts: str | bytes) -> dict[str, Any]:
    files = {
        f"/var/log/freshclam.log{f'.{age}' if age else ''}": text if isinstance(text, bytes) else text.encode()
        for age, text in enumerate(texts)
    }
    modified = {path: NOON - timedelta(days=age) for age, path in enumerate(files)}
    return seen("update_runs", linux(files=files, modified=modified), **RUN, signatures=SIGNATURES)


BAD = f"Download failed (7) {STAMP.format(9)} -> ERROR:  Message: Couldn't connect to server"


def test_the_last_run_alone_is_judged() -> None:
    result = runs(log_run(8, BAD) + log_run(10, "daily.cld updated (version: 2)"))
    assert (result["last_run_result"], result["run_signatures"], result["bad_runs"]) == ("good", (), 0)
    assert (result["last_run_age"], result["last_good_age"]) == (timedelta(hours=2), timedelta(hours=2))


def test_two_records_on_one_line_are_two() -> None:
    result = runs(log_run(7, "daily.cld is up to date") + log_run(8) + log_run(9, BAD))
    assert (result["last_run_result"], result["bad_runs"]) == ("bad", 2)
    assert result["run_signatures"] == ("refused", "message")
    assert [hit.split(": ", 1)[0] for hit in result["run_hits"]] == ["freshclam.log:5", "freshclam.log:5"]
    assert result["last_good_age"] == timedelta(hours=5)


def test_a_run_that_says_nothing_is_unfinished_and_rotated_logs_count() -> None:
    result = runs(log_run(11), log_run(3, "daily.cld updated"))
    assert (result["last_run_result"], result["last_good_age"]) == ("unfinished", timedelta(hours=9))
    assert runs("", log_run(3, "daily.cld updated"))["last_run_result"] == "good"


def test_a_time_from_the_future_is_not_believed() -> None:
    assert runs(log_run(20, "daily.cld updated"))["last_run_age"] is Reason.MISSING


def test_no_log_no_run_and_no_right_to_read() -> None:
    assert seen("update_runs", linux(files={"/etc/hosts": b""}), **RUN, signatures=[])["update_log_found"] is False
    assert runs("no run at all\n")["last_run_result"] is Reason.MISSING
    denied = linux(files={FACTS["log"]: DENIED})
    assert seen("update_runs", denied, **RUN, signatures=[])["last_run"] is Reason.DENIED
    assert all_reasons(seen("update_runs", linux(), **RUN, signatures=[])) == {Reason.NOT_RECORDED}


@given(st.lists(st.one_of(st.text(max_size=80), st.just(BAD), st.just(log_run(9).strip())), max_size=40))
def test_any_log_is_survived(lines: list[str]) -> None:
    runs("\n".join(lines).encode("utf-8", "replace"))


def test_a_log_without_end_is_read_in_time() -> None:
    result = runs(log_run(9) + (BAD + "\n") * 30_000 + "x -> " * 100_000)
    assert result["run_signatures"] == ("refused", "message")


SERIES = [
    {"name": "1.0", "released": "2022-11-28", "ends": "2025-11-28"},
    {"name": "1.4", "released": "2024-08-15", "ends": "2027-08-15"},
    {"name": "1.5", "released": "2025-10-07"},
]


@pytest.mark.parametrize(
    ("version", "supported"),
    [
        ("1.4.6", True),
        ("1.0.9", False),
        ("0.99.2", False),
        ("1.5.0-rc", True),
        ("1.40.1", Reason.NO_SOURCE),
        ("2.0.0", Reason.NO_SOURCE),
        ("新版", Reason.MALFORMED),
    ],
)
def test_a_series_is_supported_by_the_table(version: str, supported: object) -> None:
    context = FakeContext(facts={"v": version})
    assert seen("engine_support", context, version="v", series=SERIES)["engine_supported"] == supported


TOOL = ("host", "-W", "3", "-t", "TXT", "current.example.net")
RESOLVECTL = ("resolvectl", "query", "--type=TXT", "current.example.net")
RECORD = '"1.4.3:62:27826:1795211340:1:90:49192:339"'


def published(commands: Any) -> dict[str, Any]:
    return seen("published_versions", linux(commands=commands), name="current.example.net")


def test_the_text_record_tells_the_published_number() -> None:
    for commands in (
        {TOOL: printed(f"current.example.net descriptive text {RECORD}\n")},
        {TOOL: Absent("host"), RESOLVECTL: printed(f"current.example.net IN TXT {RECORD}\n")},
    ):
        result = published(commands)
        assert (result["record_found"], result["published_version"]) == (True, 27826)
        assert result["published_engine"] == "1.4.3"


def test_without_a_tool_or_with_nonsense_nothing_is_known() -> None:
    assert all_reasons(published({TOOL: Absent("host"), RESOLVECTL: Absent("x")})) == {Reason.UNSUPPORTED}
    assert all_reasons(published({})) == {Reason.NOT_RECORDED}
    assert all_reasons(published({TOOL: printed('"::::" \0')})) == {Reason.MALFORMED}
    assert published({TOOL: printed("Host current.example.net not found: 3(NXDOMAIN)", 1)})["record_found"] is False


@given(st.text(max_size=200))
def test_any_answer_is_survived(text: str) -> None:
    published({TOOL: printed(text.encode("utf-8", "replace").decode())})


def test_an_endpoint_may_want_a_handshake_without_a_request() -> None:
    assert Target("a", "h", 443, tls=True).encrypted
    assert not Target("a", "h", 443).encrypted
