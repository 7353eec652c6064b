"""Small bundles, whole ones from the writer and hostile ones made by hand."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from diagnose.bundle.archive import BundleWriter
from diagnose.bundle.limits import Limits
from diagnose.bundle.manifest import (
    MANIFEST,
    About,
    Kind,
    Manifest,
    Member,
    Proof,
    Redaction,
    manifest_bytes,
)
from diagnose.bundle.problems import Fault
from diagnose.bundle.proof import Search
from diagnose.bundle.verify import VerifyReport, verify
from diagnose.bundle.zip_format import (
    CENTRAL,
    DEFLATED,
    LOCAL,
    STORED,
    Entry,
    Stamp,
    central_header,
    end_record,
    local_header,
    seal,
)

CREATED = datetime(2026, 11, 21, 9, 0, 2, tzinfo=UTC)
NOTHING = Search((), 0, ())
LOG = About(kind=Kind.LOG, source="C:\\Program Files\\Agent\\更新.log")
FILES: Mapping[str, bytes] = {
    "logs/更新.log": "接続できません\r\n".encode() * 50,
    "machine/machine.yaml": b"platform: windows\n",
    "machine/files/C/a b.txt": b"",
    "result.json": bytes(range(256)),
}


def plain_manifest(**changes: Any) -> Manifest:
    manifest = Manifest(tool_version="1.0", rules_digest="ab", created=CREATED, run_id="run-1", language="ja")
    return msgspec.structs.replace(manifest, **changes)


def describe(about: About = LOG) -> Callable[[], About]:
    return lambda: about


def write(
    target: Path,
    files: Mapping[str, Iterable[bytes] | bytes] = FILES,
    search: Search = NOTHING,
    manifest: Manifest | None = None,
    limits: Limits | None = None,
) -> Manifest:
    with BundleWriter.create(target, collected=CREATED, limits=limits) as writer:
        for name, content in files.items():
            writer.add(name, [content] if isinstance(content, bytes) else content, describe())
        return writer.finish(manifest or plain_manifest(), search)


@dataclass(frozen=True, slots=True)
class Part:
    """One member as it will stand in the file; `central` may lie."""

    local: bytes
    data: bytes
    central: Entry
    flags: int | None = None
    attributes: int | None = None
    extra: bytes = b""
    raw_name: bytes | None = None

    def record(self, offset: int) -> bytes:
        entry = replace(self.central, offset=offset)
        record = bytearray(central_header(entry))
        name = bytes(record[CENTRAL.size :]) if self.raw_name is None else self.raw_name
        if self.flags is not None:
            record[8:10] = self.flags.to_bytes(2, "little")
        if self.attributes is not None:
            record[38:42] = self.attributes.to_bytes(4, "little")
        record[28:30] = len(name).to_bytes(2, "little")
        record[30:32] = len(self.extra).to_bytes(2, "little")
        return bytes(record[: CENTRAL.size]) + name + self.extra


def part(name: str, data: bytes, *, deflate: bool = True) -> Part:
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = packer.compress(data) + packer.flush() if deflate else data
    method = DEFLATED if deflate else STORED
    entry = Entry(name, method, Stamp.of(None), zlib.crc32(data), len(packed), len(data), 0)
    return Part(local_header(entry), packed, entry)


def raw_name(one: Part, name: bytes) -> Part:
    """The same member under a name that is not even text."""
    local = bytearray(one.local[: LOCAL.size])
    local[26:28] = len(name).to_bytes(2, "little")
    return replace(one, local=bytes(local) + name, raw_name=name)


def pack(parts: Iterable[Part], *, sealed: bool = True, offsets: Mapping[int, int] | None = None) -> bytes:
    """An archive of parts as they are; `offsets` lies about where some begin."""
    data = b""
    directory = b""
    count = 0
    for number, one in enumerate(parts):
        offset = (offsets or {}).get(number, len(data))
        directory += one.record(offset)
        data += one.local + one.data
        count += 1
    end = end_record(count, len(directory), len(data), len(seal("0" * 64)) if sealed else 0)
    whole = data + directory + end
    return sign(whole) if sealed else whole


def sign(unsealed: bytes) -> bytes:
    before = unsealed + seal("")
    return before + hashlib.sha256(before).hexdigest().encode()


def member(name: str, data: bytes) -> Member:
    return Member(kind=Kind.LOG, name=name, size=len(data), sha256=hashlib.sha256(data).hexdigest())


def proven(members: Iterable[Member]) -> Manifest:
    listed = tuple(members)
    size = sum(one.size for one in listed)
    proof = Proof(values=0, patterns=0, encodings=(), members=len(listed), bytes_searched=size, hits=0)
    return plain_manifest(members=listed, redaction=Redaction(proof=proof))


def with_manifest(files: Mapping[str, bytes], manifest: Manifest | bytes | None = None) -> list[Part]:
    """Parts of a bundle in which everything is right, unless `manifest` says otherwise."""
    told = proven(member(name, data) for name, data in files.items()) if manifest is None else manifest
    rendered = told if isinstance(told, bytes) else manifest_bytes(told)
    return [*(part(name, data) for name, data in files.items()), part(MANIFEST, rendered)]


def report_of(data: bytes, folder: Path, limits: Limits | None = None) -> VerifyReport:
    path = folder / "bundle.zip"
    path.write_bytes(data)
    return verify(path, limits)


def faults(data: bytes, folder: Path, limits: Limits | None = None) -> list[Fault]:
    return [problem.fault for problem in report_of(data, folder, limits).problems]
