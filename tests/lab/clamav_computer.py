"""One computer with Debian's ClamAV on it and one fault, in namespaces of its own: broken, updated, diagnosed, printed.

`python -m tests.lab.clamav_computer CASE FOLDER`, started in new namespaces of network, mounts and processes.
The real freshclam writes its log and state; every server is ours, on the loopback of the namespace. Nothing reaches the
real /etc and /var: they are covered by overlays in memory.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import certifi
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from tests.lab.internet import PUBLIC_RESOLVERS, RESOLVER, WEB, serve_page
from tests.unit.network_servers import (
    Identity,
    Serve,
    dns_server,
    http_response,
    make_identity,
    over_tls,
    read_head,
    replying,
    server_context,
    tcp_server,
)

PROJECT = Path(__file__).parents[2]
UNPACKED = PROJECT / ".cache" / "clamav"
"""Where `prepare.sh` leaves ClamAV when it is not installed."""
VENDOR, RECORD = "database.clamav.net", "current.cvd.clamav.net"
VENDOR_ADDRESS, CLOSED_ADDRESS = "203.0.113.20", "203.0.113.21"
MIRROR, MIRROR_ADDRESS = "mirror.example.co.jp", "10.77.0.20"
PROXY_ADDRESS, PROXY_PORT = "10.77.0.30", 8080
PUBLISHED = {"main": 62, "daily": 27780, "bytecode": 339}
DATABASES, SETTINGS = Path("/var/lib/clamav"), Path("/etc/clamav/freshclam.conf")
LOG = Path("/var/log/clamav/freshclam.log")
DEFAULTS = (
    "DatabaseOwner clamav",
    f"UpdateLogFile {LOG}",
    "LogTime true",
    f"DatabaseDirectory {DATABASES}",
    "ScriptedUpdates no",
    "ConnectTimeout 3",
    "MaxAttempts 1",
)
FROM_VENDOR, FROM_MIRROR = ("DatabaseMirror database.clamav.net",), (f"PrivateMirror http://{MIRROR}",)
BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
ALL = ("main", "daily", "bytecode")


@dataclass(frozen=True, slots=True)
class Computer:
    """What is set, what is there and how the servers behave; the defaults make a healthy computer."""

    settings: tuple[str, ...] = ("Checks 24", *FROM_VENDOR)
    databases: tuple[str, ...] = ALL
    days_old: int = 0
    vendor: str | None = VENDOR_ADDRESS
    """What the computer's own name server answers for the vendor's server; None: no such name."""
    public: str = VENDOR_ADDRESS
    """What public name servers answer."""
    mirror: bytes | None = http_response("404 Not Found")
    """What the vendor's server and the private mirror answer to every request; None: the databases."""
    proxy: bytes | None = None
    trusted: bool = True
    """The vendor's server shows a certificate that the computer trusts."""
    runs: int = 0
    """How often somebody starts freshclam by hand before."""
    daemon: bool = True
    """freshclam runs in the background, as the service would have it."""
    prepare: Callable[[], object] = lambda: None


BLOCK_PAGE = http_response(
    "200 OK", "<html>アクセスは管理者により禁止されています</html>".encode() * 20, "Content-Type: text/html"
)
BROKEN = BLOCK_PAGE.partition(b"\r\n\r\n")[2]

CASES: Mapping[str, Computer] = {
    "healthy": Computer(),
    "healthy-private-mirror": Computer(settings=("Checks 24", *FROM_MIRROR), mirror=None),
    "forbidden": Computer(settings=("Checks 24", *FROM_MIRROR), databases=(), mirror=http_response("403 Forbidden")),
    "too-many-requests": Computer(
        settings=("Checks 24", *FROM_MIRROR),
        databases=(),
        mirror=http_response("429 Too Many Requests", b"", "Retry-After: 3600"),
    ),
    "success-on-cool-down": Computer(
        settings=("Checks 24", *FROM_MIRROR),
        databases=(),
        mirror=http_response("429 Too Many Requests", b"", "Retry-After: 3600"),
        runs=2,
    ),
    "proxy-wants-password": Computer(
        settings=("Checks 24", *FROM_VENDOR, f"HTTPProxyServer {PROXY_ADDRESS}", f"HTTPProxyPort {PROXY_PORT}"),
        days_old=12,
        proxy=http_response("407 Proxy Authentication Required", b"", 'Proxy-Authenticate: Basic realm="x"'),
    ),
    "proxy-refuses": Computer(
        settings=("Checks 24", *FROM_VENDOR, f"HTTPProxyServer {PROXY_ADDRESS}", f"HTTPProxyPort {PROXY_PORT}"),
        days_old=12,
    ),
    "certificate-of-own-making": Computer(days_old=12, trusted=False),
    "block-page": Computer(days_old=12, mirror=BLOCK_PAGE),
    "server-error": Computer(
        settings=("Checks 24", *FROM_MIRROR), days_old=12, mirror=http_response("500 Internal Server Error")
    ),
    "mirror-empty": Computer(settings=("Checks 24", *FROM_MIRROR), databases=()),
    "vendor-forbids": Computer(days_old=12, mirror=http_response("403 Forbidden")),
    "vendor-limits": Computer(days_old=12, mirror=http_response("429 Too Many Requests", b"", "Retry-After: 3600")),
    "vendor-fails": Computer(days_old=12, mirror=http_response("503 Service Unavailable")),
    "name-unknown": Computer(days_old=12, vendor=None),
    "name-redirected": Computer(days_old=12, vendor=CLOSED_ADDRESS),
    "port-refused": Computer(days_old=12, vendor=CLOSED_ADDRESS, public=CLOSED_ADDRESS),
    "folder-not-writable": Computer(days_old=12, prepare=lambda: _run("chown", "root:", str(DATABASES))),
    "example-left": Computer(settings=("Example", "Checks 24", *FROM_VENDOR), days_old=12),
    "settings-mistyped": Computer(settings=("Checks 24 # hourly", *FROM_VENDOR), days_old=12),
    "never-checks": Computer(settings=("Checks 0", *FROM_VENDOR), days_old=12),
    "never-scheduled": Computer(days_old=12, daemon=False),
    "database-corrupt": Computer(prepare=lambda: (DATABASES / "daily.cvd").write_bytes(BROKEN)),
    "database-missing": Computer(
        settings=("Checks 24", "ExcludeDatabase main", *FROM_VENDOR), databases=("daily", "bytecode")
    ),
}


def header(name: str, days_old: int) -> bytes:
    """The beginning of a database: what freshclam compares with the published number. The signature is none."""
    built = datetime.now(UTC) - timedelta(days=days_old, hours=3)
    text = (
        f"ClamAV-VDB:{built:%d %b %Y %H-%M +0000}:{PUBLISHED[name] - (days_old if name == 'daily' else 0)}:100:90:"
        f"{'0' * 32}:X:tester:{int(built.timestamp())}"
    )
    return text.encode().ljust(512)


def main(case: str, folder: Path) -> None:
    computer = CASES[case]
    _set_up(computer, folder)
    requests: list[str] = []
    with ExitStack() as stack:
        authority = make_identity(folder, "試験用認証局")
        BUNDLE.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(authority.pem, BUNDLE)
        _make_public(authority, folder)
        stack.enter_context(_network(computer, folder, authority, requests))
        exits = [_freshclam().wait() for _ in range(computer.runs)]
        if computer.daemon:
            exits += stack.enter_context(_daemon())
        before = len(requests)
        log = LOG.read_text(encoding="utf-8")
        ran = _diagnose(folder, authority.pem)
        printed: dict[str, Any] = {
            "exits": exits,
            "log": log,
            "updated_with": requests[:before],
            "asked_by_diagnose": requests[before:],
            "result": json.loads(ran.stdout) if ran.stdout else None,
            "error": ran.stderr,
        }
    print(json.dumps(printed))


def _diagnose(folder: Path, authority: Path) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "diagnose", "run", "clamav/definitions", "--no-input", "--format", "json"]
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "SSL_CERT_FILE": str(authority)}
    output = ["--output", str(folder / "run")]
    return subprocess.run([*argv, *output], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)


def _freshclam(*options: str) -> subprocess.Popen[bytes]:
    """What it says goes to its log; what it prints besides would stand among what we print."""
    return subprocess.Popen(["freshclam", *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@contextmanager
def _daemon() -> Iterator[list[int]]:
    """freshclam in the background, when its first run has ended; the exit code, if it ended too."""
    with (
        _freshclam("--daemon", "--foreground=true") as freshclam,
        subprocess.Popen(["tail", "-n", "+1", "-f", LOG], stdout=subprocess.PIPE, text=True) as log,
    ):
        try:
            threading.Thread(target=_end_with, args=(freshclam, log), daemon=True).start()
            assert log.stdout is not None
            # One line of dashes begins a daemon, the next one ends its run.
            ends = (line for line in log.stdout if line.endswith(f" {'-' * 38}\n"))
            runs = sum(1 for _ in zip(range(2), ends, strict=False))
            yield [] if runs == 2 else [freshclam.wait()]
        finally:
            freshclam.kill()
            log.kill()


def _end_with(first: subprocess.Popen[bytes], second: subprocess.Popen[str]) -> None:
    first.wait()
    second.terminate()


# The computer


def _set_up(computer: Computer, folder: Path) -> None:
    memory = folder / "memory"
    memory.mkdir()
    _run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", str(memory))
    for covered in ("/etc", "/var/lib", "/var/log"):
        _cover(covered, memory, covered)
    if shutil.which("freshclam") is None:
        _cover("/usr", memory, f"{UNPACKED}/usr:/usr")
    with Path("/etc/passwd").open("a", encoding="utf-8") as users:
        users.write("clamav:x:971:971::/var/lib/clamav:/bin/false\n")
    with Path("/etc/group").open("a", encoding="utf-8") as groups:
        groups.write("clamav:x:971:\n")
    Path("/etc/resolv.conf").unlink(missing_ok=True)
    Path("/etc/resolv.conf").write_text(f"nameserver {RESOLVER}\n", encoding="ascii")
    for path in (SETTINGS.parent, DATABASES, LOG.parent):
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        os.chown(path, 971, 971)
    # Whoever waits for lines is not told of those in an overlay.
    _run("mount", "-t", "tmpfs", "-o", "mode=755,uid=971,gid=971", "tmpfs", str(LOG.parent))
    LOG.touch(mode=0o640)
    os.chown(LOG, 971, 971)
    SETTINGS.write_text("\n".join((*DEFAULTS, *computer.settings, "")), encoding="utf-8")
    for name in computer.databases:
        (DATABASES / f"{name}.cvd").write_bytes(header(name, computer.days_old))
    computer.prepare()


def _cover(path: str, memory: Path, lower: str) -> None:
    """What is written to `path` from now on stays in memory."""
    upper, work = memory / path.replace("/", "-"), memory / f"{path.replace('/', '-')}-work"
    upper.mkdir()
    work.mkdir()
    _run("mount", "-t", "overlay", "-o", f"lowerdir={lower},upperdir={upper},workdir={work}", "overlay", path)


def _run(*argv: str) -> None:
    subprocess.run(argv, check=True)


# What it can reach


def _make_public(authority: Identity, folder: Path) -> None:
    """Whom the public trusts, diagnose knows from a list of its own: the one who signs for the vendor here joins it."""
    known = Path(certifi.where())
    (folder / "public.pem").write_bytes(known.read_bytes() + authority.pem.read_bytes())
    _run("mount", "--bind", str(folder / "public.pem"), str(known))


@contextmanager
def _network(computer: Computer, folder: Path, authority: Identity, requests: list[str]) -> Iterator[None]:
    ours = (RESOLVER, *PUBLIC_RESOLVERS, *WEB.values(), VENDOR_ADDRESS, CLOSED_ADDRESS, MIRROR_ADDRESS, PROXY_ADDRESS)
    lines = ["link set lo up", *(f"address add {address}/32 dev lo" for address in ours)]
    subprocess.run(["ip", "-batch", "-"], input="\n".join(lines), text=True, check=True)
    web = server_context(make_identity(folder, "www.example.com", tuple(WEB), authority).pem)
    shown = make_identity(folder, VENDOR, (VENDOR,), authority if computer.trusted else None)
    mirror = _answering(computer.mirror, requests)
    servers = {
        **{(address, 80): serve_page for address in WEB.values()},
        **{(address, 443): over_tls(web, serve_page) for address in WEB.values()},
        (VENDOR_ADDRESS, 443): over_tls(server_context(shown.pem), mirror),
        (MIRROR_ADDRESS, 80): mirror,
    }
    if computer.proxy is not None:
        servers[PROXY_ADDRESS, PROXY_PORT] = _answering(computer.proxy, requests)
    with ExitStack() as stack:
        stack.enter_context(dns_server(_names(computer.vendor), address=RESOLVER, port=53))
        for address in PUBLIC_RESOLVERS:
            stack.enter_context(dns_server(_names(computer.public), address=address, port=53))
        for place, serve in servers.items():
            stack.enter_context(tcp_server(serve, place))
        yield


def _names(vendor: str | None) -> Callable[[dns.message.Message], bytes]:
    known = WEB | {MIRROR: MIRROR_ADDRESS} | ({VENDOR: vendor} if vendor else {})
    numbers = (62, PUBLISHED["daily"], int(datetime.now(UTC).timestamp()), 1, 90, 49192, PUBLISHED["bytecode"])
    record = f'"1.4.6:{":".join(map(str, numbers))}"'

    def answer(question: dns.message.Message) -> bytes:
        asked = question.question[0]
        name = asked.name.to_text(omit_final_dot=True).lower()
        if name == RECORD and asked.rdtype == dns.rdatatype.TXT and vendor is not None:
            reply = dns.message.make_response(question)
            reply.answer.append(dns.rrset.from_text(asked.name, 60, "IN", "TXT", record))
            return reply.to_wire()
        address = known.get(name)
        wire = (replying(address) if address else replying(code=dns.rcode.NXDOMAIN))(question)
        assert wire is not None
        return wire

    return answer


def _answering(response: bytes | None, requests: list[str]) -> Serve:
    def serve(connection: socket.socket, _: threading.Event) -> None:
        head = read_head(connection)
        if head:
            # A handshake or a connection alone asks for nothing.
            requests.append(head)
            connection.sendall(_database(head) if response is None else response)

    return serve


def _database(head: str) -> bytes:
    """The beginning of today's database, which is all that freshclam asks for when its own is as new."""
    name = head.split()[1].strip("/").partition(".")[0]
    if f"/{name}.cvd" not in head or name not in PUBLISHED:
        return http_response("404 Not Found")
    return http_response("206 Partial Content", header(name, 0), f"Content-Range: bytes 0-511/{512}")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
