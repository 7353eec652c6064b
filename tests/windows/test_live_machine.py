"""The live machine on real (Wine) registry, services, files, stores and programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.lab import netlab
from tests.lab.internet import RESOLVER
from tests.unit.network_servers import make_identity
from tests.windows.wine import Drive, Program, Windows, open_windows

_PROBE = Path(__file__).parent / "probe.py"
_AGENT = r"HKLM\SOFTWARE\試験\Agent"
_FOLDER = r"C:\Program Files (x86)\試験 エージェント"
_DEEP = "C:\\" + "\\".join(["とても深いフォルダー" * 3] * 10)
_DENIED, _MALFORMED, _NOT_A_FILE, _TIMED_OUT = "denied", "malformed", "not_a_file", "timed_out"

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def ask(windows: Windows) -> Ask:
    """`ask(["file_info", path], ...)`: the answers of the live machine, one for each question; see probe.py."""

    def answers(*questions: list[Any], env: dict[str, str] | None = None) -> Any:
        done = windows.python(_PROBE, stdin=json.dumps(questions).encode(), env=env)
        assert done.returncode == 0, done.stderr.decode()
        found = json.loads(done.stdout)
        return found[0] if len(questions) == 1 else found

    return answers


def _kind(answer: Any) -> str:
    return str(answer["kind_of_answer"])


def _reason(answer: Any) -> str:
    assert _kind(answer) == "Unseen", answer
    return str(answer["reason"])


# Registry


def test_both_sides_of_the_registry_are_read(windows: Windows, ask: Ask) -> None:
    windows.import_registry(
        r"""
[HKEY_LOCAL_MACHINE\SOFTWARE\試験\Agent]
"値"="64"
[HKEY_LOCAL_MACHINE\SOFTWARE\WOW6432Node\試験\Agent]
"値"="32"
"""
    )
    native, narrow, wide = ask(
        ["registry_key", _AGENT, "native"], ["registry_key", _AGENT, "32"], ["registry_key", _AGENT, "64"]
    )
    assert [key["values"]["値"]["data"] for key in (native, narrow, wide)] == ["64", "32", "64"]
    assert native["values"]["値"]["where"] == rf"{_AGENT} : 値"
    assert narrow["where"] == r"HKLM\SOFTWARE\WOW6432Node\試験\Agent"


def test_every_type_of_value_is_read_as_it_lies_there(windows: Windows, ask: Ask) -> None:
    windows.import_registry(
        r"""
[HKEY_LOCAL_MACHINE\SOFTWARE\試験\Types]
@="既定"
"number as text"="1"
"text as number"=dword:31
"short number"=hex(4):01,00,00
"large"=hex(b):ff,ff,ff,ff,ff,ff,ff,7f
"expand"=hex(2):25,00,53,00,79,00,73,00,74,00,65,00,6d,00,52,00,6f,00,6f,00,74,00,25,00,00,00
"list"=hex(7):2c,67,00,00,9e,8a,00,00,00,00
"bytes"=hex:de,ad
"nothing"=hex(0):
"odd type"=hex(4d2):01
"no end"=hex(1):41,00,42,00
"odd length"=hex(1):41,00,42
"""
    )
    found = ask(["registry_key", r"HKLM\SOFTWARE\試験\Types"])["values"]
    assert {name: (value["kind"], value["data"]) for name, value in found.items()} == {
        "": ("REG_SZ", "既定"),
        "number as text": ("REG_SZ", "1"),
        "text as number": ("REG_DWORD", 0x31),
        "short number": ("REG_TYPE_4", b"\1\0\0".decode("cp437")),
        "large": ("REG_QWORD", 2**63 - 1),
        "expand": ("REG_EXPAND_SZ", "%SystemRoot%"),
        "list": ("REG_MULTI_SZ", ["本", "語"]),
        "bytes": ("REG_BINARY", b"\xde\xad".decode("cp437")),
        "nothing": ("REG_NONE", ""),
        "odd type": ("REG_TYPE_1234", "\1"),
        "no end": ("REG_SZ", "AB"),
        "odd length": ("REG_SZ", found["odd length"]["data"]),
    }
    assert found["odd length"]["data"].startswith("A")


def test_a_value_of_a_megabyte_and_a_thousand_subkeys_are_read(windows: Windows, ask: Ask) -> None:
    code = """
import winreg
with winreg.CreateKey(winreg.HKEY_CURRENT_USER, "Software\\\\試験") as key:
    winreg.SetValueEx(key, "大", 0, winreg.REG_BINARY, b"\\x55" * 1_000_001)
    winreg.SetValueEx(key, "後", 0, winreg.REG_SZ, "x")
    for number in range(1000):
        winreg.CreateKey(key, f"鍵{number:04}").Close()
"""
    assert windows.python(code).returncode == 0
    key = ask(["registry_key", r"HKCU\Software\試験"])
    assert key["values"]["大"]["data"] == "U" * 1_000_001
    assert key["values"]["後"]["data"] == "x"
    assert key["subkeys"] == [f"鍵{number:04}" for number in range(1000)]


def test_a_key_that_is_not_there_is_absent_and_a_hive_that_is_none_is_malformed(ask: Ask) -> None:
    missing, none = ask(["registry_key", r"HKLM\SOFTWARE\無い"], ["registry_key", r"HKXX\SOFTWARE"])
    assert (_kind(missing), missing["where"]) == ("Absent", r"HKLM\SOFTWARE\無い")
    assert _reason(none) == _MALFORMED


# Files


def test_files_in_the_code_pages_of_japan_are_read_byte_by_byte(windows: Windows, ask: Ask) -> None:
    noon = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
    windows.write_file(rf"{_FOLDER}\更新.log", "更新に失敗しました①髙".encode("cp932"), noon)
    windows.write_file(rf"{_FOLDER}\設定.ini", "\ufeff[設定]".encode("utf-16-le"), noon)
    log, ini, info = ask(
        ["read_file", rf"{_FOLDER.upper()}\更新.LOG"],
        ["read_file", rf"{_FOLDER}\設定.ini"],
        ["file_info", rf"{_FOLDER}\設定.ini"],
    )
    assert log["data"].encode("cp437").decode("cp932") == "更新に失敗しました①髙"
    assert ini["data"].encode("cp437").decode("utf-16") == "[設定]"
    assert (info["size"], datetime.fromisoformat(info["modified"])) == (10, noon)


def test_of_a_large_file_the_tail_is_read(windows: Windows, ask: Ask) -> None:
    windows.write_file(r"C:\試験\large.log", b"0123456789" * 100_000)
    found = ask(["read_file", r"C:\試験\large.log", 25])
    assert (found["data"], found["offset"], found["size"]) == ("5678901234567890123456789", 999_975, 1_000_000)


def test_a_glob_finds_files_whatever_their_case(windows: Windows, ask: Ask) -> None:
    for name in ("upgrade_1.LOG", "Upgrade_2.log", "other.txt"):
        windows.write_file(rf"{_FOLDER}\Temp\{name}", b"x")
    windows.make_folder(rf"{_FOLDER}\Temp\upgrade_folder.log")
    found, none, nowhere = ask(
        ["find_files", r"C:\program files (x86)\*エージェント\temp\UPGRADE_*.log"],
        ["find_files", rf"{_FOLDER}\Temp\*.nothing"],
        ["find_files", r"C:\no folder\*.log"],
    )
    assert [info["path"].rsplit("\\", 1)[1] for info in found] == ["Upgrade_2.log", "upgrade_1.LOG"]
    assert none == nowhere == []


def test_a_file_in_the_place_of_a_folder_holds_nothing(windows: Windows, ask: Ask) -> None:
    windows.write_file(r"C:\globs\folder\a.log", b"x")
    windows.write_file(r"C:\globs\plain.txt", b"x")
    found, none = ask(["find_files", r"C:\globs\*\*.log"], ["find_files", r"C:\globs\plain.txt\*.log"])
    assert [info["path"] for info in found] == [r"C:\globs\folder\a.log"]
    assert none == []


def test_a_drive_that_is_not_here_is_not_an_absent_file(ask: Ask) -> None:
    """An elevated process does not see the drives that its user has mapped."""
    info, read, listed = ask(["file_info", r"Q:\a.log"], ["read_file", r"Q:\a.log"], ["find_files", r"Q:\*\a.log"])
    assert (_reason(info), _reason(read)) == ("failed", "failed")
    assert listed == [] or _reason(listed) == "failed"


def test_a_path_with_a_stray_blank_or_dot_means_what_windows_takes_it_for(windows: Windows, ask: Ask) -> None:
    windows.write_file(r"C:\試験\stray.exe", b"x")
    for path in ("C:\\試験\\stray.exe ", "C:\\試験\\stray.exe."):
        assert _kind(ask(["file_info", path])) == "FileInfo"


def test_a_path_longer_than_the_old_limit_is_read(windows: Windows, ask: Ask) -> None:
    windows.write_file(rf"{_DEEP}\深い.log", b"found")
    info, content, listed = ask(
        ["file_info", rf"{_DEEP}\深い.log"], ["read_file", rf"{_DEEP}\深い.log"], ["find_files", rf"{_DEEP}\*.log"]
    )
    assert len(_DEEP) > 260
    assert (info["size"], content["data"]) == (5, "found")
    assert [found["path"] for found in listed] == [rf"{_DEEP}\深い.log"]


def test_what_may_not_be_read_is_denied_and_not_absent(windows: Windows, ask: Ask) -> None:
    windows.write_file(r"C:\閉\a.log", b"secret")
    windows.write_file(r"C:\閉じた\中\b.log", b"secret")
    windows.deny(r"C:\閉\a.log")
    windows.deny(r"C:\閉じた\中")
    read, listed, below = ask(
        ["read_file", r"C:\閉\a.log"], ["find_files", r"C:\閉じた\中\*.log"], ["find_files", r"C:\閉じた\*.log"]
    )
    assert (_reason(read), _reason(listed), below) == (_DENIED, _DENIED, [])


@pytest.mark.parametrize("path", [r"\\.\pipe\x", r"C:\a\..\b", r"C:\a:stream", "a.log", r"C:b"])
def test_what_names_no_file_is_not_opened(ask: Ask, path: str) -> None:
    assert [_reason(answer) for answer in ask(["file_info", path], ["read_file", path])] == [_MALFORMED] * 2


def test_a_device_name_is_a_file_that_is_not_there(ask: Ask) -> None:
    nul, folder = ask(["read_file", r"C:\windows\NUL"], ["read_file", r"C:\windows"])
    assert (_kind(nul), _reason(folder)) == ("Absent", _NOT_A_FILE)


def test_a_locked_file_is_denied_and_reading_one_stands_in_nobodys_way(windows: Windows) -> None:
    windows.write_file(r"C:\試験\locked.log", b"x")
    windows.write_file(r"C:\試験\turned.log", b"old")
    code = r"""
import ctypes, os
from datetime import datetime
from diagnose.machine.live import open_live_machine
from diagnose.machine import windows_files
machine = open_live_machine(datetime.now)
kernel32 = ctypes.WinDLL("kernel32")
kernel32.CreateFileW.restype = ctypes.c_void_p
kernel32.CreateFileW("C:\\試験\\locked.log", 0xC0000000, 0, None, 3, 0x80, None)
print(machine.read_file("C:\\試験\\locked.log").reason, machine.file_info("C:\\試験\\locked.log").size)
descriptor = windows_files._open("\\\\?\\C:\\試験\\turned.log")
os.rename("C:\\試験\\turned.log", "C:\\試験\\turned.1.log")
with open("C:\\試験\\turned.log", "w") as new:
    new.write("new log")
    new.flush()
    print(machine.read_file("C:\\試験\\turned.log").data, os.read(descriptor, 10))
"""
    done = windows.python(code)
    assert done.stdout.decode().split("\r\n") == ["denied 1", "b'new log' b'old'", ""], done.stderr.decode()


# Services, processes, ports


def test_services_tell_their_state_their_start_and_their_program(windows: Windows, ask: Ask) -> None:
    windows.create_service("試験-running", "動作中のサービス", rf"{_FOLDER}\動作.exe", port=21112)
    windows.create_service("test-delayed", "遅延", r"C:\試験\delayed.exe")
    # The `sc` of Wine knows no delayed start.
    key = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\test-delayed"
    windows.import_registry(f'[{key}]\n"DelayedAutostart"=dword:1')
    windows.create_service("test-failed", "失敗", r"C:\試験\failed.exe", exit_code=1067)
    windows.create_service("test-hung", "開始中", r"C:\試験\hung.exe", start="demand", hangs=True)
    windows.create_service("test-gone", "実体なし", r"C:\試験\gone.exe", start="disabled", running=False)
    windows.path(r"C:\試験\gone.exe").unlink()
    services, gone, ports, processes = ask(
        ["services"], ["file_info", r"C:\試験\gone.exe"], ["listening_ports"], ["processes"]
    )
    by_name = {service["name"]: service for service in services}
    running = by_name["試験-running"]
    assert (running["status"], running["start"], running["display_name"]) == (
        "running",
        "automatic",
        "動作中のサービス",
    )
    assert running["path"].startswith(rf'"{_FOLDER}\動作.exe"')
    states = {
        name: (by_name[f"test-{name}"]["status"], by_name[f"test-{name}"]["start"])
        for name in ("delayed", "failed", "hung", "gone")
    }
    assert states == {
        "delayed": ("running", "delayed"),
        "failed": ("failed", "automatic"),
        "hung": ("start_pending", "manual"),
        "gone": ("stopped", "disabled"),
    }
    assert _kind(gone) == "Absent"
    assert {"kind_of_answer": "ListeningPort", "address": "127.0.0.1", "port": 21112, "process": "動作.exe"} in ports
    assert rf"{_FOLDER}\動作.exe" in [process["path"] for process in processes]


def test_services_may_be_asked_for_from_several_threads(windows: Windows) -> None:
    code = """
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from diagnose.machine.live import open_live_machine
machine = open_live_machine(datetime.now)
with ThreadPoolExecutor(4) as pool:
    answers = list(pool.map(lambda _: machine.services(), range(40)))
print({type(answer).__name__ for answer in answers})
"""
    assert windows.python(code).stdout == b"{'tuple'}\r\n"


# What the computer is


def test_the_computer_says_what_it_is(windows: Windows, ask: Ask) -> None:
    windows.import_registry(
        r"""
[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion]
"UBR"=dword:00001393
"CurrentBuild"="19045"
"""
    )
    system, disks, now = ask(["system"], ["disks"], ["now"])
    assert (system["os_build"], system["os_ubr"], system["architecture"]) == (19045, 0x1393, "x86_64")
    assert system["os_name"].startswith("Windows 1")
    assert system["os_server"] is False
    assert min(system["cores"], system["mhz"], system["memory_total_mb"], system["memory_available_mb"]) > 0
    assert datetime.fromisoformat(system["boot_time"]) < datetime.fromisoformat(now)
    assert system["elevated"] in (True, False)
    drive = next(disk for disk in disks if disk["path"] == "C:\\")
    assert 0 < drive["free_mb"] <= drive["total_mb"]


def test_updates_are_read_by_wmi(ask: Ask) -> None:
    hotfixes = ask(["hotfixes"])
    assert hotfixes
    assert all(name.startswith("KB") for name in hotfixes)


def test_security_products_come_from_the_registry_where_wmi_has_none(windows: Windows, ask: Ask) -> None:
    key = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Security Center\Provider\Av"
    assert _reason(ask(["security_products"])) == "unsupported"
    windows.import_registry(
        f'[{key}\\{{1}}]\n"DISPLAYNAME"="他社製品"\n"STATE"=dword:00061100\n[{key}\\{{2}}]\n"X"="y"\n'
    )
    assert ask(["security_products"]) == [{"kind_of_answer": "SecurityProduct", "name": "他社製品", "state": 0x61100}]


@pytest.mark.parametrize("store", ["ROOT", "CA", "DISALLOWED"])
def test_a_store_of_the_computer_is_read(windows: Windows, ask: Ask, tmp_path: Path, store: str) -> None:
    der = make_identity(tmp_path, f"{store} 認証局").certificate.public_bytes(Encoding.DER)
    before = ask(["certificates", store])
    windows.add_certificate(store, der)
    found = {certificate["der"].encode("cp437"): certificate for certificate in ask(["certificates", store])}
    assert der not in {certificate["der"].encode("cp437") for certificate in before}
    assert found[der]["where"].lower() == f"localmachine\\{store}".lower()


def test_every_place_that_names_a_proxy_is_read(windows: Windows, ask: Ask) -> None:
    blob = (24).to_bytes(4, "little") + bytes(4) + (2).to_bytes(4, "little")
    blob += (12).to_bytes(4, "little") + b"service:8080" + bytes(4)
    windows.import_registry(
        r"""
[HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Internet Settings]
"ProxyEnable"=dword:1
"ProxyServer"="http=a:1;https=user:8080"
"AutoConfigURL"="http://me:secret@pac/proxy.pac"
[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings\Connections]
"WinHttpSettings"=hex:"""
        + ",".join(f"{byte:02x}" for byte in blob)
    )
    found = ask(["proxies"], env={"https_proxy": "http://me:secret@environment:3128"})
    assert [(one["owner"], one["url"], one["pac_url"]) for one in found] == [
        ("user", "http://user:8080", "http://pac/proxy.pac"),
        ("service", "http://service:8080", ""),
        ("environment", "http://environment:3128", ""),
    ]


# Network


def test_the_proxy_that_a_script_chooses_is_found(windows: Windows) -> None:
    code = """
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from diagnose.machine.windows_pac import proxy_by_script

SCRIPT = b'function FindProxyForURL(url, host) {'
SCRIPT += b' return host == "inside.example.co.jp" ? "DIRECT" : "PROXY proxy.example.co.jp:8080; PROXY second:8080"; }'

class Serve(BaseHTTPRequestHandler):
    def do_GET(self):
        body = SCRIPT if self.path == "/good" else b"no script at all {"
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ns-proxy-autoconfig")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

server = HTTPServer(("127.0.0.1", 0), Serve)
threading.Thread(target=server.serve_forever, daemon=True).start()
place = f"http://127.0.0.1:{server.server_port}"
asked = [("https://a.example/", "/good"), ("http://inside.example.co.jp/", "/good"), ("http://a/", "/bad")]
for url, path in asked:
    print(proxy_by_script(url, place + path))
print(proxy_by_script("http://a/", "http://127.0.0.1:1/none"))
"""
    found = windows.python(code).stdout.split()
    assert found == [b"http://proxy.example.co.jp:8080", b"None", b"None", b"None"]


def test_a_server_under_a_public_root_that_windows_has_not_fetched_yet_is_trusted(program: Program) -> None:
    """The lab's authority plays the public root: it is in the public list and not yet in the store of Windows."""
    code = """
import certifi, json, sys
from datetime import datetime
from diagnose.machine.live import open_live_machine
authority, name = sys.argv[1], "www.example.com"
machine = open_live_machine(lambda: datetime.now().astimezone())
print(machine.handshake(name, 443).status)
certifi.where = lambda: authority
print(machine.handshake(name, 443).status)
"""
    policy = r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\SystemCertificates\AuthRoot"
    resolv_conf = f"nameserver {RESOLVER}\n"
    with (
        netlab.open_lab() as lab,
        open_windows(program=program, network=lab.client, resolv_conf=resolv_conf) as windows,
    ):
        authority = r"C:\試験\authority.pem"
        windows.write_file(authority, lab.authority.read_bytes())
        assert windows.python(code, authority).stdout.split() == [b"intercepted", b"ok"]
        windows.import_registry(f'[{policy}]\n"DisableRootAutoUpdate"=dword:1')
        assert windows.python(code, authority).stdout.split() == [b"intercepted", b"untrusted"]


# Commands


def test_a_program_gets_its_arguments_as_they_are_and_nothing_of_our_environment(windows: Windows, ask: Ask) -> None:
    assert windows.program is not None
    python = str(windows.program.interpreter)
    code = "import os, sys; print(ascii(sys.argv[1:])); print(sorted(os.environ)); sys.stderr.write('x'); sys.exit(-7)"
    arguments = ["空 白", 'a & b | "c" %PATH% ^', "$(x)"]
    done = ask(["run", [python, "-I", "-c", code, *arguments]], env={"DIAGNOSE_SECRET": "x", "PYTHONPATH": "C:\\x"})
    shown, environment = done["stdout"].splitlines()
    assert shown == ascii(arguments)
    assert "DIAGNOSE_SECRET" not in environment
    assert "SYSTEMROOT" in environment.upper()
    assert (done["exit_code"], done["stderr"]) == (-7, "x")


def test_output_is_bounded_and_a_program_that_is_not_there_is_absent(windows: Windows, ask: Ask) -> None:
    assert windows.program is not None
    python = str(windows.program.interpreter)
    large, missing, script, relative = ask(
        ["run", [python, "-c", "print('x' * 3_000_000)"]],
        ["run", ["nonesuch.exe"]],
        ["run", [r"C:\a.cmd"]],
        ["run", [r"..\a.exe"]],
    )
    assert (len(large["stdout"]), large["exit_code"]) == (1024 * 1024, 0)
    assert (_kind(missing), missing["where"]) == ("Absent", "nonesuch.exe")
    assert (_reason(script), _reason(relative)) == (_MALFORMED, _MALFORMED)


def test_a_program_that_does_not_end_is_killed_with_all_that_it_started(windows: Windows, ask: Ask) -> None:
    windows.write_stand_in(r"C:\試験\子.exe")
    assert windows.program is not None
    code = r"import subprocess, time; print(subprocess.Popen(['C:\\試験\\子.exe']).pid, flush=True); time.sleep(60)"
    answer, processes = ask(["run", [str(windows.program.interpreter), "-X", "utf8", "-c", code], 3.0], ["processes"])
    assert _reason(answer) == _TIMED_OUT
    assert not [process for process in processes if process["name"] == "子.exe"]


def test_the_programs_of_windows_are_found_wherever_it_keeps_them(ask: Ask) -> None:
    found = ask(
        ["run", ["ipconfig"], 20.0], ["run", ["wmic.exe", "os", "get", "version"], 20.0], ["run", ["powershell"], 20.0]
    )
    assert [_kind(answer) for answer in found] == ["CommandResult"] * 3


def test_a_program_in_the_working_folder_is_not_found(windows: Windows) -> None:
    """Whoever can write there must not have their program run."""
    windows.write_stand_in(r"C:\試験\ipconfig.exe")
    assert windows.program is not None
    code = """
import os
from datetime import datetime
from diagnose.machine.live import open_live_machine
os.chdir("C:\\\\試験")
print(open_live_machine(datetime.now).run(["ipconfig"], 20.0).exit_code)
"""
    done = windows.python(code)
    assert done.stdout == b"0\r\n", done.stderr.decode()


# What Wine lacks: the answer must be "could not see", and the rest is for a real Windows.


def test_an_event_log_that_cannot_be_read_is_unseen(ask: Ask) -> None:
    answer = ask(["events", "System"])
    assert _reason(answer) == "unsupported"
    pytest.skip("EvtQuery: Wine has the call and nothing behind it; events were read from a recording only")


def test_a_32_bit_process_sees_the_real_system_folder(ask: Ask) -> None:
    assert _kind(ask(["file_info", r"C:\Windows\Sysnative"])) == "Absent"
    pytest.skip("this Wine has no 32-bit half; the paths are tested in test_windows_paths.py")


def test_a_service_manager_and_a_key_that_say_no() -> None:
    pytest.skip("Wine knows no rights for keys and services; only files can be denied")


# Files opened for collecting

_COLLECTING = r"""
import ctypes, os, sys
from datetime import datetime, timezone
from diagnose.bundle.collect import collect
from diagnose.bundle.plan import Limits
from diagnose.bundle.planning import make_plan
from diagnose.machine import windows_links
from diagnose.machine.live import open_live_machine
from diagnose.specs import LogSpec
from diagnose.text import Text

class Context:
    machine = open_live_machine(lambda: datetime.now(timezone.utc))
    now = machine.now()
    def fill(self, text): return text
    def applies(self, when): return True

machine = Context.machine
kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
kernel32.CreateFileW.restype = ctypes.c_void_p

def hold(path, access, share, flags=0x80):
    return kernel32.CreateFileW("\\\\?\\" + path, access, share, None, 3, flags, None)

def plan_of(*patterns, **limits):
    specs = [LogSpec(id=files, title=Text("", ""), files=files) for files in patterns]
    return make_plan(Context(), specs, Limits(**limits))

def told(opened):
    if not hasattr(opened, "read"):
        return type(opened).__name__, getattr(opened, "reason", ""), getattr(opened, "detail", "")[-4:]
    with opened:
        return opened.size, opened.read(0, 100), opened.read(opened.size, 1)
"""


def _collecting(windows: Windows, code: str) -> list[str]:
    """The lines that this code prints in Windows, without characters beyond ASCII."""
    done = windows.python(_COLLECTING + code)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().splitlines()


def test_a_large_file_is_read_wherever_one_likes(windows: Windows) -> None:
    path = windows.write_file(r"C:\試験\大.log", b"start")
    with path.open("r+b") as writer:
        writer.seek(5 << 30)
        writer.write(b"the end")
    code = r"""
with machine.open_file("c:\\試験\\大.LOG") as opened:
    print(opened.size, opened.read(0, 5), opened.read((5 << 30) + 4, 100), opened.held, opened.modified is not None)
"""
    size = (5 << 30) + 7
    assert _collecting(windows, code) == [f"{size} b'start' b'end' (0, {size}) True"]


def test_a_locked_file_is_told_from_one_that_is_denied_and_from_one_that_somebody_writes(windows: Windows) -> None:
    for name in ("locked", "denied", "written", "renamed", "deleted"):
        windows.write_file(rf"C:\集\{name}.log", b"x\n")
    windows.deny(r"C:\集\denied.log")
    code = r"""
hold("C:\\集\\locked.log", 0xC0000000, 0)
hold("C:\\集\\written.log", 0x40000000, 1)
hold("C:\\集\\renamed.log", 0x10000 | 0x40000000, 7)
hold("C:\\集\\deleted.log", 0x10000 | 0x40000000, 7, 0x04000080)
for name in ("locked", "denied", "written", "renamed", "deleted"):
    print(*told(machine.open_file(f"C:\\集\\{name}.log")))
waited = []
plan = plan_of("C:\\集\\*.log")
files = collect(plan, machine, pause=waited.append)
done = [(file.entry.path[5:], b"".join(file.chunks), *file.flags) for file in files]
for line in sorted(done):
    print(*line)
print(waited, [file.path[5:] for file in plan.files if not file.wanted])
"""
    assert _collecting(windows, code) == [
        "LockedFile denied (32)",
        "Unseen denied  (5)",
        *["2 b'x\\n' b''"] * 3,
        "deleted.log b'x\\n'",
        "locked.log b'' locked",
        "renamed.log b'x\\n'",
        "written.log b'x\\n'",
        "[0.05, 0.1, 0.15] ['denied.log']",
    ]


def test_a_log_is_turned_over_while_it_is_open_and_both_are_read(windows: Windows) -> None:
    windows.write_file(r"C:\回\a.log", b"old")
    code = r"""
with machine.open_file("C:\\回\\a.log") as opened:
    os.rename("C:\\回\\a.log", "C:\\回\\a.1.log")
    with open("C:\\回\\a.log", "wb") as new:
        new.write(b"new log")
        new.flush()
        print(*told(machine.open_file("C:\\回\\a.log")), opened.read(0, 100))
    os.remove("C:\\回\\a.1.log")
    print(opened.read(1, 2))
"""
    assert _collecting(windows, code) == ["7 b'new log' b'' b'old'", "b'ld'"]


def test_a_log_that_grows_and_one_that_is_emptied_while_they_are_collected(windows: Windows) -> None:
    for name in ("grows", "shrinks"):
        windows.write_file(rf"C:\増\{name}.log", (b"0" * 99 + b"\n") * 30_000)
    code = r"""
for file in collect(plan_of("C:\\増\\grows.log", "C:\\増\\shrinks.log"), machine):
    size = 0
    for chunk in file.chunks:
        size += len(chunk)
        with open(file.entry.path, "r+b") as writer:
            if "grows" in file.entry.path:
                writer.seek(0, 2)
                writer.write(b"x" * 1000)
            else:
                writer.truncate(0)
    print(size, file.left_out, *file.flags)
"""
    grown, shrunk = _collecting(windows, code)
    assert grown == "3000000 0 growing"
    assert shrunk.endswith("short_read")


def test_long_paths_and_the_names_of_devices_are_collected(windows: Windows) -> None:
    deep = f"{_DEEP}\\集.log"
    windows.write_file(deep, b"deep")
    code = rf"""
for file in collect(plan_of({deep!r}, "C:\\Windows\\win.in?", "C:\\windows\\NUL*"), machine):
    print(len(file.entry.path), b"".join(file.chunks)[:6])
print(*told(machine.open_file("C:\\windows\\NUL")))
print(*told(machine.open_file("C:\\windows")))
"""
    assert _collecting(windows, code) == [
        f"{len(deep)} b'deep'",
        "18 b'[mail]'",
        "Absent  ",
        "Unseen not_a_file ",
    ]


def test_two_names_of_one_file_are_collected_once(windows: Windows) -> None:
    path = windows.write_file(r"C:\双\a.log", b"x")
    (path.parent / "b.log").hardlink_to(path)
    code = r"""
plan = plan_of("C:\\双\\*.log", "c:\\双\\A.LOG")
print(len(plan.files), [len(source.repeated) for source in plan.sources])
"""
    assert _collecting(windows, code) == ["1 [1, 1]"]


def test_what_lies_elsewhere_than_its_path_says_is_refused(windows: Windows) -> None:
    """To Windows a link of Linux looks like a plain folder, as if it had been exchanged after we looked."""
    windows.write_file(r"C:\他\秘密.log", b"secret")
    for name, target in (("folder", "../他"), ("link.log", "../他/秘密.log")):
        windows.make_folder(r"C:\鎖")
        windows.path(rf"C:\鎖\{name}").symlink_to(target)
    code = r"""
paths = ["C:\\鎖\\folder\\秘密.log", "C:\\鎖\\link.log"]
print(*(told(machine.open_file(path))[0] for path in paths))
print([file.path[5:] for file in plan_of("C:\\鎖\\*\\*.log", "C:\\鎖\\*.log").files if file.wanted])

# As Windows would show them: a junction, passed when its owner is the system, and a link, never passed.
windows_links._is_link = lambda literal: literal.lower().endswith(("\\folder", "\\link.log"))
print(*(told(machine.open_file(path))[0] for path in paths))
windows_links._owner = lambda literal: "S-1-5-18"
print(*(told(machine.open_file(path))[0] for path in paths))
"""
    assert _collecting(windows, code) == [
        "LinkRefused LinkRefused",
        "[]",
        "LinkRefused LinkRefused",
        "6 LinkRefused",
    ]


def test_the_owner_of_a_folder_is_told(windows: Windows) -> None:
    code = r"""
print(windows_links._owner("\\\\?\\C:\\windows").startswith("S-1-5-21-"), repr(windows_links._owner("\\\\?\\C:\\none")))
"""
    assert _collecting(windows, code) == ["True ''"]


def test_drives_and_shares_are_collected_from(program: Program, tmp_path: Path) -> None:
    (tmp_path / "日誌").mkdir()
    (tmp_path / "日誌" / "a.log").write_bytes(b"x")
    for folder in (tmp_path, *tmp_path.parents[:-2]):
        folder.chmod(0o755)
    drives = [Drive(tmp_path, "e:"), Drive(tmp_path, r"\\server\data")]
    with open_windows(program=program, drives=drives) as windows:
        code = r"""
for path in ("E:\\日誌\\a.log", "\\\\server\\data\\日誌\\a.log", "\\\\server\\data\\none", "Z:\\a.log"):
    print(*told(machine.open_file(path)))
"""
        assert _collecting(windows, code)[:3] == ["1 b'x' b''", "1 b'x' b''", "Absent  "]


def test_a_locked_range_and_a_junction() -> None:
    pytest.skip("Wine lets anybody read a locked range, and has no junctions; both were tried with stand-ins only")
