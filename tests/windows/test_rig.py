"""The rig itself: what it says of Windows holds, and nothing is left of it."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.unit.network_servers import make_identity
from tests.windows.linux import FOLDER, Drive, Program, WindowsError
from tests.windows.wine import USER, Windows, open_windows, why_not

_SERVICES = """
import json, psutil
print(json.dumps({one.name(): [one.display_name(), one.status(), one.pid()] for one in psutil.win_service_iter()}))
"""
_PORTS = """
import json, psutil
print(json.dumps([[one.laddr.port, psutil.Process(one.pid).exe()] for one in psutil.net_connections()]))
"""
_VALUE = """
import json, sys, winreg
views = (winreg.KEY_WOW64_64KEY, winreg.KEY_WOW64_32KEY)
keys = [winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, sys.argv[1], 0, winreg.KEY_READ | view) for view in views]
print(json.dumps([winreg.QueryValueEx(key, "値")[0] for key in keys]))
"""
_READING = """
import os, platform, psutil, socket, ssl, subprocess, winreg
ssl.create_default_context(), list(psutil.win_service_iter()), psutil.net_connections(), platform.platform()
subprocess.run(["ipconfig"], capture_output=True), socket.getaddrinfo("localhost", 80), os.listdir("C:/windows")
for name in ("CA", "MY", "Disallowed"):
    ssl.enum_certificates(name)
"""


def _answer(windows: Windows, code: str, *arguments: str) -> Any:
    """What the code prints as JSON."""
    done = windows.python(code, *arguments)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def _put_value(windows: Windows, value: str) -> None:
    windows.import_registry(f'[HKEY_CURRENT_USER\\Software\\Rig]\n"値"="{value}"')


def test_python_runs_in_japanese_windows(windows: Windows) -> None:
    code = "import ctypes, getpass, json, sys; k = ctypes.windll.kernel32\n"
    code += (
        "print(json.dumps([sys.platform, k.GetACP(), k.GetOEMCP(), getpass.getuser(), sys.executable, sys.argv[1:]]))"
    )
    program = windows.program
    assert program is not None
    expected = ["win32", 932, 932, USER, str(program.interpreter), ["引数 1", '"']]
    assert _answer(windows, code, "引数 1", '"') == expected


def test_exit_code_output_input_and_environment_pass(windows: Windows) -> None:
    program = windows.program
    assert program is not None
    code = "import os, sys; print(sys.stdin.read() + os.environ['RIG'], file=sys.stderr); sys.exit(42)"
    done = windows.run([program.interpreter, "-c", code], stdin=b"in", env={"RIG": "env"})
    assert (done.returncode, done.stdout, done.stderr) == (42, b"", b"inenv\r\n")


def test_english_windows(program: Program) -> None:
    with open_windows(locale="C.UTF-8", program=program) as english:
        assert _answer(english, "import ctypes; print(ctypes.windll.kernel32.GetACP())") == 1252


def test_services_run_fail_and_hang(windows: Windows) -> None:
    windows.create_service("rig", "動作中", r"C:\Program Files (x86)\試験\rig.exe", port=21112)
    windows.create_service("rig-off", "無効", r"C:\rig\off.exe", start="disabled", running=False)
    windows.create_service("rig-bad", "失敗", r"C:\rig\bad.exe", exit_code=1067)
    windows.create_service("rig-hung", "開始中", r"C:\rig\hung.exe", hangs=True)
    services = _answer(windows, _SERVICES)
    assert {name: services[name][:2] for name in services if name.startswith("rig")} == {
        "rig": ["動作中", "running"],
        "rig-off": ["無効", "stopped"],
        "rig-bad": ["失敗", "stopped"],
        "rig-hung": ["開始中", "start_pending"],
    }
    assert windows.snapshot().services["rig-bad"] == ("失敗", "1", "1067")
    assert [21112, r"C:\Program Files (x86)\試験\rig.exe"] in _answer(windows, _PORTS)


def test_process_listens(windows: Windows) -> None:
    process = windows.start_process(r"C:\rig\監視.exe", port=8080)
    assert process > 0
    assert [8080, r"C:\rig\監視.exe"] in _answer(windows, _PORTS)


def test_service_that_cannot_be_made_is_an_error(windows: Windows) -> None:
    windows.create_service("twice", "二度", r"C:\rig\twice.exe", running=False)
    with pytest.raises(WindowsError, match="sc create twice"):
        windows.create_service("twice", "二度", r"C:\rig\twice.exe", running=False)


@pytest.mark.parametrize("store", ["ROOT", "CA", "Disallowed"])
def test_certificate_is_in_its_store(windows: Windows, tmp_path: Path, store: str) -> None:
    der = make_identity(tmp_path, f"{store} 試験").certificate.public_bytes(Encoding.DER)
    windows.add_certificate(store, der)
    code = "import json, ssl, sys; print(json.dumps([der.hex() for der, _, _ in ssl.enum_certificates(sys.argv[1])]))"
    assert der.hex() in _answer(windows, code, store)


def test_registry_has_both_views(windows: Windows) -> None:
    windows.import_registry(
        '[HKEY_LOCAL_MACHINE\\Software\\試験]\n"値"="64 ビット"\n'
        '[HKEY_LOCAL_MACHINE\\Software\\Wow6432Node\\試験]\n"値"="32 ビット"'
    )
    assert _answer(windows, _VALUE, r"Software\試験") == ["64 ビット", "32 ビット"]
    exported = windows.export_registry()
    data = "64 ビット\0".encode("utf-16-le").hex()
    assert exported[r"HKLM\Software\試験"][1] == f"値\t1\t{data}"
    assert r"HKLM\Software\Wow6432Node\試験" in exported


def test_files_with_japanese_names_and_times(windows: Windows) -> None:
    modified = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    windows.write_file(r"C:\資料 フォルダー\更新ログ.txt", "更新\r\n".encode("cp932"), modified)
    code = "import json, os, sys; f = open(sys.argv[1], encoding='mbcs')\n"
    code += "print(json.dumps([f.read(), os.fstat(f.fileno()).st_mtime]))"
    assert _answer(windows, code, r"C:\資料 フォルダー\更新ログ.txt") == ["更新\n", modified.timestamp()]
    assert windows.path(r"c:\WINDOWS\System32") == windows.path(r"C:\windows\system32")


def test_denied_file(windows: Windows) -> None:
    windows.write_file(r"C:\denied\log.txt", b"x")
    windows.deny(r"C:\denied\log.txt")
    done = windows.python(r"open('C:\\denied\\log.txt')")
    assert b"PermissionError" in done.stderr


def test_drives_and_shares(program: Program, tmp_path: Path) -> None:
    (tmp_path / "記録.txt").write_bytes(b"x")
    drives = [Drive(tmp_path, "e:", removable=True), Drive(tmp_path, r"\\server\data", writable=True)]
    code = (
        "import ctypes, json, os, sys\n"
        "try: os.mkdir('E:/folder')\n"
        "except OSError as error: refused = error.errno\n"
        "open(r'\\\\server\\data\\new', 'w').close()\n"
        "print(json.dumps([ctypes.windll.kernel32.GetDriveTypeW('E:\\\\'), refused, sorted(os.listdir('E:/'))]))"
    )
    with open_windows(drives=drives, program=program) as windows:
        removable, denied = 2, 13
        assert _answer(windows, code) == [removable, denied, ["new", "記録.txt"]]
        assert windows.path(r"E:\new").is_file()


def test_names_are_looked_up_in_the_given_hosts(program: Program) -> None:
    code = "import json, socket, sys; print(json.dumps(socket.gethostbyname('www.example.com')))"
    with open_windows(hosts="192.0.2.7 www.example.com\n", program=program) as windows:
        assert _answer(windows, code) == "192.0.2.7"


def test_windows_lives_in_the_given_network(program: Program) -> None:
    name = f"windows-{os.getpid()}"
    code = "import json, psutil; print(json.dumps(sorted(psutil.net_if_addrs())))"
    subprocess.run(["ip", "netns", "add", name], check=True)
    try:
        subprocess.run(["ip", "-n", name, "link", "add", "lan0", "type", "veth", "peer", "lan1"], check=True)
        subprocess.run(["ip", "-n", name, "address", "add", "192.0.2.9/24", "dev", "lan0"], check=True)
        with open_windows(network=name, program=program) as windows:
            assert _answer(windows, code) == ["lan0", "lan1", "lo"]
    finally:
        subprocess.run(["ip", "netns", "delete", name], check=True)


def test_run_that_only_reads_leaves_everything_as_it_was(windows: Windows) -> None:
    before = windows.snapshot()
    assert windows.python(_READING).returncode == 0
    assert before.differences(windows.snapshot()) == []


def test_snapshot_shows_every_kind_of_change(windows: Windows) -> None:
    changes = {
        "open(os.environ['TEMP'] + '/new', 'w')": r"AppData\Local\Temp\new: None -> 0 bytes",
        "open('C:/windows/win.ini', 'a').write('x')": r"C:\windows\win.ini: None -> ",
        "os.utime('C:/windows/system.ini')": r"C:\windows\system.ini: None -> ",
        "os.remove('C:/windows/notepad.exe')": r"C:\windows\notepad.exe: None -> deleted",
        "os.rename('C:/users/Public/Music', 'C:/moved')": r"C:\moved: None -> folder",
        "winreg.CreateKey(winreg.HKEY_CURRENT_USER, 'Software\\\\新')": "\\Software\\新: None -> ",
        "subprocess.run(['sc', 'stop', 'Eventlog'])": "Eventlog: ('Event Log', '4', '0') -> ",
    }
    before = windows.snapshot()
    assert windows.python("import os, subprocess, winreg\n" + "\n".join(changes)).returncode == 0
    shown = "\n".join(before.differences(windows.snapshot()))
    assert [expected for expected in changes.values() if expected not in shown] == []


def test_two_side_by_side_do_not_see_each_other(windows: Windows, program: Program) -> None:
    with open_windows(hosts="192.0.2.8 other.example\n", program=program) as other:
        _put_value(windows, "一")
        _put_value(other, "二")
        code = r"import json, winreg; key = winreg.OpenKey(winreg.HKEY_CURRENT_USER, 'Software\Rig')"
        code += "; print(json.dumps(winreg.QueryValueEx(key, '値')[0]))"
        assert (_answer(windows, code), _answer(other, code)) == ("一", "二")


def test_background_program_does_not_hold_up_run(windows: Windows) -> None:
    windows.write_file(r"C:\rig\left.exe", (FOLDER / "helpers" / "service.exe").read_bytes())
    done = windows.run(["cmd", "/c", r"start /b C:\rig\left.exe & echo done"], timeout_s=20)
    assert done.stdout.strip() == b"done"


def test_nothing_is_left_after_closing_nor_after_a_failure(program: Program) -> None:
    installed = (FOLDER / "root" / "prefix" / "system.reg").stat()
    with pytest.raises(ZeroDivisionError), open_windows(program=program) as windows:
        work, pid = windows.work, windows.pid
        namespace = (Path("/proc") / str(pid) / "ns" / "pid").readlink()
        windows.start_process(r"C:\rig\left.exe")
        1 / 0  # noqa: B018
    assert not work.exists()
    assert str(work) not in Path("/proc/mounts").read_text(encoding="utf-8")
    assert namespace not in _namespaces()
    assert (FOLDER / "root" / "prefix" / "system.reg").stat() == installed


def test_start_that_fails_says_why_and_leaves_nothing(program: Program) -> None:
    before = set(Path(tempfile.gettempdir()).glob("windows-*"))
    with pytest.raises(WindowsError, match="no-such-network"), open_windows(network="no-such-network", program=program):
        pass
    assert not [one for one in set(Path(tempfile.gettempdir()).glob("windows-*")) - before if any(one.iterdir())]


def test_why_not_tells_what_is_missing(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert why_not() is None
    monkeypatch.setattr("tests.windows.linux.FOLDER", tmp_path)
    assert "./do test" in str(why_not())
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "root" in str(why_not())


def _namespaces() -> set[Path]:
    """The process namespaces in which anything runs."""
    found = set()
    for link in Path("/proc").glob("[0-9]*/ns/pid"):
        try:
            found.add(link.readlink())
        except OSError:  # ended meanwhile
            continue
    return found
