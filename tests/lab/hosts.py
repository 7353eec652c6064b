"""Computers with a real SSH server, each in namespaces of its own, and one from which they are reached.

    with open_hosts([HostSpec("pc-1"), HostSpec("pc-2", machine=...)]) as lab:
        lab.run(["ssh", "-F", lab.ssh_config, "pc-1", "true"])

Every host has its own network, name, processes, /tmp and accounts; of the disk, what its spec lays over it.
`lab.control` is the network namespace of whoever works on them; nothing in the lab has a way out. Needs root, `ip` of
iproute2 and OpenSSH; `why_not()` says what is missing. All of it is gone at the end, whatever went wrong.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab import netlab
from tests.lab.offices import ip

PROJECT = Path(__file__).parents[2]
UNPACKED = PROJECT / ".cache" / "servers" / "usr"
"""Where `servers.sh` leaves OpenSSH when it is not installed."""
MACHINE = Path("/srv/machine")
"""Where a host's recorded machine lies on the host."""
HOME = "/srv/home"
"""Of root, there; the developer's own may hold the Python that all of them use."""
TEMPORARY = ("/tmp", "/var/tmp", HOME)
"""Folders of a host that are empty, and its own."""
PASSWORD = "pass word'$x"
"""Of root on every host; only hosts with `password` take it."""
_START_S = 20.0
_PREFIX, _PREFIX6 = "10.78.0", "fd78::"
_CONTROL = 1


@dataclass(frozen=True, slots=True)
class HostSpec:
    """What is special about one host. The defaults make one that lets root in with the lab's key."""

    name: str
    machine: Path | None = None
    """A recorded machine (or anything else to look at) that lies at MACHINE there."""
    force: str = ""
    """A command that sshd runs instead of what it is told (`ForceCommand`)."""
    settings: tuple[str, ...] = ()
    """More lines of sshd_config."""
    password: bool = False
    """It takes PASSWORD and no key."""
    known: bool = True
    """Its host key is in `lab.known_hosts`."""
    changed: bool = False
    """There is another key for it in `lab.known_hosts`."""
    shell: str = "/bin/sh"
    room: str = "50%"
    """Of each of its folders for temporary files, as mount(8) takes it."""
    silent: bool = False
    """Something listens at its port and never says a word."""
    mounts: Mapping[str, Path] = field(default_factory=dict)
    """More folders or files of this computer, by where they lie there."""


@dataclass(frozen=True, slots=True)
class LabHost:
    spec: HostSpec
    address: str
    address6: str
    process: subprocess.Popen[bytes]

    @property
    def root(self) -> Path:
        """Its files, seen from here."""
        return Path(f"/proc/{_child_of(self.process.pid)}/root")

    def left(self, folder: str = "/tmp") -> list[str]:
        """Names in one of its own folders."""
        return sorted(path.name for path in (self.root / folder.lstrip("/")).iterdir())


@dataclass(frozen=True, slots=True)
class HostLab:
    """`key`: a private key that root of every host accepts. `ssh_config` knows all hosts by name, with key and keys."""

    control: str
    folder: Path
    hosts: Mapping[str, LabHost]
    key: Path
    known_hosts: Path
    ssh_config: Path

    def argv(self, argv: Sequence[str | Path]) -> list[str]:
        """A command as whoever works on the hosts starts it."""
        return ["ip", "netns", "exec", self.control, *map(str, argv)]

    def run(
        self, argv: Sequence[str | Path], timeout_s: float = 60.0, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.argv(argv),
            cwd=PROJECT,
            env=self.environment(**variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=timeout_s,
            check=False,
        )

    def environment(self, **variables: str) -> dict[str, str]:
        """Nothing of the developer's: no agent, no settings, no earlier runs."""
        home = str(self.folder)
        own = {"PATH": os.environ["PATH"], "HOME": home, "XDG_STATE_HOME": f"{home}/state", "LANG": "C.UTF-8"}
        return own | variables


def why_not() -> str | None:
    """Why there can be no hosts here; None when there can."""
    reason = netlab.why_not()
    if reason is not None:
        return reason.replace("the network lab", "the lab of hosts")
    missing = [tool for tool in ("ssh", "sftp", "ssh-keygen", "unshare", "mount") if shutil.which(tool) is None]
    if missing:
        return f"the lab of hosts needs {', '.join(missing)}"
    if _sshd() is None:
        return f"the lab of hosts needs sshd, installed or unpacked to {UNPACKED} by tests/lab/servers.sh"
    return None


@contextmanager
def open_hosts(specs: Sequence[HostSpec]) -> Iterator[HostLab]:
    """All of them are there, and listen. Takes about a second."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hosts-", dir="/run")))
        run = f"hosts-{os.getpid()}-{secrets.token_hex(2)}"
        control = f"{run}-control"
        _add_namespace(stack, control)
        bridge = (
            "link set lo up",
            "link add br0 type bridge",
            f"address add {_PREFIX}.{_CONTROL}/24 dev br0",
            f"address add {_PREFIX6}{_CONTROL}/64 dev br0 nodad",
            "link set br0 up",
        )
        ip("-n", control, lines=bridge)
        key = _key(folder / "key")
        _write_accounts(folder, specs)
        hosts = {
            spec.name: stack.enter_context(_host(spec, number, run, control, folder))
            for number, spec in enumerate(specs, start=10)
        }
        _wait_for(hosts.values(), folder)
        known = folder / "known_hosts"
        known.write_text("".join(_known_lines(hosts.values(), folder)), encoding="ascii")
        config = folder / "ssh_config"
        config.write_text("".join(_config(hosts.values(), key, known)), encoding="ascii")
        yield HostLab(control, folder, hosts, key, known, config)


@contextmanager
def _host(spec: HostSpec, number: int, run: str, control: str, folder: Path) -> Iterator[LabHost]:
    namespace = f"{run}-{number}"
    address, address6 = f"{_PREFIX}.{number}", f"{_PREFIX6}{number}"
    with ExitStack() as stack:
        _add_namespace(stack, namespace)
        link = f"to{number}"
        ip("link", "add", link, "netns", control, "type", "veth", "peer", "name", "eth0", "netns", namespace)
        ip("-n", control, lines=[f"link set {link} master br0 up"])
        own = (f"address add {address}/24 dev eth0", f"address add {address6}/64 dev eth0 nodad", "link set eth0 up")
        ip("-n", namespace, lines=["link set lo up", *own])
        _key(folder / f"{spec.name}.host-key")
        (folder / f"{spec.name}.conf").write_text(_sshd_config(spec, address, address6, folder), encoding="ascii")
        script = folder / f"{spec.name}.sh"
        script.write_text("\n".join(_start_script(spec, address, folder)), encoding="utf-8")
        isolated = ["unshare", "--mount", "--uts", "--pid", "--ipc", "--fork", "--kill-child", "--mount-proc"]
        log = stack.enter_context((folder / f"{spec.name}.out").open("wb"))
        process = stack.enter_context(
            subprocess.Popen(
                ["ip", "netns", "exec", namespace, *isolated, "sh", "-eu", str(script)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        )
        stack.callback(process.kill)
        yield LabHost(spec, address, address6, process)


def _start_script(spec: HostSpec, address: str, folder: Path) -> Iterator[str]:
    """What the first process of a host does: its own disk, then its server."""
    yield "mount --make-rprivate /"
    yield f"hostname {spec.name}"
    sshd = _sshd()
    if sshd is not None and sshd.is_relative_to(UNPACKED):
        yield f"mount -t overlay -o lowerdir={UNPACKED}:/usr overlay /usr"
    # Another Python than the developer's own could be too old, or not there at all.
    yield "mount -t tmpfs tmpfs /srv"
    yield "mkdir /srv/python"
    yield f"mount --bind '{sys.base_prefix}' /srv/python"
    for place, source in {**({str(MACHINE): spec.machine} if spec.machine is not None else {}), **spec.mounts}.items():
        # What is there already may lie where nothing can be written.
        made = "mkdir -p '{0}'" if source.is_dir() else "mkdir -p '{1}'; [ -e '{0}' ] || touch '{0}'"
        yield made.format(place, Path(place).parent)
        yield f"mount --bind '{source}' '{place}'"
    for name in ("passwd", "shadow", "group"):
        yield f"mount --bind '{folder}/{spec.name}.{name}' /etc/{name}"
    yield f"mkdir -p {HOME}"
    for memory in TEMPORARY:
        yield f"mount -t tmpfs -o mode=1777,size={spec.room} tmpfs {memory}"
    if spec.silent:
        server = f"s=socket.create_server(('{address}',22)); open('{folder}/{spec.name}.pid','w'); time.sleep(9999)"
        yield f'exec /srv/python/bin/python3 -I -S -c "import socket,time; {server}"'
    else:
        # Where sshd locks its unprivileged part in.
        yield "mkdir -p /run/sshd"
        yield f"exec /usr/sbin/sshd -D -f '{folder}/{spec.name}.conf' -E '{folder}/{spec.name}.log'"


def _sshd_config(spec: HostSpec, address: str, address6: str, folder: Path) -> str:
    method = "PasswordAuthentication yes\nPubkeyAuthentication no" if spec.password else "PasswordAuthentication no"
    lines = [
        *spec.settings,
        f"ListenAddress {address}:22",
        f"ListenAddress [{address6}]:22",
        f"HostKey {folder}/{spec.name}.host-key",
        f"PidFile {folder}/{spec.name}.pid",
        f"AuthorizedKeysFile {folder}/key.pub",
        "StrictModes no",
        "UsePAM no",
        f"PermitRootLogin {'yes' if spec.password else 'prohibit-password'}",
        method,
        "KbdInteractiveAuthentication no",
        "PrintMotd no",
        "Subsystem sftp internal-sftp",
        "MaxStartups 100:30:200",
        "SetEnv PATH=/srv/python/bin:/usr/bin:/bin",
    ]
    if spec.force:
        lines.append(f"ForceCommand {spec.force}")
    return "\n".join([*lines, ""])


def _write_accounts(folder: Path, specs: Iterable[HostSpec]) -> None:
    hashed = subprocess.run(
        ["openssl", "passwd", "-6", "-stdin"], input=PASSWORD, capture_output=True, encoding="utf-8", check=True
    ).stdout.strip()
    for spec in specs:
        shells = (("root", f"x:0:0::{HOME}", spec.shell), ("sshd", "x:74:74::/run", "/usr/sbin/nologin"))
        files = {
            "passwd": [f"{name}:{about}:{shell}" for name, about, shell in shells],
            "shadow": [f"root:{hashed}:19000::::::", "sshd:!:19000::::::"],
            "group": ["root:x:0:", "tty:x:5:", "sshd:x:74:"],
        }
        for name, lines in files.items():
            (folder / f"{spec.name}.{name}").write_text("\n".join([*lines, ""]), encoding="ascii")


def _key(path: Path) -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return path


def _known_lines(hosts: Iterable[LabHost], folder: Path) -> Iterator[str]:
    for host in hosts:
        source = "key.pub" if host.spec.changed else f"{host.spec.name}.host-key.pub"
        kind, key = (folder / source).read_text(encoding="ascii").split()[:2]
        if host.spec.known:
            yield f"{host.spec.name},{host.address},{host.address6} {kind} {key}\n"


def _config(hosts: Iterable[LabHost], key: Path, known: Path) -> Iterator[str]:
    for host in hosts:
        yield f"Host {host.spec.name}\n  HostName {host.address}\n  HostKeyAlias {host.spec.name}\n"
    yield f"Host *\n  User root\n  IdentityFile {key}\n  IdentitiesOnly yes\n"
    yield f"  UserKnownHostsFile {known}\n  GlobalKnownHostsFile /dev/null\n"


def _wait_for(hosts: Iterable[LabHost], folder: Path) -> None:
    """Each server writes its number when it listens."""
    deadline = time.monotonic() + _START_S
    for host in hosts:
        while not (folder / f"{host.spec.name}.pid").exists():
            if time.monotonic() > deadline or host.process.poll() is not None:
                files = [folder / f"{host.spec.name}.{kind}" for kind in ("out", "log")]
                said = " ".join(file.read_text(encoding="utf-8", errors="replace") for file in files if file.exists())
                raise RuntimeError(f"the host {host.spec.name} did not start: {said[-1000:]}")
            time.sleep(0.01)


def _sshd() -> Path | None:
    places = (Path("/usr/sbin/sshd"), UNPACKED / "sbin" / "sshd")
    return next((place for place in places if place.is_file()), None)


def _add_namespace(stack: ExitStack, name: str) -> None:
    ip("netns", "add", name)
    stack.callback(ip, "netns", "delete", name)


def _child_of(pid: int) -> int:
    """The first process of the new namespaces: `unshare` itself stays outside of some of them."""
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()[0])
