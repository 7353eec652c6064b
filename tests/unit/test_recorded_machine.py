from __future__ import annotations

import hashlib
import os
import time
from base64 import encodebytes
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from diagnose.errors import InputError
from diagnose.machine.file_patterns import Glob, fold_path, join_path, split_path
from diagnose.machine.interface import Machine
from diagnose.machine.proxy_settings import USER_KEY, WINHTTP_KEY
from diagnose.machine.recorded import RecordedMachine
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
    Resolver,
    SecurityProduct,
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
from diagnose.text import Language

JST = timezone(timedelta(hours=9))
REG = "Windows Registry Editor Version 5.00\r\n\r\n"
LOG = r"C:\Program Files (x86)\Trend Micro\Security Agent\Temp\upgrade_20261121080000.log"

FULL = r"""
platform: windows
now: 2026-11-21T09:00:00+09:00
hostname: PC-0423
os: {name: Windows 10 Pro, version: 10.0.19045, build: 19045, ubr: 3570, language: ja-JP, server: false}
architecture: x86_64
processor: {cores: 2, mhz: 2400}
memory: {total_mb: 4096, available_mb: 1200}
disks: [{path: 'C:\', total_mb: 120000, free_mb: 9000}]
boot_time: 2026-11-20T08:30:00
elevated: true
services: [{name: ntrtscan, display_name: Apex One NT RealTime Scan, status: running, start: automatic, path: 'C:\x'}]
processes: [{name: NTRtScan.exe, pid: 1200, path: 'C:\x'}, {name: 検査.exe}]
listening: [{address: 0.0.0.0, port: 21112, process: TmListen.exe}]
hotfixes: [KB5011487]
security_products: [{name: Trend Micro Apex One, state: 397568}]
file_times: {'C:\Temp\setup.log': 2026-11-21T08:00:00+09:00}
"""


def write(folder: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


Make = Callable[..., RecordedMachine]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def recorded(machine: str = "platform: windows\n", **files: str | bytes) -> RecordedMachine:
        named = {name.replace("__", "/").replace("_DOT_", "."): content for name, content in files.items()}
        write(tmp_path, {"machine.yaml": machine, **named})
        return RecordedMachine.open(tmp_path)

    return recorded


def with_registry(make: Make, text: str, machine: str = "platform: windows\n") -> RecordedMachine:
    return make(machine, registry__a_DOT_reg=(REG + text).encode("utf-16"))


def not_recorded(answer: object) -> bool:
    return isinstance(answer, Unseen) and answer.reason is Reason.NOT_RECORDED


def problem(folder: Path) -> tuple[str, str, str]:
    """Message id, place below the folder, English words."""
    with pytest.raises(InputError) as caught:
        RecordedMachine.open(folder)
    found = caught.value.problems[0]
    assert found.message.in_language(Language.JA)
    place = str(found.place).removeprefix(str(folder)).lstrip("/\\")
    return found.message.id, place, found.message.in_language(Language.EN)


def test_machine_yaml_says_what_the_computer_is(make: Make) -> None:
    machine: Machine = make(FULL)
    assert machine.platform is Platform.WINDOWS
    assert machine.recorded
    assert machine.now() == datetime(2026, 11, 21, 9, tzinfo=JST)
    assert machine.system() == System(
        hostname="PC-0423",
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
        boot_time=datetime(2026, 11, 20, 8, 30, tzinfo=JST),
        elevated=True,
    )
    assert machine.services() == (
        Service("ntrtscan", "running", "automatic", "Apex One NT RealTime Scan", "C:\\x"),
    )  # fmt: skip
    assert machine.processes() == (Process("NTRtScan.exe", 1200, "C:\\x"), Process("検査.exe"))
    assert machine.listening_ports() == (ListeningPort("0.0.0.0", 21112, "TmListen.exe"),)
    assert machine.disks() == (Disk("C:\\", 120000, 9000),)
    assert machine.hotfixes() == ("KB5011487",)
    assert machine.security_products() == (SecurityProduct("Trend Micro Apex One", 397568),)


def test_what_is_left_out_is_unknown(make: Make) -> None:
    machine = make()
    assert machine.system() == System()
    assert machine.services() == Unseen(Reason.NOT_RECORDED, "machine.yaml: services")
    assert machine.listening_ports() == Unseen(Reason.NOT_RECORDED, "machine.yaml: listening")
    for answer in (
        machine.processes(),
        machine.disks(),
        machine.hotfixes(),
        machine.security_products(),
        machine.proxies(),
        machine.clock_offset(),
        machine.registry_key(r"HKLM\SOFTWARE"),
        machine.file_info(r"C:\x"),
        machine.read_file(r"C:\x"),
        machine.find_files(r"C:\*"),
        machine.run(["sc", "query"]),
        machine.resolve("a", Resolver.SYSTEM),
        machine.connect("a", 1),
        machine.handshake("a", 1),
        machine.fetch("http://a/"),
        *(machine.certificates(store) for store in Store),
    ):
        assert not_recorded(answer), answer


def test_an_empty_list_is_known_to_be_empty(make: Make) -> None:
    assert make("platform: windows\nhotfixes: []\nservices: []\n").hotfixes() == ()


def test_the_clock_is_that_of_the_newest_file_or_of_the_recording(make: Make, tmp_path: Path) -> None:
    times = "file_times: {'C:\\a': 2026-11-20T08:00:00, 'C:\\b': 2026-11-21T08:00:00Z}\n"
    assert make("platform: windows\n" + times).now() == datetime(2026, 11, 21, 8, tzinfo=UTC)
    write(tmp_path, {"machine.yaml": "platform: linux\n"})
    os.utime(tmp_path / "machine.yaml", (1_700_000_000, 1_700_000_000))
    assert RecordedMachine.open(tmp_path).now() == datetime.fromtimestamp(1_700_000_000, UTC)


WINDOWS_REGISTRY = r"""[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion]
"ProductName"="Windows 10 Pro"
"CurrentBuild"="22631"
"CurrentMajorVersionNumber"=dword:0000000a
"CurrentMinorVersionNumber"=dword:00000000
"UBR"=dword:00000df2
"InstallationType"="Client"

[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Control\ComputerName\ComputerName]
"ComputerName"="PC-経理"

[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Control\Session Manager\Environment]
"PROCESSOR_ARCHITECTURE"="AMD64"

[HKEY_LOCAL_MACHINE\SYSTEM\ControlSet001\Control\Nls\Language]
"InstallLanguage"="0411"

[HKEY_LOCAL_MACHINE\HARDWARE\DESCRIPTION\System\CentralProcessor\0]
"~MHz"=dword:00000960

[HKEY_LOCAL_MACHINE\HARDWARE\DESCRIPTION\System\CentralProcessor\1]
"~MHz"=dword:00000960
"""


def test_the_registry_fills_in_what_machine_yaml_leaves_out(make: Make) -> None:
    machine = with_registry(make, WINDOWS_REGISTRY, "platform: windows\nhostname: WRITTEN\n")
    assert machine.system() == System(
        hostname="WRITTEN",
        os_name="Windows 11 Pro",
        os_version="10.0.22631",
        os_build=22631,
        os_ubr=3570,
        os_language="ja-JP",
        os_server=False,
        architecture="x86_64",
        cores=2,
        mhz=2400,
    )


def test_an_old_server_is_told_by_its_registry(make: Make) -> None:
    key = r"[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion]"
    values = '"ProductName"="Windows Server 2012 R2"\n"CurrentVersion"="6.3"\n"CurrentBuildNumber"="9600"\n'
    system = with_registry(make, f'{key}\n{values}"InstallationType"="Server Core"\n').system()
    assert system.os_version == "6.3.9600"
    assert system.os_server is True
    assert system.hostname is None
    assert system.cores is None


def test_strange_registry_values_are_unknown(make: Make) -> None:
    text = WINDOWS_REGISTRY.replace('"22631"', '"newest"').replace('"0411"', '"zz"').replace('"AMD64"', '"VAX"')
    system = with_registry(make, text).system()
    assert (system.os_build, system.os_version, system.os_language, system.architecture) == (None, None, None, None)


def test_a_hive_part_with_any_key_is_a_full_picture(make: Make) -> None:
    machine = with_registry(make, '[HKLM\\SOFTWARE\\トレンド]\n"版"="14.0"\n')
    found = machine.registry_key("hklm\\software\\トレンド")
    assert isinstance(found, RegistryKey)
    assert found.values["版"].data == "14.0"
    assert found.values["版"].where == "hklm\\software\\トレンド : 版".replace("hklm", "HKLM")
    assert machine.registry_key(r"HKLM\SOFTWARE\Nothing") == Absent(r"HKLM\SOFTWARE\Nothing")
    assert not_recorded(machine.registry_key(r"HKLM\SYSTEM\Nothing"))
    assert not_recorded(machine.registry_key(r"HKCU\SOFTWARE\Nothing"))


@pytest.mark.parametrize(("architecture", "value"), [("x86_64", "32"), ("x86", "64"), (None, "32")])
def test_the_32_bit_view_is_a_key_of_its_own_on_64_bit_windows(
    make: Make, architecture: str | None, value: str
) -> None:
    text = '[HKLM\\SOFTWARE\\T]\n"v"="64"\n[HKLM\\SOFTWARE\\WOW6432Node\\T]\n"v"="32"\n'
    yaml = "platform: windows\n" + (f"architecture: {architecture}\n" if architecture else "")
    machine = with_registry(make, text, yaml)
    for view, expected in ((View.BITS_32, value), (View.BITS_64, "64"), (View.NATIVE, "64")):
        found = machine.registry_key(r"HKLM\SOFTWARE\T", view)
        assert isinstance(found, RegistryKey)
        assert found.values["v"].data == expected


def test_the_current_control_set_may_be_recorded_as_the_first(make: Make) -> None:
    machine = with_registry(make, '[HKLM\\SYSTEM\\ControlSet001\\Services\\x]\n"Start"=dword:2\n')
    found = machine.registry_key(r"HKLM\SYSTEM\CurrentControlSet\Services\x")
    assert isinstance(found, RegistryKey)
    assert isinstance(machine.registry_key(r"HKLM\SYSTEM\CurrentControlSet\Services\y"), Absent)


def test_linux_has_no_registry(make: Make) -> None:
    answer = make("platform: linux\n").registry_key(r"HKLM\SOFTWARE")
    assert isinstance(answer, Unseen)
    assert answer.reason is Reason.UNSUPPORTED


def files_machine(make: Make, machine: str = FULL) -> RecordedMachine:
    folder = "files/C/Program Files (x86)/Trend Micro/Security Agent"
    return make(
        machine,
        **{
            f"{folder}/Temp/upgrade_20261121080000.log": "アップグレード".encode("cp932"),
            f"{folder}/Temp/upgrade_20261120080000.LOG": b"0123456789",
            f"{folder}/ofcscan.ini": b"[a]",
            "files/UNC/server/ofcscan/ofcscan.ini": b"share",
            "files/readme.txt": "right under files/ lies nothing of the computer's",
        },
    )


def test_files_are_found_without_case_and_with_either_slash(make: Make) -> None:
    machine = files_machine(make)
    for path in (LOG, LOG.upper(), LOG.replace("\\", "/"), "\\\\?\\" + LOG):
        content = machine.read_file(path)
        assert content == FileContent(path, "アップグレード".encode("cp932"), 14, 0, None)
        assert machine.file_info(path) == FileInfo(path, 14, None)
    share = machine.read_file(r"\\SERVER\ofcscan\ofcscan.ini")
    assert isinstance(share, FileContent)
    assert share.data == b"share"


def test_folders_are_told_from_files(make: Make) -> None:
    machine = files_machine(make)
    assert machine.file_info(r"C:\Program Files (x86)") == FileInfo(r"C:\Program Files (x86)", None, None, True)
    assert machine.file_info("C:\\Temp") == FileInfo("C:\\Temp", None, None, True)
    answer = machine.read_file(r"C:\Program Files (x86)")
    assert isinstance(answer, Unseen)
    assert answer.reason is Reason.NOT_A_FILE


def test_of_a_large_file_the_tail_is_read(make: Make) -> None:
    path = LOG.replace("21080000", "20080000")
    assert files_machine(make).read_file(path, 4) == FileContent(path, b"6789", 10, 6, None)
    assert files_machine(make).read_file(path, 0) == FileContent(path, b"", 10, 10, None)


def test_a_file_that_only_has_a_time_exists_but_cannot_be_read(make: Make) -> None:
    machine = files_machine(make)
    setup = r"C:\temp\SETUP.log"
    assert machine.file_info(setup) == FileInfo(setup, None, datetime(2026, 11, 21, 8, tzinfo=JST))
    assert not_recorded(machine.read_file(setup))


def test_a_file_that_is_nowhere_is_absent_when_files_were_recorded(make: Make) -> None:
    machine = files_machine(make)
    assert machine.file_info(r"C:\nothing") == Absent(r"C:\nothing")
    assert machine.read_file(r"C:\nothing") == Absent(r"C:\nothing")
    assert make(FULL).read_file(r"D:\nothing") == Absent(r"D:\nothing")


def test_globs_match_each_component_and_find_files_that_only_have_a_time(make: Make) -> None:
    machine = files_machine(make)
    logs = machine.find_files(r"c:\program files*\Trend Micro\*\temp\upgrade_*.log")
    assert not isinstance(logs, Unseen)
    assert [(info.path, info.size) for info in logs] == [(LOG.replace("21080000.log", "20080000.LOG"), 10), (LOG, 14)]
    setup = machine.find_files(r"C:\Temp\*.log")
    assert setup == (FileInfo(r"C:\Temp\setup.log", None, datetime(2026, 11, 21, 8, tzinfo=JST)),)
    assert machine.find_files(r"C:\*") == ()
    assert machine.find_files(r"C:\Temp\setup.[a-l]og") == setup
    assert machine.find_files(r"C:\Temp\setup.[!l]og") == ()


@pytest.mark.parametrize(
    "path",
    [
        r"C:\..\..\..\secret",
        r"C:\Temp\..\secret",
        r"..\secret",
        "secret",
        "/etc/passwd",
        "C:secret",
        r"C:\a.txt:stream",
        r"\\.\PhysicalDrive0",
        r"\\?\GLOBALROOT\x",
        "C:\\a\0b",
        "",
    ],
)
def test_a_path_that_names_no_place_is_malformed(make: Make, tmp_path: Path, path: str) -> None:
    write(tmp_path, {"secret": "not part of the computer", "files/secret": "neither"})
    machine = files_machine(make)
    for answer in (machine.file_info(path), machine.read_file(path), machine.find_files(path)):
        assert isinstance(answer, Unseen)
        assert answer.reason is Reason.MALFORMED


@pytest.mark.skipif(os.name == "nt", reason="links and pipes need a POSIX file system")
def test_links_that_leave_the_recording_and_pipes_are_not_opened(make: Make, tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    write(outside, {"secret.txt": "secret"})
    write(tmp_path, {"files/etc/real.conf": "real"})
    (tmp_path / "files/etc/link.conf").symlink_to(outside / "secret.txt")
    (tmp_path / "files/etc/good.conf").symlink_to("real.conf")
    (tmp_path / "files/var").symlink_to(outside)
    os.mkfifo(tmp_path / "files/etc/pipe.conf")
    machine = make("platform: linux\n")
    good = machine.read_file("/etc/good.conf")
    assert isinstance(good, FileContent)
    assert good.data == b"real"
    for path in ("/etc/link.conf", "/etc/pipe.conf", "/var/secret.txt", "/var"):
        for answer in (machine.read_file(path), machine.file_info(path)):
            assert isinstance(answer, Unseen), path
            assert answer.reason is Reason.NOT_A_FILE
    found = machine.find_files("/etc/*.conf")
    assert not isinstance(found, Unseen)
    assert [info.path for info in found] == ["/etc/good.conf", "/etc/real.conf"]


def test_linux_paths_compare_with_case(make: Make) -> None:
    machine = make("platform: linux\n", **{"files/etc/ds_agent.conf": "x", "files/var/opt/日誌.log": "y"})
    assert isinstance(machine.file_info("/etc/DS_agent.conf"), Absent)
    assert isinstance(machine.file_info("/etc/./ds_agent.conf"), FileInfo)
    found = machine.find_files("/var/*/日*.log")
    assert found == (FileInfo("/var/opt/日誌.log", 1, None),)


def test_a_drive_folder_is_one_letter(make: Make, tmp_path: Path) -> None:
    write(tmp_path, {"files/Program Files/a": "", "machine.yaml": "platform: windows\n"})
    assert problem(tmp_path)[:2] == ("recording-drive", "files/Program Files")


def der(content: bytes) -> bytes:
    padded = content.ljust(300, b"\0")
    return b"\x30\x82" + len(padded).to_bytes(2, "big") + padded


def pem(content: bytes) -> bytes:
    return b"-----BEGIN CERTIFICATE-----\n" + encodebytes(content) + b"-----END CERTIFICATE-----\n"


def test_certificates_are_read_as_der_and_pem(make: Make) -> None:
    machine = make(
        **{
            "certificates/ROOT/b.cer": der(b"one"),
            "certificates/ROOT/a.PEM": "注釈\n".encode() + pem(der(b"two")) + pem(der(b"three")),
            "certificates/ROOT/notes.txt": "no certificate",
        }
    )
    found = machine.certificates(Store.ROOT)
    expected = [("a.PEM", der(b"two")), ("a.PEM", der(b"three")), ("b.cer", der(b"one"))]
    assert found == tuple(
        Certificate(hashlib.sha1(data).hexdigest().upper(), data, f"certificates/ROOT/{name}")
        for name, data in expected
    )
    assert machine.certificates(Store.DISALLOWED) == ()
    assert not_recorded(machine.certificates(Store.CA))


def test_each_store_stands_for_itself(make: Make) -> None:
    machine = make(**{"certificates/disallowed/x.crt": der(b"x")})
    assert not_recorded(machine.certificates(Store.ROOT))
    assert len(machine.certificates(Store.DISALLOWED)) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "data", [b"", b"text", der(b"x")[:-1], der(b"x") + b"\n", pem(b"no der"), pem(der(b"x")) + pem(b"")]
)
def test_a_file_without_a_certificate_is_named(tmp_path: Path, data: bytes) -> None:
    write(tmp_path, {"machine.yaml": "platform: windows\n", "certificates/CA/悪い.cer": data})
    assert problem(tmp_path)[:2] == ("recording-no-certificate", "certificates/CA/悪い.cer")


COMMANDS = """
- argv: [sc.exe, query, ntrtscan]
  stdout: "状態: 4 RUNNING\\r\\n"
- argv: [gpresult, /r]
  exit: 1
  stderr: エラー
- argv: [nothing]
  missing: true
- argv: [raw]
  stdout_base64: g0ODeA==
- argv: [SC, query, ntrtscan]
  stdout: second
"""


def test_commands_answer_by_their_arguments(make: Make) -> None:
    machine = make(commands_DOT_yaml=COMMANDS)
    argv = (r"C:\Windows\System32\SC.EXE", "query", "ntrtscan")
    assert machine.run(argv) == CommandResult(argv, 0, "状態: 4 RUNNING\r\n".encode(), b"")
    assert machine.run(["gpresult", "/r"]) == CommandResult(("gpresult", "/r"), 1, b"", "エラー".encode())
    assert isinstance(machine.run(["sc", "query", "ntrtscan"]), CommandResult)
    assert isinstance(machine.run(["gpresult.exe", "/r"]), CommandResult)
    assert not_recorded(machine.run(["gpresult", "/R"]))
    assert machine.run(["nothing"]) == Absent("nothing")
    raw = machine.run(["raw"])
    assert isinstance(raw, CommandResult)
    assert raw.stdout == "イベ".encode("cp932")
    assert not_recorded(machine.run([]))


def test_commands_of_linux_compare_whole(make: Make) -> None:
    machine = make("platform: linux\n", commands_DOT_yaml="- argv: [/usr/bin/systemctl, status]\n")
    assert isinstance(machine.run(["/usr/bin/systemctl", "status"]), CommandResult)
    assert not_recorded(machine.run(["systemctl", "status"]))


NETWORK = """
dns:
  - {name: OSCE.example.co.jp, resolver: system, answers: [10.1.2.3, 'fe80::1']}
  - {name: osce.example.co.jp, resolver: public, answers: nxdomain}
  - {name: osce.example.co.jp, resolver: system, answers: timeout}
tcp:
  - {host: osce.example.co.jp, port: 4343, result: connected}
  - {host: osce.example.co.jp, port: 4343, result: refused}
tls:
  - {host: osce.example.co.jp, port: 4343, result: untrusted, issuer: CN=社内, subject: null,
     not_after: 2027-01-01, error: null}
http:
  - {url: 'https://a/x', via: direct, status: 200, body: '-2', bytes: 2, error: null}
  - {url: 'https://a/x', via: proxy, status: null, error: 接続できません}
clock: {offset_s: 400}
"""


def test_probes_answer_by_host_without_case(make: Make) -> None:
    machine = make("platform: windows\nnow: 2026-11-21T09:00:00+09:00\n", network_DOT_yaml=NETWORK)
    assert machine.resolve("osce.EXAMPLE.co.jp.", Resolver.SYSTEM) == DnsAnswer(
        "OSCE.example.co.jp", Resolver.SYSTEM, DnsStatus.ANSWERED, ("10.1.2.3", "fe80::1")
    )
    assert machine.resolve("osce.example.co.jp", Resolver.PUBLIC) == DnsAnswer(
        "osce.example.co.jp", Resolver.PUBLIC, DnsStatus.NXDOMAIN
    )
    assert machine.connect("OSCE.example.co.jp", 4343) == TcpAnswer("osce.example.co.jp", 4343, TcpStatus.CONNECTED)
    assert machine.handshake("osce.example.co.jp", 4343) == TlsAnswer(
        "osce.example.co.jp", 4343, TlsStatus.UNTRUSTED, "CN=社内", "", datetime(2027, 1, 1, tzinfo=JST)
    )
    assert machine.fetch("https://a/x") == HttpAnswer("https://a/x", Via.DIRECT, 200, "-2", 2)
    assert machine.fetch("https://a/x", Via.PROXY) == HttpAnswer(
        "https://a/x", Via.PROXY, None, "", None, "接続できません"
    )
    assert machine.clock_offset() == ClockOffset(400)


def test_a_probe_without_an_entry_says_which_one(make: Make) -> None:
    machine = make(network_DOT_yaml=NETWORK)
    assert machine.resolve("a.jp", Resolver.SYSTEM) == Unseen(Reason.NOT_RECORDED, "DNS system a.jp")
    assert machine.connect("a.jp", 1) == Unseen(Reason.NOT_RECORDED, "TCP a.jp:1")
    assert machine.handshake("a.jp", 1) == Unseen(Reason.NOT_RECORDED, "TLS a.jp:1")
    assert machine.fetch("http://a.jp/") == Unseen(Reason.NOT_RECORDED, "HTTP direct http://a.jp/")


def test_proxies_of_windows_come_from_its_registry(make: Make) -> None:
    machine = with_registry(make, f'[{USER_KEY}]\n"ProxyEnable"=dword:1\n"ProxyServer"="u:p@proxy:8080"\n')
    assert machine.proxies() == (ProxySetting("user", "http://proxy:8080", f"{USER_KEY} : ProxyServer"),)
    both = with_registry(make, f"[{USER_KEY}]\n[{WINHTTP_KEY}]\n").proxies()
    assert not isinstance(both, Unseen)
    assert [(setting.owner, setting.url) for setting in both] == [("user", ""), ("service", "")]


def test_proxies_of_linux_come_from_the_environment(make: Make) -> None:
    yaml = "platform: linux\nenvironment: {HTTPS_PROXY: 'http://u:p@proxy:3128', PATH: /bin}\n"
    machine = make(yaml, files__etc__environment='http_proxy="http://file:1"\n')
    assert machine.proxies() == (
        ProxySetting("environment", "http://proxy:3128", "machine.yaml: environment: HTTPS_PROXY"),
        ProxySetting("environment", "http://file:1", "/etc/environment: http_proxy"),
    )
    assert make("platform: linux\n").proxies() == (
        ProxySetting("environment", "http://file:1", "/etc/environment: http_proxy"),
    )


@pytest.mark.parametrize(
    ("file", "text", "expected", "words"),
    [
        ("machine.yaml", "", ("recording-no-machine", "machine.yaml"), "platform"),
        ("machine.yaml", "hostname: a\n", ("missing-field", "machine.yaml:1:1"), "platform"),
        ("machine.yaml", "platform: window\n", ("invalid-value", "machine.yaml:1:11"), "windows"),
        ("machine.yaml", "platform: linux\nservice: []\n", ("unknown-field", "machine.yaml:2:1"), "services"),
        (
            "machine.yaml",
            "platform: linux\nservices:\n  - {name: 監視, status: runing}\n",
            ("invalid-value", "machine.yaml:3:24"),
            "running",
        ),
        ("machine.yaml", "platform: linux\nos: {build: new}\n", ("expected-got", "machine.yaml:2:13"), ""),
        ("machine.yaml", "platform: linux\nnow: today\n", ("recording-time", "machine.yaml:2:6"), "today"),
        (
            "machine.yaml",
            "platform: linux\nfile_times:\n  /a: 2026-01-01\n  /b: 昨日\n",
            ("recording-time", "machine.yaml:4:7"),
            "昨日",
        ),
        ("machine.yaml", "- a\n", ("expected-got", "machine.yaml:1:1"), ""),
        ("machine.yaml", "platform: [", ("yaml-syntax", "machine.yaml:2:1"), ""),
        (
            "machine.yaml",
            "platform: linux\nrecording: {stored_as: {/a: ../../etc/passwd}}\n",
            ("recording-outside", "files-renamed"),
            "passwd",
        ),
        ("commands.yaml", "- {argv: []}\n", ("recording-empty-command", "commands.yaml:1:10"), ""),
        ("commands.yaml", "- {argv: [a], exitcode: 1}\n", ("unknown-field", "commands.yaml:1:15"), "exit"),
        ("commands.yaml", "- {argv: [a], stdout_base64: '%'}\n", ("recording-base64", "commands.yaml:1:30"), ""),
        ("commands.yaml", "argv: a\n", ("expected-got", "commands.yaml:1:1"), ""),
        (
            "network.yaml",
            "dns: [{name: a, answers: nxdomian}]\n",
            ("recording-dns-answers", "network.yaml:1:26"),
            "nxdomain",
        ),
        (
            "network.yaml",
            "tcp: [{host: a, port: 1, result: conected}]\n",
            ("invalid-value", "network.yaml:1:34"),
            "connected",
        ),
        (
            "network.yaml",
            "tls: [{host: a, port: 1, result: ok, not_after: soon}]\n",
            ("recording-time", "network.yaml:1:49"),
            "soon",
        ),
        ("registry/a.reg", REG + "oops\n", ("reg-line", "registry/a.reg:3:1"), ""),
    ],
)
def test_a_malformed_recording_is_one_clear_line(
    tmp_path: Path, file: str, text: str, expected: tuple[str, str], words: str
) -> None:
    write(tmp_path, {"machine.yaml": "platform: windows\n", file: text})
    found = problem(tmp_path)
    assert found[:2] == expected
    assert words in found[2]


def test_a_missing_folder_or_machine_yaml_is_an_input_error(tmp_path: Path) -> None:
    assert problem(tmp_path / "none")[0] == "recording-no-folder"
    assert problem(tmp_path)[0] == "recording-no-machine"


def test_empty_command_and_network_files_say_nothing(make: Make) -> None:
    machine = make(commands_DOT_yaml="", network_DOT_yaml="# nothing yet\n", registry__x_DOT_txt="no registry file")
    assert not_recorded(machine.connect("a", 1))
    assert not_recorded(machine.registry_key(r"HKLM\SOFTWARE"))


def test_a_recording_edited_by_hand_counts_what_was_added(make: Make) -> None:
    machine = make(
        "platform: windows\nrecording: {registry: [], certificates: {ROOT: []}}\n",
        **{
            "files/C/added.log": b"added",
            "registry/x.reg": REG + '[HKLM\\SOFTWARE\\Added]\n"a"="b"\n[HKLM\\SOFTWARE\\Name]\n',
            "certificates/ROOT/x.cer": der(b"x"),
        },
    )
    assert isinstance(machine.read_file(r"C:\added.log"), FileContent)
    assert isinstance(machine.registry_key(r"HKLM\SOFTWARE\Added"), RegistryKey)
    assert not_recorded(machine.registry_key(r"HKLM\SOFTWARE\Name"))
    assert not_recorded(machine.registry_key(r"HKLM\SOFTWARE\Nothing"))
    assert not_recorded(machine.file_info(r"C:\nothing"))
    assert not_recorded(machine.find_files(r"C:\*"))
    assert len(machine.certificates(Store.ROOT)) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        (r"c:\A\b", ("C", "A", "b")),
        ("C:/A//b/", ("C", "A", "b")),
        ("C:\\", ("C",)),
        (r"\\server\share\x", ("UNC", "server", "share", "x")),
        (r"\\?\UNC\server\share\x", ("UNC", "server", "share", "x")),
        (r"\\?\C:\x", ("C", "x")),
    ],
)
def test_windows_paths_are_taken_apart(path: str, parts: tuple[str, ...]) -> None:
    assert split_path(path, Platform.WINDOWS) == parts
    assert fold_path(join_path(parts, Platform.WINDOWS), Platform.WINDOWS) == tuple(part.lower() for part in parts)


def test_a_hostile_name_does_not_slow_a_glob_down() -> None:
    glob = Glob("/" + "*a" * 40 + "b", Platform.LINUX)
    start = time.process_time()
    assert not glob.matches(("a" * 250,))
    assert time.process_time() - start < 0.5
    assert not Glob("relative", Platform.LINUX).matches(())
