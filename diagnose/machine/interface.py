"""`Machine`: the only door to a computer. Read-only, few methods, typed answers.

Every method may be called from several threads. None raises for what the computer says or withholds: a thing that
is not there is `Absent`, a thing that could not be looked at is `Unseen`. Blocking calls bound their own time where
the operating system lets them; the runner abandons a check that does not come back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from diagnose.machine.file_reader import FileReader
from diagnose.machine.line_search import FoundLines
from diagnose.machine.values import (
    Absent,
    Certificate,
    ClockOffset,
    CommandResult,
    Disk,
    DnsAnswer,
    Download,
    Event,
    FileContent,
    FileInfo,
    FileSignature,
    HttpAnswer,
    ListeningPort,
    Platform,
    Process,
    ProxySetting,
    RegistryKey,
    Resolver,
    SecurityProduct,
    Service,
    Store,
    System,
    TcpAnswer,
    TlsAnswer,
    Unseen,
    Via,
    View,
)

READ_LIMIT = 4 * 1024 * 1024
"""Bytes of one file that a check reads at most; more than any log that decides something."""

EVENT_DAYS = 30
MOST_EVENTS = 300


class Machine(Protocol):
    @property
    def platform(self) -> Platform: ...

    @property
    def recorded(self) -> bool:
        """True when this is a recording and not the computer that the program runs on."""
        ...

    def now(self) -> datetime:
        """The computer's own time, with its offset from UTC."""
        ...

    def system(self) -> System: ...

    def registry_key(self, key: str, view: View = View.NATIVE) -> RegistryKey | Absent | Unseen:
        """`key` as `HKLM\\SOFTWARE\\...`; names compare without case."""
        ...

    def file_info(self, path: str) -> FileInfo | Absent | Unseen: ...

    def read_file(self, path: str, limit: int = READ_LIMIT) -> FileContent | Absent | Unseen:
        """The file's content; of a larger one, its last `limit` bytes. Only regular files are opened."""
        ...

    def open_file(self, path: str) -> FileReader | Absent | Unseen:
        """A regular file of any size, for collecting it; the caller closes it.

        LockedFile when another program keeps it to itself, LinkRefused when the name itself is a link, or a folder on
        the way is one that somebody else than the system's administrators could have put there.
        """
        ...

    def signature(self, path: str) -> FileSignature | Absent | Unseen:
        """The Authenticode signature of a program, and the digests to compare it with; opened as `open_file` does."""
        ...

    def find_lines(self, path: str, patterns: Sequence[str], timeout_s: float = 10.0) -> FoundLines | Absent | Unseen:
        """The last lines of a log of any size that match one of the RE2 `patterns`; opened as `open_file` does."""
        ...

    def find_files(self, pattern: str) -> tuple[FileInfo, ...] | Unseen:
        """Files that match a glob (`*`, `?` and `[...]` in any component, no `**`), sorted by path."""
        ...

    def services(self) -> tuple[Service, ...] | Unseen: ...

    def processes(self) -> tuple[Process, ...] | Unseen: ...

    def listening_ports(self) -> tuple[ListeningPort, ...] | Unseen: ...

    def disks(self) -> tuple[Disk, ...] | Unseen: ...

    def hotfixes(self) -> tuple[str, ...] | Unseen: ...

    def security_products(self) -> tuple[SecurityProduct, ...] | Unseen: ...

    def events(self, log: str) -> tuple[Event, ...] | Absent | Unseen:
        """Errors and warnings of the last EVENT_DAYS days, newest first, at most MOST_EVENTS."""
        ...

    def certificates(self, store: Store) -> tuple[Certificate, ...] | Unseen: ...

    def proxies(self) -> tuple[ProxySetting, ...] | Unseen:
        """Every place that was looked at, also those that say "no proxy"."""
        ...

    def run(self, argv: Sequence[str], timeout_s: float = 10.0) -> CommandResult | Absent | Unseen:
        """Run a read-only program, never through a shell; Absent when there is no such program."""
        ...

    def resolve(self, name: str, resolver: Resolver) -> DnsAnswer | Unseen: ...

    def connect(self, host: str, port: int) -> TcpAnswer | Unseen: ...

    def handshake(self, host: str, port: int, via: Via = Via.DIRECT, address: str = "") -> TlsAnswer | Unseen:
        """`address`: ask this one, whatever the name resolves to. `via` as for `fetch`; a proxy is given no address."""
        ...

    def fetch(self, url: str, via: Via = Via.DIRECT) -> HttpAnswer | Unseen:
        """GET. `Via.PROXY` uses the first proxy that `proxies()` names. Certificates are not judged here."""
        ...

    def download(self, url: str, most: int, keep: int, via: Via = Via.DIRECT) -> Download | Unseen:
        """GET a file as a whole, up to `most` bytes and about a minute; only the first `keep` bytes are kept."""
        ...

    def clock_offset(self) -> ClockOffset | Unseen: ...
