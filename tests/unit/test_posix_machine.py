from __future__ import annotations

import base64
import hashlib
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.machine import live, pem_file, posix_services, posix_settings, posix_system
from diagnose.machine.interface import Machine
from diagnose.machine.posix import PosixMachine
from diagnose.machine.values import (
    Absent,
    CommandResult,
    Disk,
    Platform,
    ProxySetting,
    Reason,
    Service,
    Store,
    Unseen,
    Via,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="reads a Linux or macOS computer")

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ENVIRON = {"PATH": os.environ["PATH"]}


@pytest.fixture
def machine() -> PosixMachine:
    return PosixMachine(lambda: NOON, ENVIRON)


def write(folder: Path, name: str, data: bytes) -> str:
    path = folder / name
    path.write_bytes(data)
    return str(path)


def reason(answer: object) -> Reason:
    assert isinstance(answer, Unseen), answer
    return answer.reason


# Services


UNITS = """\
ssh.service               loaded    active   running OpenBSD Secure Shell server
ds_agent.service          loaded    inactive dead    Trend Micro セキュリティ エージェント
broken.service            loaded    failed   failed  Broken
networking.service        loaded    active   exited  Raise network interfaces
gone.service              not-found inactive dead    gone.service
odd line
"""
FILES = """\
ssh.service            enabled  enabled
ds_agent.service       disabled enabled
masked-one.service     masked   enabled
getty@.service         enabled  enabled
broken.service         generated -
"""


def fake_run(
    outputs: Mapping[str, CommandResult | Absent | Unseen],
) -> Callable[[Sequence[str], float], CommandResult | Absent | Unseen]:
    return lambda argv, timeout_s: outputs[argv[1]]


def printed(text: str, exit_code: int = 0) -> CommandResult:
    return CommandResult(("systemctl",), exit_code, text.encode(), b"")


def test_services_are_read_from_both_lists(tmp_path: Path) -> None:
    run = fake_run({"list-units": printed(UNITS), "list-unit-files": printed(FILES)})
    assert posix_services.services(run, tmp_path) == (
        Service("broken", "failed", "unknown", "Broken"),
        Service("ds_agent", "stopped", "manual", "Trend Micro セキュリティ エージェント"),
        Service("masked-one", "stopped", "disabled"),
        Service("networking", "running", "unknown", "Raise network interfaces"),
        Service("ssh", "running", "automatic", "OpenBSD Secure Shell server"),
    )


def test_without_the_list_of_files_the_kind_of_start_is_unknown(tmp_path: Path) -> None:
    run = fake_run({"list-units": printed(UNITS), "list-unit-files": printed("", 1)})
    found = posix_services.services(run, tmp_path)
    assert isinstance(found, tuple)
    assert {service.start for service in found} == {"unknown"}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Absent("systemctl"), Reason.UNSUPPORTED),
        (Unseen(Reason.TIMED_OUT, "systemctl"), Reason.TIMED_OUT),
        (printed("", 1), Reason.FAILED),
    ],
)
def test_services_that_cannot_be_listed_are_unseen(
    tmp_path: Path, answer: CommandResult | Absent | Unseen, expected: Reason
) -> None:
    run = fake_run({"list-units": answer, "list-unit-files": printed(FILES)})
    assert reason(posix_services.services(run, tmp_path)) is expected


def test_without_systemd_services_are_unsupported(tmp_path: Path) -> None:
    answer = posix_services.services(fake_run({}), tmp_path / "none")
    assert answer == Unseen(Reason.UNSUPPORTED, "systemd")


@settings(max_examples=50)
@given(st.text(max_size=80))
def test_any_list_of_units_is_survived(text: str) -> None:
    run = fake_run({"list-units": printed(text), "list-unit-files": printed(text)})
    assert isinstance(posix_services.services(run, Path("/")), tuple)


# Settings


def pem(der: bytes) -> bytes:
    return b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE-----\n"


def test_the_trusted_roots_are_those_of_the_bundle(tmp_path: Path) -> None:
    path = write(
        tmp_path, "認証局.crt", pem(b"one") + b"# comment\n" + pem(b"two").replace(b"dHdv", b"d=dv") + pem(b"three")
    )
    machine = PosixMachine(lambda: NOON, ENVIRON | {"SSL_CERT_FILE": path})
    found = machine.certificates(Store.ROOT)
    assert isinstance(found, tuple)
    assert [certificate.der for certificate in found] == [b"one", b"three"]
    assert found[0].sha1 == hashlib.sha1(b"one").hexdigest().upper()
    assert found[0].where == path


def test_a_missing_bundle_is_not_an_empty_store(tmp_path: Path) -> None:
    machine = PosixMachine(lambda: NOON, ENVIRON | {"SSL_CERT_FILE": str(tmp_path / "none.pem")})
    assert reason(machine.certificates(Store.ROOT)) is Reason.FAILED
    assert reason(posix_settings.trust_bundle({}, [str(tmp_path / "none.pem")])) is Reason.FAILED


def test_the_first_bundle_that_is_there_counts(tmp_path: Path) -> None:
    second = write(tmp_path, "second.pem", b"")
    assert posix_settings.trust_bundle({}, [str(tmp_path / "first.pem"), second]) == second


@given(st.binary())
def test_any_bundle_is_survived(data: bytes) -> None:
    blocks = b"-----BEGIN CERTIFICATE-----" + data + b"-----END CERTIFICATE-----"
    found = pem_file.certificates_of(blocks, "/認証局.pem")
    assert all(len(certificate.sha1) == 40 for certificate in found)
    assert len(found) <= 1 + data.count(b"BEGIN")


def test_other_stores_are_unsupported(machine: PosixMachine) -> None:
    assert reason(machine.certificates(Store.CA)) is Reason.UNSUPPORTED
    assert reason(machine.certificates(Store.DISALLOWED)) is Reason.UNSUPPORTED


def test_name_servers_are_the_first_three_of_the_file(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "resolv.conf",
        "# 社内\nsearch example.co.jp\nnameserver 10.1.0.1\n nameserver\tfe80::1%eth0 \n;nameserver 1.1.1.1\n"
        "nameserver\nnameserver 10.1.0.3\nnameserver 10.1.0.4\n".encode(),
    )
    assert posix_settings.nameservers(path) == ("10.1.0.1", "fe80::1%eth0", "10.1.0.3")


def test_without_name_servers_the_computer_asks_itself(tmp_path: Path) -> None:
    assert posix_settings.nameservers(str(tmp_path / "none")) == ("127.0.0.1",)
    assert posix_settings.nameservers(write(tmp_path, "resolv.conf", b"options\xff timeout:1\n")) == ("127.0.0.1",)


def test_the_proxies_are_those_of_the_environment_without_passwords() -> None:
    environ = {"https_proxy": "http://利用者:p%2Fw@proxy.example.co.jp:8080/", "HTTP_PROXY": "proxy2:3128"}
    assert PosixMachine(lambda: NOON, environ).proxies() == (
        ProxySetting("environment", "http://proxy.example.co.jp:8080", "environment: https_proxy"),
        ProxySetting("environment", "http://proxy2:3128", "environment: HTTP_PROXY"),
    )


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"HTTP_PROXY": "user:secret@proxy:3128", "ALL_PROXY": "http://other:1"}, "http://user:secret@proxy:3128"),
        ({"HTTPS_PROXY": "", "https_proxy": " http://a:1 ", "http_proxy": "http://b:2"}, "http://a:1"),
        ({"https_proxy": "", "http_proxy": "http://b:2"}, "http://b:2"),
        ({}, None),
    ],
)
def test_the_proxy_that_is_used_is_the_first_one_and_keeps_its_password(
    environ: Mapping[str, str], expected: str | None
) -> None:
    assert posix_settings.proxy_to_use(environ) == expected


def test_a_fetch_by_a_proxy_that_nobody_named_is_unsupported(machine: PosixMachine) -> None:
    assert reason(machine.fetch("http://127.0.0.1:9/", Via.PROXY)) is Reason.UNSUPPORTED


# The computer


def test_the_computer_tells_what_it_is(machine: PosixMachine) -> None:
    system = machine.system()
    assert system.hostname == socket.gethostname()
    assert system.memory_total_mb is not None
    assert system.memory_available_mb is not None
    assert 0 < system.memory_available_mb <= system.memory_total_mb
    assert system.cores is not None
    assert system.cores > 0
    assert system.elevated is (os.geteuid() == 0)
    assert system.boot_time is not None
    assert system.boot_time.utcoffset() is not None
    assert system.os_name


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"LANG": "ja_JP.UTF-8"}, "ja-JP"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "de_DE@euro"}, "de-DE"),
        ({"LANG": "C.UTF-8"}, None),
        ({}, None),
    ],
)
def test_the_language_is_that_of_the_locale(environ: Mapping[str, str], expected: str | None) -> None:
    assert posix_system.system(Platform.LINUX, environ, UTC).os_language == expected


def test_a_process_is_found_with_its_path(machine: PosixMachine) -> None:
    found = machine.processes()
    assert isinstance(found, tuple)
    mine = [process for process in found if process.pid == os.getpid()]
    assert len(mine) == 1
    assert Path(mine[0].path).samefile(sys.executable)


def test_a_listening_port_is_found_with_its_process(machine: PosixMachine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]
        found = machine.listening_ports()
    assert isinstance(found, tuple)
    mine = [port for port in found if port.port == number]
    assert [port.address for port in mine] == ["127.0.0.1"]
    assert mine[0].process


def test_ports_that_may_not_be_listed_are_denied(machine: PosixMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    import psutil

    def deny(kind: str) -> object:
        raise psutil.AccessDenied(1)

    monkeypatch.setattr(psutil, "net_connections", deny)
    assert reason(machine.listening_ports()) is Reason.DENIED


def test_the_disk_of_the_root_is_listed_once(machine: PosixMachine) -> None:
    found = machine.disks()
    assert isinstance(found, tuple)
    assert [disk.path for disk in found].count("/") == 1
    assert all(0 <= disk.free_mb <= disk.total_mb for disk in found)


def test_images_files_and_second_mounts_are_no_disks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import psutil

    mounts = [
        ("/", "ext4"),
        (str(tmp_path), "ext4"),
        ("/proc", "squashfs"),
        ("/proc/cpuinfo", "ext4"),
        ("/無い", "xfs"),
    ]
    partitions = [SimpleNamespace(mountpoint=at, fstype=kind) for at, kind in mounts]
    monkeypatch.setattr(psutil, "disk_partitions", lambda **_: partitions)
    found = posix_system.disks()
    assert isinstance(found, tuple)
    assert found[0].path == "/"
    assert not {"/proc", "/proc/cpuinfo", "/無い"} & {disk.path for disk in found}
    assert isinstance(found[0], Disk)


def test_what_only_windows_has_is_unsupported(machine: PosixMachine) -> None:
    assert reason(machine.registry_key(r"HKLM\SOFTWARE")) is Reason.UNSUPPORTED
    assert reason(machine.hotfixes()) is Reason.UNSUPPORTED
    assert reason(machine.security_products()) is Reason.UNSUPPORTED


def test_the_clock_is_the_one_that_was_passed_in(machine: PosixMachine) -> None:
    assert machine.now() == NOON
    assert not machine.recorded


# The live machine


def test_here_the_live_machine_is_the_posix_one() -> None:
    machine: Machine = live.open_live_machine(lambda: NOON)
    assert machine.platform in (Platform.LINUX, Platform.MACOS)
    assert machine.now() == NOON


def test_opening_the_machine_loads_nothing_heavy() -> None:
    code = (
        "import sys; from diagnose.machine.live import open_live_machine; open_live_machine(lambda: None)\n"
        "import diagnose.network.dns_probe, diagnose.network.http_probe, diagnose.network.tls_probe\n"
        "import diagnose.network.clock_probe, diagnose.network.tcp_probe\n"
        "print([name for name in ('httpx', 'dns', 'psutil', 'cryptography') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
