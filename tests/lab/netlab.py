"""A small internet in two network namespaces of Linux: a client, and everything that it can reach.

    with open_lab() as lab:
        lab.switch(Mode.RESOLVER_DEAD)
        lab.run_in_client(["python", "-m", "diagnose", "run", "machine/health"])

Nothing in it has a way out. Needs root and `ip` of iproute2; `why_not()` says what is missing.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import certifi

from tests.lab.internet import (
    AGENT_SERVER_ADDRESS,
    AGENT_SERVERS,
    PUBLIC_RESOLVERS,
    RESOLVER,
    SILENT_RESOLVER,
    WEB,
)
from tests.unit.network_servers import make_identity

PROJECT = Path(__file__).parents[2]
_CLIENT_ADDRESS = "10.77.0.2"
# In the lab the lab's own authority is the public one; only what is started sees it.
_WITH_AUTHORITY = 'mount --bind "$0" "$1" && client=$2 && shift 2 && exec ip netns exec "$client" "$@"'


class Mode(StrEnum):
    """What the client's network is like."""

    NORMAL = "normal"
    RESOLVER_DEAD = "resolver_dead"  # the configured name server is silent, the public ones answer
    NETWORK_DOWN = "network_down"  # the cable is out


@dataclass(frozen=True, slots=True)
class Lab:
    """`authority` is the PEM file that signed the web servers; the client trusts it alone."""

    client: str
    authority: Path
    settings: Path

    def switch(self, mode: Mode) -> None:
        """Holds for what is started in the client from now on."""
        resolver = SILENT_RESOLVER if mode is Mode.RESOLVER_DEAD else RESOLVER
        (self.settings / "resolv.conf").write_text(f"nameserver {resolver}\n", encoding="utf-8")
        if mode is Mode.NETWORK_DOWN:
            _ip("-n", self.client, lines=["link set wan0 down"])
        else:
            _ip("-n", self.client, lines=["link set wan0 up", f"route replace default via {RESOLVER}"])

    def run_in_client(
        self, argv: Sequence[str], env: Mapping[str, str] | None = None, timeout_s: float = 60.0
    ) -> subprocess.CompletedProcess[str]:
        """Run a program on the client, in the project's folder, with `env` and what it needs besides."""
        environ = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "SSL_CERT_FILE": str(self.authority)}
        return subprocess.run(
            ["unshare", "--mount", "sh", "-c", _WITH_AUTHORITY, self.authority, certifi.where(), self.client, *argv],
            env=environ | dict(env or {}),
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=timeout_s,
            check=False,
        )


def why_not() -> str | None:
    """Why there can be no lab here; None when there can."""
    if sys.platform != "linux":
        return "the network lab needs Linux"
    if os.geteuid() != 0:
        return "the network lab needs root"
    if shutil.which("ip") is None:
        return "the network lab needs `ip` of iproute2"
    name = _unique("try")
    # In a plain chroot a namespace can be made, but not entered.
    for arguments in (["add", name], ["exec", name, "true"]):
        tried = subprocess.run(["ip", "netns", *arguments], capture_output=True, encoding="utf-8", check=False)
        if tried.returncode != 0:
            break
    subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False)
    return f"the network lab needs network namespaces: {tried.stderr.strip()}" if tried.returncode != 0 else None


@contextmanager
def open_lab() -> Iterator[Lab]:
    """A lab in normal mode. Everything is taken down at the end, also when the start fails half-way."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="netlab-")))
        authority = make_identity(folder, "試験用認証局")
        server = make_identity(folder, "www.example.com", tuple(WEB), authority)
        client, internet = _unique("cli"), _unique("net")
        for namespace in (client, internet):
            _ip("netns", "add", namespace)
            stack.callback(_ip, "netns", "delete", namespace)
        lab = Lab(client, authority.pem, stack.enter_context(_settings_of(client)))
        _connect(client, internet)
        lab.switch(Mode.NORMAL)
        agents = make_identity(folder, AGENT_SERVERS[0], AGENT_SERVERS)
        stack.enter_context(_servers(internet, server.pem, agents.pem))
        yield lab


def _unique(kind: str) -> str:
    return f"netlab-{os.getpid()}-{secrets.token_hex(3)}-{kind}"


def _ip(*arguments: str, lines: Iterable[str] = ()) -> None:
    """`ip` with `arguments`, or with a batch of command `lines`."""
    batch = "\n".join(lines)
    argv = ["ip", *arguments, *(["-batch", "-"] if batch else [])]
    done = subprocess.run(argv, input=batch, capture_output=True, encoding="utf-8", check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(argv)}: {done.stderr.strip()}")


def _connect(client: str, internet: str) -> None:
    _ip("link", "add", "wan0", "netns", client, "type", "veth", "peer", "name", "wan0", "netns", internet)
    own = ["link set lo up", f"address add {_CLIENT_ADDRESS}/24 dev wan0"]
    _ip("-n", client, lines=own)
    addresses = (*PUBLIC_RESOLVERS, SILENT_RESOLVER, AGENT_SERVER_ADDRESS, *WEB.values())
    hosts = [f"address add {address}/32 dev lo" for address in addresses]
    far = ["link set lo up", f"address add {RESOLVER}/24 dev wan0", "link set wan0 up"]
    _ip("-n", internet, lines=[*far, *hosts])


@contextmanager
def _settings_of(client: str) -> Iterator[Path]:
    """The folder whose files `ip netns exec` lays over those of /etc."""
    settings = Path("/etc/netns") / client
    settings.mkdir(parents=True)
    try:
        yield settings
    finally:
        shutil.rmtree(settings)
        with suppress(OSError):
            settings.parent.rmdir()


@contextmanager
def _servers(internet: str, *certificates: Path) -> Iterator[None]:
    argv = ["ip", "netns", "exec", internet, sys.executable, "-m", "tests.lab.internet", *map(str, certificates)]
    # Its input is this process: the servers end with us, however we end.
    with subprocess.Popen(argv, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as servers:
        try:
            assert servers.stdout is not None
            if servers.stdout.readline() != b"ready\n":
                raise RuntimeError("the servers of the network lab did not start")
            yield
        finally:
            servers.kill()
