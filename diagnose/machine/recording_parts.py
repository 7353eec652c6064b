"""What a run has seen as the typed records of the YAML files of a recording."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar, cast

from diagnose import __version__
from diagnose.machine.file_patterns import join_path
from diagnose.machine.recorded_certificates import is_der
from diagnose.machine.recorded_commands import command_question
from diagnose.machine.recorded_signatures import blob_name
from diagnose.machine.recorder_files import FilesSeen
from diagnose.machine.recorder_seen import Seen
from diagnose.machine.recording_format import (
    AbsentPart,
    Architecture,
    CertificatePart,
    ClockPart,
    CommandPart,
    DiskPart,
    DnsPart,
    DownloadPart,
    EventLogPart,
    EventPart,
    HttpPart,
    ListeningPart,
    MachinePart,
    MemoryPart,
    NetworkPart,
    OsPart,
    PartialPart,
    ProcessorPart,
    ProcessPart,
    ProxyPart,
    RecordingPart,
    SecurityProductPart,
    ServicePart,
    ServiceStart,
    ServiceStatus,
    SignaturePart,
    TcpPart,
    TlsPart,
    UnseenPart,
    question,
)
from diagnose.machine.recording_registry import writable
from diagnose.machine.text_file import decode_text
from diagnose.machine.values import (
    Absent,
    Certificate,
    ClockOffset,
    CommandResult,
    DnsAnswer,
    DnsStatus,
    Download,
    Event,
    FileSignature,
    HttpAnswer,
    RegistryKey,
    Service,
    Store,
    System,
    TcpAnswer,
    TlsAnswer,
    Unseen,
)

A = TypeVar("A")
P = TypeVar("P")


def machine_part(seen: Seen, stored_as: Mapping[str, str]) -> MachinePart:
    """machine.yaml; `stored_as` tells which files lie under another name."""
    system = seen.system
    known = {state.path: info for state in seen.files.states.values() if (info := state.known_info()) is not None}
    return MachinePart(
        platform=seen.platform,
        now=seen.now.isoformat(),
        hostname=system.hostname,
        os=_os(system),
        architecture=cast("Architecture | None", system.architecture),
        processor=ProcessorPart(cores=system.cores, mhz=system.mhz),
        memory=MemoryPart(total_mb=system.memory_total_mb, available_mb=system.memory_available_mb),
        disks=_each(seen.disks, lambda d: DiskPart(path=d.path, total_mb=d.total_mb, free_mb=d.free_mb)),
        boot_time=system.boot_time.isoformat() if system.boot_time else None,
        elevated=system.elevated,
        services=_each(seen.services, _service),
        processes=_each(seen.processes, lambda p: ProcessPart(name=p.name, pid=p.pid, path=p.path)),
        listening=_each(seen.listening, lambda p: ListeningPart(address=p.address, port=p.port, process=p.process)),
        hotfixes=_each(seen.hotfixes, str),
        security_products=_each(seen.security_products, lambda p: SecurityProductPart(name=p.name, state=p.state)),
        file_times={path: info.modified.isoformat() for path, info in sorted(known.items()) if info.modified},
        recording=_recording(seen, stored_as),
    )


def command_parts(seen: Seen) -> tuple[CommandPart, ...]:
    """commands.yaml"""
    return tuple(
        part for argv, found in seen.commands.items() if argv and (part := _command(argv, found)) is not None
    )  # fmt: skip


def event_parts(seen: Seen) -> tuple[EventLogPart, ...]:
    """events.yaml"""
    logs = ((name, found) for name, found in seen.events.items() if not isinstance(found, Unseen))
    return tuple(
        EventLogPart(log=found.where, missing=True)
        if isinstance(found, Absent)
        else EventLogPart(log=found[0].log if found else name, events=tuple(map(_event, found)))
        for name, found in logs
    )


def network_part(seen: Seen) -> NetworkPart:
    """network.yaml"""
    clock = seen.clock
    return NetworkPart(
        dns=tuple(_dns(found) for found in seen.dns.values() if isinstance(found, DnsAnswer)),
        tcp=tuple(
            TcpPart(host=found.host, port=found.port, result=found.status, dead=found.dead)
            for found in seen.tcp.values()
            if isinstance(found, TcpAnswer)
        ),
        tls=tuple(_tls(found) for found in seen.tls.values() if isinstance(found, TlsAnswer)),
        http=tuple(_http(found) for found in seen.http.values() if isinstance(found, HttpAnswer)),
        downloads=tuple(_download(found) for found in seen.downloads.values() if isinstance(found, Download)),
        clock=ClockPart(offset_s=clock.seconds, source=clock.source) if isinstance(clock, ClockOffset) else None,
    )


def keys_read(seen: Seen) -> tuple[RegistryKey, ...]:
    """The keys that go into the registry files."""
    return tuple(key for key in seen.registry.values() if isinstance(key, RegistryKey) and writable(key.where))


def stores_read(seen: Seen) -> dict[Store, tuple[Certificate, ...]]:
    """The stores that go into `certificates/`: those of which every certificate can be read back."""
    return {
        store: found
        for store, found in seen.certificates.items()
        if not isinstance(found, Unseen) and all(is_der(certificate.der) for certificate in found)
    }


def _recording(seen: Seen, stored_as: Mapping[str, str]) -> RecordingPart:
    states = sorted(seen.files.states.values(), key=lambda state: state.path)
    absent_keys = (key.where for key in seen.registry.values() if isinstance(key, Absent))
    infos = [(state, info) for state in states if (info := state.known_info()) is not None]
    return RecordingPart(
        tool=f"diagnose {__version__}",
        registry=tuple(sorted(key.where for key in keys_read(seen))),
        absent=AbsentPart(
            registry=tuple(sorted(absent_keys)), files=tuple(state.path for state in states if state.absent)
        ),
        folders=tuple(sorted(listing.pattern for listing in seen.files.listings.values())),
        file_sizes={state.path: info.size for state, info in infos if not info.is_folder},
        directories=tuple(state.path for state, info in infos if info.is_folder),
        partial_files={
            state.path: PartialPart(size=state.content.size, offset=state.content.offset)
            for state in states
            if state.content is not None and not state.content.whole
        },
        stored_as=dict(stored_as),
        signatures={
            found.path: _signature(found) for found in seen.signatures.values() if isinstance(found, FileSignature)
        },
        certificates={
            store: tuple(CertificatePart(sha1=certificate.sha1, where=certificate.where) for certificate in found)
            for store, found in stores_read(seen).items()
        },
        proxies=_each(
            seen.proxies, lambda p: ProxyPart(owner=p.owner, url=p.url, where=p.where, pac_url=p.pac_url)
        ),
        unseen=tuple(
            UnseenPart(what=what, reason=unseen.reason, where=unseen.where, detail=unseen.detail)
            for what, unseen in _unseen(seen)
        ),
    )  # fmt: skip


def _unseen(seen: Seen) -> Iterator[tuple[str, Unseen]]:
    """Every question that got no answer, by the name that the reader of a recording knows it by."""
    lists: dict[str, object] = {
        "services": seen.services,
        "processes": seen.processes,
        "listening": seen.listening,
        "disks": seen.disks,
        "hotfixes": seen.hotfixes,
        "security_products": seen.security_products,
        "proxies": seen.proxies,
        "clock": seen.clock,
        **{question("certificates", store): found for store, found in seen.certificates.items()},
        **{question("events", log): found for log, found in seen.events.items()},
        **{question("registry", key): found for key, found in seen.registry.items()},
        **{command_question(argv): found for argv, found in seen.commands.items()},
        **{question("DNS", resolver, name): found for (name, resolver), found in seen.dns.items()},
        **{question("TCP", f"{host}:{port}"): found for (host, port), found in seen.tcp.items()},
        **{str(asked): found for asked, found in seen.tls.items()},
        **{question("HTTP", via, url): found for (url, via), found in seen.http.items()},
        **{question("download", via, url): found for (url, via), found in seen.downloads.items()},
    }
    for what, found in lists.items():
        if isinstance(found, Unseen):
            yield what, found
    yield from _unseen_files(seen, seen.files)


def _unseen_files(seen: Seen, files: FilesSeen) -> Iterator[tuple[str, Unseen]]:
    for parts, state in files.states.items():
        path = join_path(parts, seen.platform)
        if state.info_unseen is not None:
            yield question("file_info", path), state.info_unseen
        if state.read_unseen is not None:
            yield question("read_file", path), state.read_unseen
    for parts, found in seen.signatures.items():
        if isinstance(found, Unseen):
            yield question("signature", join_path(parts, seen.platform)), found
    for (parts, _), answer in seen.lines.items():
        if isinstance(answer, Unseen):
            yield question("find_lines", join_path(parts, seen.platform)), answer
    for parts, unseen in files.unseen_listings.items():
        yield question("find_files", join_path(parts, seen.platform)), unseen


def _each(found: Iterable[A] | Unseen | None, make: Callable[[A], P]) -> tuple[P, ...] | None:
    return None if found is None or isinstance(found, Unseen) else tuple(map(make, found))


def _os(system: System) -> OsPart:
    return OsPart(
        name=system.os_name,
        version=system.os_version,
        build=system.os_build,
        ubr=system.os_ubr,
        language=system.os_language,
        server=system.os_server,
    )


def _event(event: Event) -> EventPart:
    return EventPart(
        provider=event.provider,
        id=event.id,
        level=event.level,
        time=event.time.isoformat() if event.time else None,
        message=event.message,
    )


def _signature(found: FileSignature) -> SignaturePart:
    return SignaturePart(
        size=found.size,
        form=found.form,
        digests=dict(found.digests),
        stored=tuple(map(blob_name, found.blobs)),
        detail=found.detail,
    )


def _service(service: Service) -> ServicePart:
    return ServicePart(
        name=service.name,
        display_name=service.display_name,
        status=cast("ServiceStatus", service.status),
        start=cast("ServiceStart", service.start),
        path=service.path,
    )


def _command(argv: tuple[str, ...], found: CommandResult | Absent | Unseen) -> CommandPart | None:
    match found:
        case Unseen():
            return None
        case Absent():
            return CommandPart(argv=argv, missing=True)
        case CommandResult():
            stdout, stdout_base64 = _output(found.stdout)
            stderr, stderr_base64 = _output(found.stderr)
            return CommandPart(
                argv=found.argv,
                exit=found.exit_code,
                stdout=stdout,
                stderr=stderr,
                stdout_base64=stdout_base64,
                stderr_base64=stderr_base64,
            )


def _output(data: bytes) -> tuple[str, str | None]:
    """Readable text, and the bytes themselves where the text alone would not give them back."""
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError:
        return decode_text(data).text, base64.b64encode(data).decode("ascii")


def _dns(found: DnsAnswer) -> DnsPart:
    answers = found.addresses if found.status is DnsStatus.ANSWERED else found.status.value
    return DnsPart(
        name=found.name,
        resolver=found.resolver,
        answers=answers,
        server=found.server,
        transport=found.transport,
        silent=found.silent,
    )


def _tls(found: TlsAnswer) -> TlsPart:
    return TlsPart(
        host=found.host,
        port=found.port,
        result=found.status,
        issuer=found.issuer or None,
        subject=found.subject or None,
        not_after=found.not_after.isoformat() if found.not_after else None,
        error=found.error or None,
        more_errors=found.more_errors,
        chain=found.chain,
        version=found.version or None,
        via=found.via,
        address=found.address,
    )


def _http(found: HttpAnswer) -> HttpPart:
    return HttpPart(
        url=found.url,
        via=found.via,
        status=found.status,
        body=found.body or None,
        bytes=found.size,
        error=found.error or None,
        headers=dict(found.headers),
    )


def _download(found: Download) -> DownloadPart:
    body, body_base64 = _output(found.start)
    return DownloadPart(
        url=found.url,
        via=found.via,
        status=found.status,
        body=body,
        body_base64=body_base64,
        bytes=found.size,
        declared=found.declared,
        error=found.error or None,
    )
