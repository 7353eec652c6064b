from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from diagnose.machine.interface import Machine
from diagnose.machine.proxy_settings import USER_SETTINGS, WINHTTP_KEY
from diagnose.machine.recorded import RecordedMachine
from diagnose.machine.values import (
    Absent,
    ClockOffset,
    CommandResult,
    Disk,
    DnsAnswer,
    DnsStatus,
    Download,
    FileContent,
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
from tests.unit.recordings import FULL, JST, REG, Make, der, maker, not_recorded, with_registry, write

USER_KEY = f"HKCU\\{USER_SETTINGS}"


@pytest.fixture
def make(tmp_path: Path) -> Make:
    return maker(tmp_path)


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
    assert machine.fetch("https://A:443/x") == machine.fetch("https://a/x")
    assert isinstance(machine.fetch("https://a:4343/x"), Unseen)
    assert isinstance(machine.fetch("https://[/x"), Unseen)
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


def test_empty_command_and_network_files_say_nothing(make: Make) -> None:
    machine = make(commands_DOT_yaml="", network_DOT_yaml="# nothing yet\n", **{"registry/.DS_Store": b"\0"})
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


DOWNLOADS = """
downloads:
  - {url: 'http://MIRROR.example:2221/update.ver', status: 200, body: "[ENGINE2]\\r\\n"}
  - {url: 'http://mirror.example:2221/nod9133.nup', status: 200, declared: 60, bytes: 9, body_base64: /wCB,
     error: reset}
  - {url: 'http://mirror.example:2221/update.ver', status: 404}
http:
  - {url: 'http://whole.example/', status: 200, body: 'ab'}
  - {url: 'http://part.example/', status: 200, body: 'ab', bytes: 9}
  - {url: 'http://gone.example/', status: 404, body: 'no', bytes: 9999}
  - {url: 'http://dead.example/', error: refused}
"""


def test_a_download_is_found_by_its_address_and_no_longer_than_asked_for(make: Make) -> None:
    machine = make(network_DOT_yaml=DOWNLOADS)
    url = "http://mirror.example:2221/update.ver"
    assert machine.download(url, 1000, 1000) == Download(url, Via.DIRECT, 200, b"[ENGINE2]\r\n", 11)
    assert machine.download(url, 5, 3) == Download(url, Via.DIRECT, 200, b"[EN", 5)
    assert machine.download("http://mirror.example:2221/nod9133.nup", 99, 9) == Download(
        "http://mirror.example:2221/nod9133.nup", Via.DIRECT, 200, b"\xff\x00\x81", 9, 60, "reset"
    )
    assert not_recorded(machine.download(url, 5, 3, Via.PROXY))
    assert not_recorded(machine.download("http://other.example/", 5, 3))


def test_a_request_answers_for_a_download_when_all_of_it_was_recorded(make: Make) -> None:
    machine = make(network_DOT_yaml=DOWNLOADS)
    whole = machine.download("http://whole.example/", 9, 9)
    assert whole == Download("http://whole.example/", Via.DIRECT, 200, b"ab", 2)
    assert not_recorded(machine.download("http://part.example/", 9, 9))
    gone, dead = (machine.download(f"http://{name}.example/", 10_000, 9) for name in ("gone", "dead"))
    assert isinstance(gone, Download)
    assert isinstance(dead, Download)
    assert (gone.status, gone.start) == (404, b"no")
    assert (dead.status, dead.error, dead.size) == (None, "refused", 0)
