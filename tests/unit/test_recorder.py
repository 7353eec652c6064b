from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from diagnose.machine.interface import Machine
from diagnose.machine.recorded import RecordedMachine
from diagnose.machine.recorder import Recorder
from diagnose.machine.values import (
    Absent,
    Certificate,
    ClockOffset,
    CommandResult,
    Disk,
    DnsAnswer,
    DnsStatus,
    FileContent,
    FileInfo,
    HttpAnswer,
    ListeningPort,
    Platform,
    Process,
    ProxySetting,
    Reason,
    RegistryKey,
    RegistryValue,
    Resolver,
    Service,
    Store,
    System,
    TcpAnswer,
    TcpStatus,
    TlsAnswer,
    TlsStatus,
    Unseen,
    Via,
    View,
)
from tests.unit.fake_machine import FakeMachine

JST = timezone(timedelta(hours=9))
NOW = datetime(2026, 11, 21, 9, 0, 0, 123456, JST)
MISC = r"HKLM\SOFTWARE\WOW6432Node\TrendMicro\PC-cillinNTCorp\CurrentVersion\Misc."
LOG = r"C:\Program Files (x86)\Trend Micro\Security Agent\Temp\upgrade_20261121080000.log"
TRICKY = "12 no 1e3 ~ 0o17 012 : # ' \" \\ \r\n\t日本語 ①髙 \u2028 \ufeff 😀\x00\x7f"


def der(content: bytes) -> bytes:
    padded = content.ljust(300, b"\0")
    return b"\x30\x82" + len(padded).to_bytes(2, "big") + padded


Ask = Callable[[Machine], object]

QUESTIONS: dict[str, Ask] = {
    "now": lambda m: m.now(),
    "system": lambda m: m.system(),
    "misc by view": lambda m: m.registry_key(
        r"HKEY_LOCAL_MACHINE\SOFTWARE\TrendMicro\PC-cillinNTCorp\CurrentVersion\Misc.", View.BITS_32
    ),
    "misc": lambda m: m.registry_key(MISC),
    "misc in another case": lambda m: m.registry_key(MISC.lower()),
    "root": lambda m: m.registry_key(r"HKLM\SOFTWARE\WOW6432Node\TrendMicro\PC-cillinNTCorp\CurrentVersion"),
    "software": lambda m: m.registry_key(r"HKLM\SOFTWARE"),
    "denied key": lambda m: m.registry_key(r"HKLM\SECURITY"),
    "missing key": lambda m: m.registry_key(r"HKLM\SOFTWARE\Nothing"),
    "other hive": lambda m: m.registry_key(r"HKCU\Software\日本"),
    "logs": lambda m: m.find_files(r"C:\Program Files (x86)\Trend Micro\Security Agent\Temp\*.log"),
    "no logs": lambda m: m.find_files(r"D:\*\*.log"),
    "log": lambda m: m.file_info(LOG),
    "log content": lambda m: m.read_file(LOG),
    "log tail": lambda m: m.read_file(LOG.replace("\\", "/").upper(), 10),
    "big tail": lambda m: m.read_file(r"C:\big.log", 100),
    "smaller tail": lambda m: m.read_file(r"C:\big.log", 7),
    "big": lambda m: m.file_info(r"C:\big.log"),
    "device name": lambda m: m.read_file(r"C:\Temp\con.log"),
    "odd name": lambda m: m.read_file("C:\\Temp\\trailing. "),
    "long name": lambda m: m.read_file("C:\\" + "長" * 200 + ".log"),
    "folder": lambda m: m.file_info(r"C:\Program Files (x86)"),
    "folder read": lambda m: m.read_file(r"C:\Program Files (x86)"),
    "denied file": lambda m: m.file_info(r"C:\denied.ini"),
    "denied read": lambda m: m.read_file(r"C:\denied.ini"),
    "missing file": lambda m: m.file_info(r"C:\missing.ini"),
    "missing read": lambda m: m.read_file(r"C:\missing.ini"),
    "known but not read": lambda m: m.file_info(r"C:\Windows\explorer.exe"),
    "relative": lambda m: m.file_info(r"..\secret"),
    "climbing": lambda m: m.read_file(r"C:\a\..\..\secret"),
    "services": lambda m: m.services(),
    "processes": lambda m: m.processes(),
    "listening": lambda m: m.listening_ports(),
    "disks": lambda m: m.disks(),
    "hotfixes": lambda m: m.hotfixes(),
    "security products": lambda m: m.security_products(),
    "roots": lambda m: m.certificates(Store.ROOT),
    "intermediates": lambda m: m.certificates(Store.CA),
    "disallowed": lambda m: m.certificates(Store.DISALLOWED),
    "proxies": lambda m: m.proxies(),
    "command": lambda m: m.run(["wevtutil.exe", "qe", "System"]),
    "command in another spelling": lambda m: m.run([r"C:\Windows\System32\WEVTUTIL.EXE", "qe", "System"]),
    "silent command": lambda m: m.run(["sc", "query", "名前"]),
    "missing command": lambda m: m.run(["nothing"]),
    "slow command": lambda m: m.run(["gpresult", "/r"]),
    "dns": lambda m: m.resolve("OSCE.example.co.jp.", Resolver.SYSTEM),
    "dns again": lambda m: m.resolve("osce.example.co.jp", Resolver.SYSTEM),
    "public dns": lambda m: m.resolve("osce.example.co.jp", Resolver.PUBLIC),
    "unseen dns": lambda m: m.resolve("other.example.co.jp", Resolver.SYSTEM),
    "tcp": lambda m: m.connect("osce.example.co.jp", 4343),
    "unseen tcp": lambda m: m.connect("osce.example.co.jp", 1),
    "tls": lambda m: m.handshake("osce.example.co.jp", 4343),
    "http": lambda m: m.fetch("https://osce.example.co.jp:4343/officescan/cgi/cgionstart.exe"),
    "failed http": lambda m: m.fetch("http://例え.example/", Via.PROXY),
    "clock": lambda m: m.clock_offset(),
}


def full_machine() -> FakeMachine:
    return FakeMachine(
        now=NOW,
        system=System(
            hostname="PC-経理部",
            os_name="Windows 10 Pro",
            os_version="10.0.19045",
            os_build=19045,
            os_ubr=3570,
            os_language="ja-JP",
            os_server=False,
            architecture="x86_64",
            cores=2,
            mhz=2400,
            memory_total_mb=4096,
            memory_available_mb=1200,
            boot_time=NOW - timedelta(days=1),
            elevated=False,
        ),
        registry={
            MISC: {
                "ProgramVer": "14.0",
                "NoProgramUpgrade": 1,
                "": "既定",
                "Path": RegistryValue("REG_EXPAND_SZ", r"%SystemRoot%\日本\x"),
                "List": ("一", "", "三"),
                "Blob": bytes(range(100)),
                "Big": RegistryValue("REG_QWORD", 2**63),
                'Odd\\"name': 'line 1\r\nline "2"\\',
                "Nothing": RegistryValue("REG_NONE", b""),
                "Type": RegistryValue("REG_TYPE_17", b"\x01"),
                "Broken": "half \ud83d character\0and more",
            },
            r"HKLM\SOFTWARE\Microsoft\Windows": {},
            r"HKLM\SOFTWARE\zeta": {},
            r"HKCU\Software\日本": {"値": "データ"},
            r"HKLM\SECURITY": Unseen(Reason.DENIED, r"HKLM\SECURITY", "アクセスが拒否されました。"),
        },
        files={
            LOG: "2026/11/21 - アップグレード\r\n".encode("cp932") * 3,
            LOG.replace("080000", "090000"): b"",
            r"C:\big.log": bytes(range(256)) * 10,
            r"C:\Temp\con.log": b"device",
            "C:\\Temp\\trailing. ": b"odd",
            "C:\\" + "長" * 200 + ".log": b"long",
            r"C:\denied.ini": Unseen(Reason.DENIED, r"C:\denied.ini", "Access is denied."),
            r"C:\Windows\explorer.exe": FileInfo(r"C:\Windows\explorer.exe", 4_000_000, NOW),
        },
        modified={LOG: NOW - timedelta(hours=1), r"C:\big.log": datetime(2026, 11, 1, tzinfo=UTC)},
        services=[Service("ntrtscan", "running", "automatic", "Apex One NT リアルタイム検索", "C:\\x y\\NTRtScan.exe")],
        processes=[Process("NTRtScan.exe", 1200, r"C:\NTRtScan.exe"), Process("no"), Process(TRICKY)],
        listening_ports=[ListeningPort("0.0.0.0", 21112, "TmListen.exe")],
        disks=[Disk("C:\\", 120_000, 9000)],
        hotfixes=[],
        security_products=Unseen(Reason.TIMED_OUT, r"root\SecurityCenter2", "10 s"),
        certificates={
            Store.ROOT: [
                Certificate("", der(b"z"), r"LocalMachine\ROOT"),
                Certificate("", der(b"a"), r"CurrentUser\ROOT"),
                Certificate("", der(b"z"), "twice"),
            ],
            Store.DISALLOWED: [],
        },
        proxies=[
            ProxySetting("user", "http://人:秘密@proxy.example.co.jp:8080", "HKCU", "http://u:p@pac.example/x.pac")
        ],
        commands={
            ("wevtutil.exe", "qe", "System"): CommandResult((), 5, "イベント\r\n".encode("cp932"), TRICKY.encode()),
            ("sc", "query", "名前"): CommandResult((), 0, b"", b""),
            ("nothing",): Absent("nothing"),
            ("gpresult", "/r"): Unseen(Reason.TIMED_OUT, "gpresult /r", "10 s"),
        },
        dns=[
            DnsAnswer("osce.example.co.jp.", Resolver.SYSTEM, DnsStatus.ANSWERED, ("10.1.2.3", "fe80::1"), "10.0.0.53"),
            DnsAnswer("osce.example.co.jp", Resolver.PUBLIC, DnsStatus.NXDOMAIN),
        ],
        tcp=[TcpAnswer("osce.example.co.jp", 4343, TcpStatus.CONNECTED)],
        tls=[TlsAnswer("osce.example.co.jp", 4343, TlsStatus.UNTRUSTED, "CN=社内 CA", "CN=osce", NOW, "self signed")],
        http=[
            HttpAnswer("https://osce.example.co.jp:4343/officescan/cgi/cgionstart.exe", Via.DIRECT, 200, "-2", 2),
            HttpAnswer("http://例え.example/", Via.PROXY, None, "", None, "接続できません"),
        ],
        clock=ClockOffset(-0.25, "ntp.example.co.jp"),
    )


def replay(recorder: Recorder, folder: Path) -> RecordedMachine:
    recorder.write(folder)
    return RecordedMachine.open(folder)


def answers(machine: Machine, names: list[str]) -> dict[str, object]:
    return {name: QUESTIONS[name](machine) for name in names}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(sorted(QUESTIONS)), max_size=30), st.booleans())
def test_a_replay_answers_exactly_what_the_run_saw(names: list[str], silent: bool) -> None:
    recorder = Recorder(FakeMachine(system=System(), now=NOW) if silent else full_machine())
    given_answers = answers(recorder, names)
    with TemporaryDirectory() as folder:
        replayed = replay(recorder, Path(folder))
        assert answers(replayed, names) == given_answers
        second = Recorder(replayed)
        assert answers(second, names) == given_answers
        with TemporaryDirectory() as again:
            assert answers(replay(second, Path(again)), names) == given_answers


def test_every_question_is_replayed_whole(tmp_path: Path) -> None:
    recorder = Recorder(full_machine())
    names = list(QUESTIONS)
    given_answers = answers(recorder, names)
    replayed = answers(replay(recorder, tmp_path), names)
    for name in names:
        assert replayed[name] == given_answers[name], name


def test_what_was_not_asked_is_not_recorded(tmp_path: Path) -> None:
    machine = replay(Recorder(full_machine()), tmp_path)
    for name, ask in QUESTIONS.items():
        if name in {"now", "system", "relative", "climbing"}:
            continue
        answer = ask(machine)
        assert isinstance(answer, Unseen), name
        assert answer.reason is Reason.NOT_RECORDED, name


def test_a_subkey_that_nobody_read_is_listed_but_not_absent(tmp_path: Path) -> None:
    recorder = Recorder(full_machine())
    recorder.registry_key(r"HKLM\SOFTWARE")
    recorder.registry_key(r"HKLM\SOFTWARE\Microsoft\Windows")
    machine = replay(recorder, tmp_path)
    software = machine.registry_key(r"HKLM\SOFTWARE")
    assert isinstance(software, RegistryKey)
    assert software.subkeys == ("Microsoft", "WOW6432Node", "zeta")
    headers = (tmp_path / "registry" / "HKLM.reg").read_text("utf-16").count("[")
    assert headers == 4
    zeta = machine.registry_key(r"HKLM\SOFTWARE\zeta")
    assert isinstance(zeta, Unseen)
    assert zeta.reason is Reason.NOT_RECORDED


def test_the_first_answer_is_served_again() -> None:
    class Moving(FakeMachine):
        def now(self) -> datetime:
            self.calls.append(("now",))
            return NOW + timedelta(seconds=len(self.calls))

    machine = Moving(services=[])
    recorder = Recorder(machine)
    assert recorder.now() == recorder.now()
    recorder.services()
    recorder.services()
    assert machine.calls.count(("services",)) == 1


def test_threads_that_ask_at_once_get_the_same_answer() -> None:
    barrier = threading.Barrier(4)
    numbers = iter(range(100))

    class Racing(FakeMachine):
        def hotfixes(self) -> tuple[str, ...]:
            barrier.wait()
            return (f"KB{next(numbers)}",)

    recorder = Recorder(Racing())
    results: list[object] = []
    threads = [threading.Thread(target=lambda: results.append(recorder.hotfixes())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert len(set(results)) == 1


def test_writing_while_others_ask_never_leaves_a_broken_recording(tmp_path: Path) -> None:
    machine = full_machine()
    recorder = Recorder(machine)
    done = threading.Event()
    failures: list[BaseException] = []

    def ask_all() -> None:
        try:
            for ask in QUESTIONS.values():
                ask(recorder)
        except BaseException as error:
            failures.append(error)
        finally:
            done.set()

    thread = threading.Thread(target=ask_all)
    thread.start()
    while not done.is_set():
        replay(recorder, tmp_path)
    thread.join()
    assert not failures
    assert answers(replay(recorder, tmp_path), list(QUESTIONS)) == answers(recorder, list(QUESTIONS))


def test_writing_twice_changes_nothing(tmp_path: Path) -> None:
    recorder = Recorder(full_machine())
    answers(recorder, list(QUESTIONS))

    def contents() -> dict[Path, tuple[bytes, int]]:
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}

    recorder.write(tmp_path)
    first = contents()
    recorder.write(tmp_path)
    assert contents() == first
    other = Recorder(full_machine())
    answers(other, list(QUESTIONS))
    other.write(tmp_path)
    assert {path: data for path, (data, _) in contents().items()} == {path: data for path, (data, _) in first.items()}


def test_no_password_of_a_proxy_is_kept(tmp_path: Path) -> None:
    recorder = Recorder(full_machine())
    recorder.proxies()
    recorder.write(tmp_path)
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert "秘密".encode() not in written
    assert b"u:p@" not in written
    assert b"proxy.example.co.jp:8080" in written


def test_names_that_some_file_system_cannot_hold_are_stored_under_others(tmp_path: Path) -> None:
    recorder = Recorder(full_machine())
    recorder.read_file(r"C:\Temp\con.log")
    recorder.read_file("C:\\Temp\\trailing. ")
    recorder.write(tmp_path)
    names = [path.name for path in (tmp_path / "files-renamed").iterdir()]
    assert len(names) == 2
    assert not (tmp_path / "files").exists()


def test_files_that_differ_in_case_alone_are_both_kept(tmp_path: Path) -> None:
    files: dict[str, bytes | Unseen | FileInfo] = {"/etc/App.conf": b"upper", "/etc/app.conf": b"lower"}
    recorder = Recorder(FakeMachine(platform=Platform.LINUX, files=files))
    paths = ["/etc/App.conf", "/etc/app.conf"]
    for path in paths:
        recorder.read_file(path)
    machine = replay(recorder, tmp_path)
    assert [machine.read_file(path) for path in paths] == [recorder.read_file(path) for path in paths]
    assert len({path.name.lower() for path in tmp_path.rglob("*") if path.is_file()}) == 5


class GrowingLog(FakeMachine):
    data = b"line 1\nline 2\n"

    def read_file(self, path: str, limit: int = 1000) -> FileContent | Absent | Unseen:
        start = max(0, len(self.data) - limit)
        return FileContent(path, self.data[start:], len(self.data), start)


def test_a_log_that_grows_is_seen_as_it_was_first(tmp_path: Path) -> None:
    machine = GrowingLog()
    recorder = Recorder(machine)
    small = recorder.read_file("C:\\a.log", 7)
    machine.data += b"line 3\n"
    large = recorder.read_file("C:\\a.log", 1000)
    assert isinstance(large, FileContent)
    assert large.data == b"line 1\nline 2\n"
    replayed = replay(recorder, tmp_path)
    assert replayed.read_file("C:\\a.log", 7) == small
    assert replayed.read_file("C:\\a.log", 1000) == large


def test_a_log_that_was_replaced_stays_what_it_was() -> None:
    machine = GrowingLog()
    recorder = Recorder(machine)
    small = recorder.read_file("C:\\a.log", 7)
    machine.data = b"something else"
    assert recorder.read_file("C:\\a.log", 1000) == small


class EndlessFile(FakeMachine):
    def read_file(self, path: str, limit: int = 1000) -> FileContent | Absent | Unseen:
        return FileContent(path, b"0123456789abcdef"[:limit], 4096)


def test_of_a_file_that_was_read_from_its_start_the_start_is_replayed(tmp_path: Path) -> None:
    recorder = Recorder(EndlessFile(platform=Platform.LINUX))
    start = recorder.read_file("/proc/cpuinfo", 10)
    shorter = recorder.read_file("/proc/cpuinfo", 4)
    assert shorter == FileContent("/proc/cpuinfo", b"0123", 4096)
    machine = replay(recorder, tmp_path)
    assert machine.read_file("/proc/cpuinfo", 10) == start
    assert machine.read_file("/proc/cpuinfo", 4) == shorter


def test_a_file_keeps_the_time_that_was_told_first(tmp_path: Path) -> None:
    modified = {"C:\\a.log": NOW}
    fake = FakeMachine(files={"C:\\a.log": b"1"}, modified=modified)
    recorder = Recorder(fake)
    info = recorder.file_info("C:\\a.log")
    fake._modified["c:/a.log"] = NOW + timedelta(seconds=5)
    content = recorder.read_file("C:\\a.log")
    assert isinstance(content, FileContent)
    assert content.modified == NOW
    machine = replay(recorder, tmp_path)
    assert (machine.file_info("C:\\a.log"), machine.read_file("C:\\a.log")) == (info, content)


class Shouting(FakeMachine):
    def find_files(self, pattern: str) -> tuple[FileInfo, ...] | Unseen:
        found = super().find_files(pattern)
        loud = "*" in pattern
        assert not isinstance(found, Unseen)
        return tuple(replace(info, path=info.path.upper() if loud else info.path) for info in found)


def test_a_file_keeps_the_spelling_of_its_first_listing(tmp_path: Path) -> None:
    recorder = Recorder(Shouting(files={r"C:\Temp\a.log": b"1"}))
    recorder.file_info(r"c:\TEMP\A.log")
    first = recorder.find_files(r"C:\Temp\a.log")
    second = recorder.find_files(r"C:\Temp\*.log")
    assert first == second == (FileInfo(r"C:\Temp\a.log", 1, None),)
    machine = replay(recorder, tmp_path)
    assert (machine.find_files(r"C:\Temp\a.log"), machine.find_files(r"C:\Temp\*.log")) == (first, second)


def test_a_file_that_appears_after_its_folder_was_listed_is_not_there(tmp_path: Path) -> None:
    files: dict[str, bytes | Unseen | FileInfo] = {r"C:\Temp\old.log": b"old"}
    recorder = Recorder(FakeMachine(files=files))
    listing = recorder.find_files(r"C:\Temp\*.log")
    files[r"C:\Temp\new.log"] = b"new"
    assert isinstance(recorder.file_info(r"C:\Temp\new.log"), Absent)
    assert isinstance(recorder.read_file(r"C:\Temp\new.log"), Absent)
    assert recorder.find_files(r"C:\Temp\*") == listing
    machine = replay(recorder, tmp_path)
    assert machine.find_files(r"C:\Temp\*.log") == listing
    assert isinstance(machine.file_info(r"C:\Temp\new.log"), Absent)


def test_a_file_that_goes_away_after_it_was_seen_is_unseen_and_not_absent(tmp_path: Path) -> None:
    files: dict[str, bytes | Unseen | FileInfo] = {r"C:\a.log": b"12345"}
    recorder = Recorder(FakeMachine(files=files))
    info = recorder.file_info(r"C:\a.log")
    del files[r"C:\a.log"]
    content = recorder.read_file(r"C:\a.log")
    assert isinstance(content, Unseen)
    machine = replay(recorder, tmp_path)
    assert machine.file_info(r"C:\a.log") == info
    assert machine.read_file(r"C:\a.log") == content


def test_more_content_than_may_be_kept_is_answered_but_not_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("diagnose.machine.recorder_files.MAX_KEPT", 5)
    recorder = Recorder(FakeMachine(files={r"C:\a.log": b"12345", r"C:\b.log": b"6"}))
    assert isinstance(recorder.read_file(r"C:\a.log"), FileContent)
    late = recorder.read_file(r"C:\b.log")
    assert isinstance(late, FileContent)
    assert late.data == b"6"
    machine = replay(recorder, tmp_path)
    assert isinstance(machine.read_file(r"C:\a.log"), FileContent)
    assert machine.file_info(r"C:\b.log") == recorder.file_info(r"C:\b.log")
    assert isinstance(machine.read_file(r"C:\b.log"), Unseen)


def test_a_32_bit_windows_has_one_view(tmp_path: Path) -> None:
    fake = FakeMachine(system=System(architecture="x86"), registry={r"HKLM\SOFTWARE\TrendMicro": {"a": "b"}})
    recorder = Recorder(fake)
    found = recorder.registry_key(r"HKLM\SOFTWARE\TrendMicro", View.BITS_32)
    assert isinstance(found, RegistryKey)
    assert replay(recorder, tmp_path).registry_key(r"HKLM\SOFTWARE\TrendMicro", View.BITS_32) == found


def test_words_outside_of_the_vocabulary_become_unknown(tmp_path: Path) -> None:
    fake = FakeMachine(
        system=System(architecture="riscv64", hostname="a\udcffb"), services=[Service("x", "continue_pending", "boot")]
    )
    recorder = Recorder(fake)
    recorder.services()
    machine = replay(recorder, tmp_path)
    assert machine.services() == recorder.services() == (Service("x", "unknown", "unknown"),)
    assert machine.system() == replace(recorder.system(), hostname="a\ufffdb")
    assert machine.system().architecture is None


def test_an_infinite_clock_offset_is_malformed(tmp_path: Path) -> None:
    recorder = Recorder(FakeMachine(clock=ClockOffset(float("nan"))))
    offset = recorder.clock_offset()
    assert isinstance(offset, Unseen)
    assert replay(recorder, tmp_path).clock_offset() == offset


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=40), st.binary(max_size=20))
@example("1e3", b"\xff")
@example("0o17", b"")
@example("one\n two\nthree", b"")
def test_any_text_survives(text: str, data: bytes) -> None:
    fake = FakeMachine(
        system=System(hostname=text),
        registry={r"HKLM\SOFTWARE\A": {text: text.replace("\0", ""), "b": data}},
        files={r"C:\a.bin": data},
        processes=[Process(text)],
        commands={("x", text): CommandResult((), 1, text.encode(), data)},
        http=[HttpAnswer("http://a/", Via.DIRECT, 200, text, 1, text)],
    )
    recorder = Recorder(fake)
    asks: list[Ask] = [
        lambda m: m.system(),
        lambda m: m.registry_key(r"HKLM\SOFTWARE\A"),
        lambda m: m.read_file(r"C:\a.bin"),
        lambda m: m.processes(),
        lambda m: m.run(["x", text]),
        lambda m: m.fetch("http://a/"),
    ]
    given_answers = [ask(recorder) for ask in asks]
    with TemporaryDirectory() as folder:
        replayed = replay(recorder, Path(folder))
        assert [ask(replayed) for ask in asks] == given_answers


def test_a_disk_that_says_no_leaves_nothing_half_written(tmp_path: Path) -> None:
    (tmp_path / "machine.yaml" / "in the way").mkdir(parents=True)
    with pytest.raises(OSError, match=r"machine\.yaml"):
        Recorder(full_machine()).write(tmp_path)
    assert not list(tmp_path.glob(".writing-*"))


def test_a_file_whose_name_is_a_folder_already_is_stored_under_another(tmp_path: Path) -> None:
    (tmp_path / "files" / "C" / "a.log").mkdir(parents=True)
    recorder = Recorder(FakeMachine(files={r"C:\a.log": b"12345"}))
    content = recorder.read_file(r"C:\a.log")
    assert replay(recorder, tmp_path).read_file(r"C:\a.log") == content
