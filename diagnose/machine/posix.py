"""A live Linux or macOS computer as a `Machine`; the `posix_*` modules and `diagnose.network` do the work."""

from __future__ import annotations

import os
import ssl
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from diagnose.machine import live_network, live_system, posix_commands, posix_files, posix_services, posix_settings
from diagnose.machine.file_reader import FileReader
from diagnose.machine.interface import READ_LIMIT
from diagnose.machine.line_search import FoundLines, lines_of
from diagnose.machine.proxy_settings import environment_proxies
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
    Reason,
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
from diagnose.network.libraries import load_libraries
from diagnose.network.name_lookup import LookUps


class PosixMachine:
    """Reads this computer. Holds no state of its own, so every method may be called from several threads."""

    def __init__(self, clock: Callable[[], datetime], environ: Mapping[str, str] | None = None) -> None:
        """`clock` gives an aware datetime; `environ` stands for the environment of this process."""
        self._clock = clock
        self._environ = dict(os.environ if environ is None else environ)
        self._names = LookUps().look_up

    @property
    def platform(self) -> Platform:
        return Platform.MACOS if sys.platform == "darwin" else Platform.LINUX

    @property
    def recorded(self) -> bool:
        return False

    def now(self) -> datetime:
        return self._clock()

    def system(self) -> System:
        from diagnose.machine import posix_system

        return posix_system.system(self.platform, self._environ, self._clock().tzinfo)

    def registry_key(self, key: str, view: View = View.NATIVE) -> RegistryKey | Absent | Unseen:  # noqa: ARG002
        return Unseen(Reason.UNSUPPORTED, key)

    def file_info(self, path: str) -> FileInfo | Absent | Unseen:
        return posix_files.file_info(path)

    def read_file(self, path: str, limit: int = READ_LIMIT) -> FileContent | Absent | Unseen:
        return posix_files.read_file(path, limit)

    def open_file(self, path: str) -> FileReader | Absent | Unseen:
        return posix_files.open_file(path)

    def signature(self, path: str) -> FileSignature | Absent | Unseen:
        from diagnose.machine.signed_file import signature_of

        return signature_of(path, self.open_file(path))

    def find_lines(self, path: str, patterns: Sequence[str], timeout_s: float = 10.0) -> FoundLines | Absent | Unseen:
        return lines_of(path, self.open_file(path), patterns, timeout_s)

    def find_files(self, pattern: str) -> tuple[FileInfo, ...] | Unseen:
        return posix_files.find_files(pattern)

    def services(self) -> tuple[Service, ...] | Unseen:
        return posix_services.services(self.run)

    def processes(self) -> tuple[Process, ...] | Unseen:
        return live_system.processes()

    def listening_ports(self) -> tuple[ListeningPort, ...] | Unseen:
        return live_system.listening_ports()

    def disks(self) -> tuple[Disk, ...] | Unseen:
        from diagnose.machine import posix_system

        return posix_system.disks()

    def hotfixes(self) -> tuple[str, ...] | Unseen:
        return Unseen(Reason.UNSUPPORTED, "hotfixes")

    def security_products(self) -> tuple[SecurityProduct, ...] | Unseen:
        return Unseen(Reason.UNSUPPORTED, r"root\SecurityCenter2")

    def events(self, log: str) -> tuple[Event, ...] | Absent | Unseen:
        return Unseen(Reason.UNSUPPORTED, log)

    def certificates(self, store: Store) -> tuple[Certificate, ...] | Unseen:
        if store is not Store.ROOT or self.platform is Platform.MACOS:
            # The trusted roots of macOS are in its keychain, and no other store has a counterpart here.
            return Unseen(Reason.UNSUPPORTED, store)
        bundle = posix_settings.trust_bundle(self._environ)
        return bundle if isinstance(bundle, Unseen) else posix_settings.root_certificates(bundle)

    def proxies(self) -> tuple[ProxySetting, ...] | Unseen:
        return environment_proxies(self._environ, posix_settings.ENVIRONMENT)

    def run(self, argv: Sequence[str], timeout_s: float = 10.0) -> CommandResult | Absent | Unseen:
        return posix_commands.run(argv, timeout_s, self._environ)

    def resolve(self, name: str, resolver: Resolver) -> DnsAnswer | Unseen:
        return live_network.resolve(name, resolver, posix_settings.nameservers, self._proxy_to_use, self._names)

    def connect(self, host: str, port: int) -> TcpAnswer | Unseen:
        return live_network.connect(host, port, self._names)

    def handshake(self, host: str, port: int, via: Via = Via.DIRECT, address: str = "") -> TlsAnswer | Unseen:
        load_libraries()
        from diagnose.network.tls_trust import Trust

        trusted = self._trusted()
        if isinstance(trusted, Unseen):
            # Without any authority every server would look untrusted.
            return trusted
        anchors = tuple(certificate.der for certificate in trusted)
        trust = Trust(anchors, live_network.public_authorities())
        way = live_network.Way(via, address, self._proxy_to_use, self._names)
        return live_network.handshake(host, port, trust, self._clock(), way)

    def _proxy_to_use(self) -> str | None:
        return posix_settings.proxy_to_use(self._environ)

    def _trusted(self) -> tuple[Certificate, ...] | Unseen:
        bundle = posix_settings.trust_bundle(self._environ)
        default = ssl.get_default_verify_paths().cafile
        path = default if isinstance(bundle, Unseen) and default else bundle
        return path if isinstance(path, Unseen) else posix_settings.root_certificates(path)

    def fetch(self, url: str, via: Via = Via.DIRECT) -> HttpAnswer | Unseen:
        return live_network.fetch(url, via, self._proxy_to_use, self._names)

    def download(self, url: str, most: int, keep: int, via: Via = Via.DIRECT) -> Download | Unseen:
        return live_network.download(url, most, keep, via, self._proxy_to_use, names=self._names)

    def clock_offset(self) -> ClockOffset | Unseen:
        return live_network.clock_offset(self._clock, self._proxy_to_use, self._names)
