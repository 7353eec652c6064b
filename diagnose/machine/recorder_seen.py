"""Everything that a recorder was asked so far: what the recording writer writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from diagnose.machine.line_search import FoundLines
from diagnose.machine.recorded_commands import Argv
from diagnose.machine.recorder_files import FilesSeen, Parts
from diagnose.machine.recording_format import TlsQuestion
from diagnose.machine.values import (
    Absent,
    Certificate,
    ClockOffset,
    CommandResult,
    Disk,
    DnsAnswer,
    Download,
    Event,
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
)


@dataclass(frozen=True, slots=True)
class Seen:
    """Questions and answers of one run. A list is None when nobody asked for it."""

    platform: Platform
    now: datetime
    system: System
    registry: dict[str, RegistryKey | Absent | Unseen]
    """Folded key behind the view, to the answer."""
    files: FilesSeen
    signatures: dict[Parts, FileSignature | Absent | Unseen]
    """By folded path."""
    lines: dict[tuple[Parts, tuple[str, ...]], FoundLines | Absent | Unseen]
    """By folded path and what was looked for."""
    services: tuple[Service, ...] | Unseen | None
    processes: tuple[Process, ...] | Unseen | None
    listening: tuple[ListeningPort, ...] | Unseen | None
    disks: tuple[Disk, ...] | Unseen | None
    hotfixes: tuple[str, ...] | Unseen | None
    security_products: tuple[SecurityProduct, ...] | Unseen | None
    proxies: tuple[ProxySetting, ...] | Unseen | None
    certificates: dict[Store, tuple[Certificate, ...] | Unseen]
    events: dict[str, tuple[Event, ...] | Absent | Unseen]
    """Log in lower case to its records."""
    commands: dict[Argv, CommandResult | Absent | Unseen]
    dns: dict[tuple[str, Resolver], DnsAnswer | Unseen]
    tcp: dict[tuple[str, int], TcpAnswer | Unseen]
    tls: dict[TlsQuestion, TlsAnswer | Unseen]
    http: dict[tuple[str, Via], HttpAnswer | Unseen]
    downloads: dict[tuple[str, Via], Download | Unseen]
    clock: ClockOffset | Unseen | None
