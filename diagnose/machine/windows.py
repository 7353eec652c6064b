"""A live Windows computer as a `Machine`; the `windows_*` modules and `diagnose.network` do the work."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import PureWindowsPath

from diagnose.machine import live_network, live_system, windows_registry
from diagnose.machine.file_reader import FileReader
from diagnose.machine.interface import READ_LIMIT
from diagnose.machine.line_search import FoundLines, lines_of
from diagnose.machine.proxy_settings import environment_proxies, windows_proxies
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
from diagnose.machine.windows_files import WindowsFiles
from diagnose.machine.windows_system import architecture, is_redirected, system_folder
from diagnose.network.libraries import load_libraries
from diagnose.network.name_lookup import LookUps

_ENVIRONMENT = "environment"
_RESOLVER_URL = "https://1.1.1.1/"
_ROOT_POLICY = r"HKLM\SOFTWARE\Policies\Microsoft\SystemCertificates\AuthRoot"
_LOCAL_SYSTEM = "S-1-5-18"
_PEOPLE = ("S-1-5-21-", "S-1-12-1-")
"""How identifiers of people begin: of this computer or a domain, and of Entra ID."""


class WindowsMachine:
    """Reads this computer. Every method may be called from several threads."""

    def __init__(self, clock: Callable[[], datetime], environ: Mapping[str, str] | None = None) -> None:
        """`clock` gives an aware datetime; `environ` stands for the environment of this process."""
        self._clock = clock
        self._environ = dict(os.environ if environ is None else environ)
        self._names = LookUps().look_up
        self._architecture = architecture()
        self._system_folder = system_folder()
        self._asking_services = threading.Lock()
        redirected = is_redirected()
        self._files = WindowsFiles(self._system_folder if redirected else None)
        self._program_folder = str(
            PureWindowsPath(self._system_folder).with_name("Sysnative" if redirected else "System32")
        )

    @property
    def platform(self) -> Platform:
        return Platform.WINDOWS

    @property
    def recorded(self) -> bool:
        return False

    def now(self) -> datetime:
        return self._clock()

    def system(self) -> System:
        from diagnose.machine import windows_system

        return windows_system.system(self.registry_key, self._clock().tzinfo)

    def registry_key(self, key: str, view: View = View.NATIVE) -> RegistryKey | Absent | Unseen:
        return windows_registry.registry_key(key, view, self._architecture)

    def file_info(self, path: str) -> FileInfo | Absent | Unseen:
        return self._files.file_info(path)

    def read_file(self, path: str, limit: int = READ_LIMIT) -> FileContent | Absent | Unseen:
        return self._files.read_file(path, limit)

    def open_file(self, path: str) -> FileReader | Absent | Unseen:
        return self._files.open_file(path)

    def signature(self, path: str) -> FileSignature | Absent | Unseen:
        from diagnose.machine.signed_file import signature_of

        return signature_of(path, self.open_file(path))

    def find_lines(self, path: str, patterns: Sequence[str], timeout_s: float = 10.0) -> FoundLines | Absent | Unseen:
        return lines_of(path, self.open_file(path), patterns, timeout_s)

    def find_files(self, pattern: str) -> tuple[FileInfo, ...] | Unseen:
        return self._files.find_files(pattern)

    def services(self) -> tuple[Service, ...] | Unseen:
        from diagnose.machine import windows_services

        # Two who ask at the same time are mixed up by the service manager of Wine.
        with self._asking_services:
            return windows_services.services(self.registry_key)

    def processes(self) -> tuple[Process, ...] | Unseen:
        return live_system.processes()

    def listening_ports(self) -> tuple[ListeningPort, ...] | Unseen:
        return live_system.listening_ports()

    def disks(self) -> tuple[Disk, ...] | Unseen:
        from diagnose.machine import windows_system

        return windows_system.disks()

    def hotfixes(self) -> tuple[str, ...] | Unseen:
        from diagnose.machine import windows_inventory

        return windows_inventory.hotfixes(self.registry_key)

    def security_products(self) -> tuple[SecurityProduct, ...] | Unseen:
        from diagnose.machine import windows_inventory

        return windows_inventory.security_products(self.registry_key)

    def events(self, log: str) -> tuple[Event, ...] | Absent | Unseen:
        from diagnose.machine import windows_events

        return windows_events.events(log)

    def certificates(self, store: Store) -> tuple[Certificate, ...] | Unseen:
        from diagnose.machine import windows_certificates

        return windows_certificates.certificates(store)

    def proxies(self) -> tuple[ProxySetting, ...] | Unseen:
        from_environment = environment_proxies(self._environ, _ENVIRONMENT)
        settings = windows_proxies(self.registry_key, tuple(self._user_hives()))
        return from_environment if isinstance(settings, Unseen) else settings + from_environment

    def run(self, argv: Sequence[str], timeout_s: float = 10.0) -> CommandResult | Absent | Unseen:
        from diagnose.machine import windows_commands

        return windows_commands.run(argv, timeout_s, self._environ, self._program_folder)

    def resolve(self, name: str, resolver: Resolver) -> DnsAnswer | Unseen:
        from diagnose.machine import windows_adapters

        return live_network.resolve(
            name, resolver, windows_adapters.nameservers, lambda: self._proxy_to_use(_RESOLVER_URL), self._names
        )

    def connect(self, host: str, port: int) -> TcpAnswer | Unseen:
        return live_network.connect(host, port, self._names)

    def handshake(self, host: str, port: int, via: Via = Via.DIRECT, address: str = "") -> TlsAnswer | Unseen:
        load_libraries()
        from diagnose.network.tls_trust import Trust

        anchors = self.certificates(Store.ROOT)
        if isinstance(anchors, Unseen):
            return anchors
        helpers = self.certificates(Store.CA)
        trust = Trust(
            anchors=tuple(certificate.der for certificate in anchors),
            public=live_network.public_authorities(),
            helpers=tuple(certificate.der for certificate in helpers) if isinstance(helpers, tuple) else (),
            fetches_public=self._fetches_roots(),
        )
        way = live_network.Way(via, address, lambda: self._proxy_to_use(f"https://{host}:{port}/"), self._names)
        return live_network.handshake(host, port, trust, self._clock(), way)

    def fetch(self, url: str, via: Via = Via.DIRECT) -> HttpAnswer | Unseen:
        return live_network.fetch(url, via, lambda: self._proxy_to_use(url), self._names)

    def download(self, url: str, most: int, keep: int, via: Via = Via.DIRECT) -> Download | Unseen:
        return live_network.download(url, most, keep, via, lambda: self._proxy_to_use(url), names=self._names)

    def clock_offset(self) -> ClockOffset | Unseen:
        return live_network.clock_offset(
            self._clock, lambda: self._proxy_to_use(f"http://{live_network.CLOCK_HOSTS[0]}/"), self._names
        )

    def _proxy_to_use(self, url: str) -> str | None:
        """The first that is set, or else what the first script chooses for this URL."""
        proxies = self.proxies()
        if isinstance(proxies, Unseen):
            return None
        named = next((setting.url for setting in proxies if setting.url), None)
        script = next((setting.pac_url for setting in proxies if setting.pac_url), None)
        if named is not None or script is None:
            return named
        from diagnose.machine.windows_pac import proxy_by_script

        return proxy_by_script(url, script)

    def _fetches_roots(self) -> bool:
        policy = self.registry_key(_ROOT_POLICY)
        values = policy.values.items() if isinstance(policy, RegistryKey) else ()
        return not any(name.lower() == "disablerootautoupdate" and value.data in (1, "1") for name, value in values)

    def _user_hives(self) -> Iterator[str]:
        """Whose settings count as "the user's": our own, and those of everybody else who is signed in.

        A helpdesk often runs elevated under another account, or as the system; the settings that matter are then
        those of the person in front of the screen.
        """
        from diagnose.machine.windows_system import user_sid

        sid = user_sid()
        users = self.registry_key("HKU")
        others = [
            name
            for name in (users.subkeys if isinstance(users, RegistryKey) else ())
            if name.startswith(_PEOPLE) and not name.endswith("_Classes") and name != sid
        ]
        if sid != _LOCAL_SYSTEM or not others:
            yield "HKCU"
        yield from (f"HKU\\{name}" for name in others)
