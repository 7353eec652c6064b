"""The system's own ssh and sftp: how they are called, and what they say when they do not get in.

They are used instead of a library because the operator's ssh_config, agents, hardware keys, jump hosts, certificates
and known_hosts work in them exactly as by hand. What ssh itself has to say goes to a file (`-E`), apart from what the
host says, so neither is ever taken for the other.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from diagnose.errors import InputError, Place
from diagnose.messages import message
from diagnose.remote.hosts import Host
from diagnose.remote.outcomes import Reason, RemoteError

LARGEST_LOG = 1_000_000
"""Bytes that ssh may write about one connection; a host can make it write."""
_ALIVE_S, _ALIVE_COUNT = 5, 3

_SAYS: tuple[tuple[str, Reason], ...] = (
    (r"REMOTE HOST IDENTIFICATION HAS CHANGED|host key .*revoked|REVOKED HOST KEY", Reason.HOST_KEY_CHANGED),
    (r"No \S+ host key is known for|Host key verification failed", Reason.HOST_KEY_UNKNOWN),
    (r"Could not resolve hostname", Reason.NAME_NOT_RESOLVED),
    (r"Permission denied \(|Too many authentication failures|No supported authentication methods", Reason.DENIED),
    (r"Unable to negotiate with", Reason.NO_COMMON_ALGORITHM),
    (r"[Cc]onnect(ion)? .*refused", Reason.REFUSED),
    (r"No route to host|Network is unreachable", Reason.NO_ROUTE),
    (r"timed out|Timeout, server", Reason.TIMEOUT),
    (r"Connection (closed|reset) by|Connection closed|kex_exchange_identification|Received disconnect", Reason.CLOSED),
)
"""Sentences of OpenSSH, which has them in English only; the first that is found anywhere decides."""
_KEY = re.compile(r"^debug1: Server host key: (\S+ SHA256:\S+)", re.MULTILINE)
_IN = re.compile(r"^(debug1: )?Authenticated to ", re.MULTILINE)
_WINDOWS = re.compile(r"^debug1: Remote protocol version .*OpenSSH_for_Windows", re.MULTILINE)
_NOISE = re.compile(r"^(debug\d: |OpenSSH_|Warning: Permanently|@@@|\s*$)")


@dataclass(frozen=True, slots=True)
class SshSettings:
    """`ssh` and `sftp` are programs; the files are what the operator named instead of the usual ones."""

    ssh: str
    sftp: str
    known_hosts: Path | None = None
    identities: tuple[Path, ...] = ()
    config: Path | None = None
    connect_s: int = 10
    password: bool = False
    """Somebody has one ready (`SSH_ASKPASS`)."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables for ssh, besides ours."""


def find_programs() -> tuple[str, str]:
    """ssh and sftp. Raises InputError."""
    found = shutil.which("ssh"), shutil.which("sftp")
    if found[0] is None or found[1] is None:
        raise InputError(message("ssh-missing"))
    return found[0], found[1]


def ssh_argv(settings: SshSettings, host: Host, log: Path, command: str) -> list[str]:
    """`command` must hold nothing but what we made ourselves: a shell of the host will read it."""
    argv = [settings.ssh, "-T", "-x", "-a", "-E", str(log), *_options(settings, "DEBUG1")]
    if host.port is not None:
        argv += ["-p", str(host.port)]
    if host.user is not None:
        argv += ["-l", host.user]
    return [*argv, "--", host.name, command]


def sftp_argv(settings: SshSettings, host: Host) -> list[str]:
    """Reads commands from stdin and ends at the first that fails."""
    # The options first: `-b` would set BatchMode, and ssh takes what comes first.
    argv = [settings.sftp, "-q", *_options(settings, "ERROR"), "-b", "-"]
    if host.port is not None:
        argv += ["-P", str(host.port)]
    # Not in the destination: an account of Windows may hold a backslash and an @.
    if host.user is not None:
        argv += ["-o", f"User={_quoted(host.user)}"]
    return [*argv, "--", f"[{host.name}]" if ":" in host.name else host.name]


def _options(settings: SshSettings, log_level: str) -> Iterator[str]:
    if settings.config is not None:
        yield from ("-F", str(settings.config))
    for identity in settings.identities:
        yield from ("-i", str(identity).replace("%", "%%"))
    for option in (f"LogLevel={log_level}", *_settings(settings)):
        yield from ("-o", option)


def _settings(settings: SshSettings) -> Iterator[str]:
    """Nothing that the operator's ssh_config says about ways, keys and algorithms is overruled."""
    yield "StrictHostKeyChecking=yes"
    yield "UpdateHostKeys=no"
    yield f"ConnectTimeout={settings.connect_s}"
    yield "ConnectionAttempts=1"
    yield f"ServerAliveInterval={_ALIVE_S}"
    yield f"ServerAliveCountMax={_ALIVE_COUNT}"
    # Each connection stands for itself: a master that happens to run would hide a wrong key, and die with all of them.
    yield "ControlMaster=no"
    yield "ControlPath=none"
    yield "ClearAllForwardings=yes"
    yield "PermitLocalCommand=no"
    yield "RequestTTY=no"
    if settings.known_hosts is not None:
        yield f"UserKnownHostsFile={_quoted(path_option(settings.known_hosts))}"
        yield f"GlobalKnownHostsFile={'NUL' if sys.platform == 'win32' else '/dev/null'}"
    if settings.password:
        yield "NumberOfPasswordPrompts=1"
        yield "PreferredAuthentications=publickey,keyboard-interactive,password"
        yield "BatchMode=no"
    else:
        yield "BatchMode=yes"


def path_option(path: Path) -> str:
    """As a value of `-o`, where ssh replaces tokens. Raises InputError for a path that it could not be told."""
    text = str(path.absolute())
    if '"' in text or "${" in text or any(not c.isprintable() for c in text):
        raise InputError(message("ssh-path"), Place(str(path)))
    return text.replace("%", "%%")


def _quoted(text: str) -> str:
    return f'"{text}"'


def ssh_environment(settings: SshSettings) -> dict[str, str]:
    """Without the language: what a host is sent of it could change what its programs say."""
    kept = {name: value for name, value in os.environ.items() if name != "LANG" and not name.startswith("LC_")}
    return {**kept, **settings.environment}


@dataclass(frozen=True, slots=True)
class SshLog:
    """What ssh said about one connection. Parts of it come from the host: hostile until shown by `one_line`."""

    text: str

    @classmethod
    def read(cls, path: Path) -> SshLog:
        try:
            with path.open("rb") as stream:
                return cls(stream.read(LARGEST_LOG).decode("utf-8", "replace"))
        except OSError:
            return cls("")

    @property
    def got_in(self) -> bool:
        return _IN.search(self.text) is not None

    @property
    def is_windows(self) -> bool:
        return _WINDOWS.search(self.text) is not None

    def why_not_in(self, also: str = "") -> RemoteError:
        """`also`: what else was said, as by the ssh of a jump host."""
        text = f"{self.text}\n{also}"
        reason = next((reason for words, reason in _SAYS if re.search(words, text)), Reason.NOT_CONNECTED)
        key = _KEY.search(self.text)
        if reason in (Reason.HOST_KEY_UNKNOWN, Reason.HOST_KEY_CHANGED) and key is not None:
            return RemoteError(reason, key[1])
        said = [line for line in text.splitlines() if not _NOISE.match(line)]
        return RemoteError(reason, said[-1].strip() if said else "")
