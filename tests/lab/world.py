"""The fault lab's Linux: fresh namespaces with every server, and offices whose faults are switched at will.

    lines = in_new_namespaces("tests.lab.run_faults", "dns-silent")      # from outside
    with open_world(Path("/run/lab"), offices=6) as world: ...           # inside

All of it lives in namespaces of one process tree that nobody else sees: network, mounts, processes. It is gone when its
first process ends, and that ends with its input, hence with whoever started it, however that ended.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import certifi

from tests.lab.addresses import (
    BACKEND,
    BROKEN_UPSTREAM,
    CONTROLS,
    MIRROR,
    OTHER_SERVER,
    PORTAL,
    PROXY,
    PUBLIC,
    RESOLVERS,
    SILENT_UPSTREAM,
    UPDATE_V6,
    VENDOR,
)
from tests.lab.certificates import make_certificates
from tests.lab.daemons import start_daemons
from tests.lab.offices import PROJECT, Office, ip, run

SERVERS = PROJECT / ".cache" / "servers"
"""Where `servers.sh` unpacks."""
_NOBODY = frozenset({"nobody", "silent"})


@dataclass(frozen=True, slots=True)
class World:
    folder: Path
    offices: tuple[Office, ...]


def why_not() -> str | None:
    """Why there can be no fault lab here; None when there can."""
    if sys.platform != "linux":
        return "the fault lab needs Linux"
    if os.geteuid() != 0:
        return "the fault lab needs root"
    missing = [tool for tool in ("unshare", "ip", "mount") if shutil.which(tool) is None]
    if missing:
        return f"the fault lab needs {', '.join(missing)}"
    if not (SERVERS / "made").is_file():
        return f"the fault lab needs what tests/lab/servers.sh unpacks to {SERVERS}; ./do test runs it"
    probe = "from tests.lab.world import try_out; try_out()"
    tried = subprocess.run(
        [*_UNSHARE, sys.executable, "-c", probe], cwd=PROJECT, capture_output=True, encoding="utf-8", check=False
    )
    said = (tried.stderr.strip().splitlines() or [""])[-1]
    return f"the fault lab needs namespaces, an overlay, nft: {said}" if tried.returncode != 0 else None


_UNSHARE = (
    *("unshare", "--net", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child", "--mount-proc"),
    # The first process has to wait for orphans; a namespace below this one could not end as long as nobody does.
    *("bash", "-c", '"$@"; exit $?', "init"),
)


@contextmanager
def in_new_namespaces(module: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`python -m module` as the first process of new namespaces; `follow_input` must be its first act."""
    pipe = subprocess.PIPE
    argv = [*_UNSHARE, sys.executable, "-m", module, *arguments]
    with subprocess.Popen(argv, cwd=PROJECT, stdin=pipe, stdout=pipe, encoding="utf-8") as process:
        try:
            yield process
        finally:
            process.kill()


def follow_input() -> None:
    """End at once, and with us everything in these namespaces, when our input ends."""

    def wait() -> None:
        # Not by `sys.stdin`: its lock would be held when we end in good order.
        while os.read(0, 4096):
            pass
        os._exit(3)

    threading.Thread(target=wait, daemon=True).start()


def try_out() -> None:
    """Raise RuntimeError when this Linux cannot do what the lab needs."""
    _cover_folders(Path("/run/lab"))
    ip("netns", "add", "try")
    run(["ip", "netns", "exec", "try", "nft", "-f", "-"], text="table inet try {\n}\n")


@contextmanager
def open_world(offices: int) -> Iterator[World]:
    """Inside new namespaces only. Takes about a second; nothing needs to be taken down."""
    folder = Path("/run/lab")
    _cover_folders(folder)
    _write_trust(folder)
    _give_addresses()
    daemons = start_daemons(folder)
    opened = tuple(Office(number + 1, folder) for number in range(offices))
    for office in opened:
        office.open()
    yield World(folder, opened)
    for daemon in daemons:
        daemon.kill()


def _cover_folders(folder: Path) -> None:
    """What is written to these folders stays in memory and among us; the servers lie over /usr."""
    for memory, mode in (("/run", "755"), ("/dev/shm", "1777")):
        run(["mount", "-t", "tmpfs", "-o", f"mode={mode}", "tmpfs", memory])
    folder.mkdir()
    for covered, lower in (("/etc", "/etc"), ("/usr", f"{SERVERS}/usr:/usr")):
        upper, work = (folder / f"{covered[1:]}-{kind}" for kind in ("upper", "work"))
        upper.mkdir()
        work.mkdir()
        run(["mount", "-t", "overlay", "-o", f"lowerdir={lower},upperdir={upper},workdir={work}", "overlay", covered])
    for name, text in (
        ("resolv.conf", ""),
        ("hosts", "127.0.0.1 localhost\n"),
        ("nsswitch.conf", "hosts: files dns\n"),
    ):
        file = Path("/etc") / name
        file.unlink(missing_ok=True)
        file.write_text(text, encoding="ascii")


def _write_trust(folder: Path) -> None:
    """The lab's public authority is known to the public, the company's only to computers that are told of it."""
    make_certificates(folder)
    folder.chmod(0o755)
    public = Path(certifi.where())
    known = public.read_bytes() + b"\n" + (folder / "public.pem").read_bytes()
    (folder / "store.pem").write_bytes(known)
    (folder / "store-with-inspection.pem").write_bytes(known + (folder / "corporate.pem").read_bytes())
    run(["mount", "--bind", str(folder / "store.pem"), str(public)])


def _give_addresses() -> None:
    resolvers = [address for name, address in RESOLVERS.items() if name not in _NOBODY]
    inside = (PROXY, PORTAL, MIRROR, SILENT_UPSTREAM, BROKEN_UPSTREAM, RESOLVERS["nobody"], *resolvers)
    outside = (*PUBLIC, *CONTROLS.values(), *VENDOR.values(), OTHER_SERVER, BACKEND)
    addresses = [f"address add {address}/32 dev lo" for address in (*outside, *inside)]
    ip(lines=["link set lo up", *addresses, f"address add {UPDATE_V6}/128 dev lo nodad"])
