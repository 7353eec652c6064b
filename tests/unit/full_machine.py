"""A computer that has something of everything, every question to it, and its replay."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

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
    Download,
    Event,
    FileInfo,
    HttpAnswer,
    ListeningPort,
    Process,
    ProxySetting,
    Reason,
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
from tests.unit.signed_programs import sample

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
    "lines": lambda m: m.find_lines(LOG, ("[0-9]",)),
    "lines in another spelling": lambda m: m.find_lines(LOG.upper(), ("[0-9]",)),
    "lines of nothing": lambda m: m.find_lines(r"C:\missing.ini", ("x",)),
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
    "signature": lambda m: m.signature(r"C:\Windows\signed.exe"),
    "signature in another spelling": lambda m: m.signature("c:/windows/SIGNED.exe"),
    "broken signature": lambda m: m.signature(r"C:\Windows\broken.exe"),
    "no program": lambda m: m.signature(r"C:\Temp\con.log"),
    "denied signature": lambda m: m.signature(r"C:\denied.ini"),
    "missing signature": lambda m: m.signature(r"C:\missing.exe"),
    "services": lambda m: m.services(),
    "processes": lambda m: m.processes(),
    "listening": lambda m: m.listening_ports(),
    "disks": lambda m: m.disks(),
    "hotfixes": lambda m: m.hotfixes(),
    "security products": lambda m: m.security_products(),
    "events": lambda m: m.events("Application"),
    "events in another spelling": lambda m: m.events("APPLICATION"),
    "no events": lambda m: m.events("System"),
    "missing log": lambda m: m.events("Nothing/Operational"),
    "denied log": lambda m: m.events("Security"),
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
    "slow dns": lambda m: m.resolve("slow.example", Resolver.SYSTEM),
    "public dns": lambda m: m.resolve("osce.example.co.jp", Resolver.PUBLIC),
    "unseen dns": lambda m: m.resolve("other.example.co.jp", Resolver.SYSTEM),
    "tcp": lambda m: m.connect("osce.example.co.jp", 4343),
    "unseen tcp": lambda m: m.connect("osce.example.co.jp", 1),
    "tls": lambda m: m.handshake("osce.example.co.jp", 4343),
    "http": lambda m: m.fetch("https://osce.example.co.jp:4343/officescan/cgi/cgionstart.exe"),
    "failed http": lambda m: m.fetch("http://例え.example/", Via.PROXY),
    "download": lambda m: m.download("http://ミラー.example:2221/update.ver", 1000, 1000),
    "cut download": lambda m: m.download("http://mirror.example:2221/nod9133.nup", 70_000_000, 4),
    "unseen download": lambda m: m.download("http://other.example/", 10, 10),
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
            r"C:\Windows\signed.exe": sample(),
            r"C:\Windows\broken.exe": sample()[:-8],
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
        events={
            "Application": [
                Event("Application", "Apex One", 12, 2, NOW, TRICKY.replace("\r", "")),
                Event("Application", "", 0, 0, None, ""),
            ],
            "System": [],
            "Nothing/Operational": Absent("Nothing/Operational"),
            "Security": Unseen(Reason.DENIED, "Security", "アクセスが拒否されました。 (5)"),
        },
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
            DnsAnswer("slow.example", Resolver.SYSTEM, DnsStatus.NXDOMAIN, (), "10.0.0.53", silent=("10.0.0.54",)),
        ],
        tcp=[TcpAnswer("osce.example.co.jp", 4343, TcpStatus.CONNECTED)],
        tls=[TlsAnswer("osce.example.co.jp", 4343, TlsStatus.UNTRUSTED, "CN=社内 CA", "CN=osce", NOW, "self signed")],
        http=[
            HttpAnswer("https://osce.example.co.jp:4343/officescan/cgi/cgionstart.exe", Via.DIRECT, 200, "-2", 2),
            HttpAnswer("http://例え.example/", Via.PROXY, None, "", None, "接続できません"),
        ],
        downloads=[
            Download(
                "http://ミラー.example:2221/update.ver", Via.DIRECT, 200, "[ENGINE2]\r\nname=検出\r\n".encode(), 27, 27
            ),
            Download("http://mirror.example:2221/nod9133.nup", Via.DIRECT, 200, b"\xff\x00\x81\x01", 9, 60, "protocol"),
        ],
        clock=ClockOffset(-0.25, "ntp.example.co.jp"),
    )


def replay(recorder: Recorder, folder: Path) -> RecordedMachine:
    recorder.write(folder)
    return RecordedMachine.open(folder)


def answers(machine: Machine, names: list[str]) -> dict[str, object]:
    return {name: QUESTIONS[name](machine) for name in names}
