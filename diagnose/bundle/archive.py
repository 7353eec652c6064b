"""Writes a bundle: members as they come, then the proof, then the manifest, then the name.

Nothing half or unproven is ever part of it. A member whose content breaks off is cut off again; one in which the proof
finds an original value is taken out and listed as left out; anything else that goes wrong leaves no file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from types import TracebackType

import msgspec

from diagnose.bundle.aside import AsideFile
from diagnose.bundle.deflate import Codec, codec_of, fastest_library
from diagnose.bundle.limits import Limits
from diagnose.bundle.manifest import (
    LARGEST_MANIFEST,
    MANIFEST,
    About,
    AbsentSource,
    LeftOut,
    LeftOutReason,
    Manifest,
    Member,
    manifest_bytes,
)
from diagnose.bundle.names import TakenNames
from diagnose.bundle.problems import UnreadableError
from diagnose.bundle.proof import Search, free_texts, prove
from diagnose.bundle.zip_format import LARGEST, Entry, Stamp
from diagnose.bundle.zip_writer import ZipWriter
from diagnose.errors import InputError, Place
from diagnose.messages import message

LEVEL = 2
_RESERVE = 64 << 20
"""Bytes below 4 GiB kept for the manifest and the directory."""
_WITHHELD = "(withheld)"


class MemberRefusedError(Exception):
    """A member beyond the limits, which no reader would take; the archive is as it was."""

    reason = LeftOutReason.TOO_LARGE

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class BundleWriter:
    """A context manager around one archive; not for several threads at once."""

    def __init__(self, target: Path, stamp: Stamp, codec: Codec, limits: Limits) -> None:
        self._aside = AsideFile(target)
        self._zip = ZipWriter(self._aside, stamp, codec)
        self._limits = limits
        self._members: list[Member] = []
        self._content = 0
        self._names = TakenNames()
        self._names.take(MANIFEST)

    @classmethod
    def create(
        cls,
        target: Path,
        *,
        collected: datetime | None = None,
        codec: Codec | None = None,
        limits: Limits | None = None,
    ) -> BundleWriter:
        """`collected` is the time that all members get; None: 1980. The disk is touched by `with` only."""
        return cls(target, Stamp.of(collected), codec or codec_of(fastest_library(), LEVEL), limits or Limits())

    def __enter__(self) -> BundleWriter:
        """Raises InputError when the target cannot be written."""
        self._aside.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._aside.__exit__(kind, error, trace)

    @property
    def size(self) -> int:
        """Bytes of the archive so far, without its manifest."""
        return self._zip.whole_size

    def add(self, name: str, chunks: Iterable[bytes], about: Callable[[], About]) -> Member:
        """Write a member; `about` is asked once, after the last chunk.

        Whatever `chunks` or `about` raise passes through, and the archive is as it was before the call. Raises
        MemberRefusedError for a member beyond the limits, InputError when the disk does not take it.
        """
        stored = self._names.free_name(name)
        count = len(self._members)
        if count + 1 >= self._limits.members:
            raise MemberRefusedError("members")
        try:
            written = self._zip.append(stored, chunks, self._check)
            if self._limits.fault(written.entry) is not None:
                raise MemberRefusedError("ratio")
            known = msgspec.structs.asdict(about())
        except BaseException:
            if len(self._zip.entries) > count:
                self._zip.rewind(count)
            raise
        asked = "" if name == stored else name
        member = Member(**known, name=stored, asked_name=asked, size=written.entry.size, sha256=written.sha256)
        self._names.take(stored)
        self._content += member.size
        self._members.append(member)
        return member

    def finish(self, manifest: Manifest, search: Search) -> Manifest:
        """Prove, write the manifest, seal, give the archive its name. The manifest as it was written.

        Members, proof and whether it fits the ticket are filled in. Raises InputError; there is no file then.
        """
        leaking = self._leaking(search)
        left_out = (*manifest.left_out, *(self._leaked(number, kind, search) for number, kind in leaking.items()))
        self._zip.take_out(leaking.keys())
        members = tuple(member for number, member in enumerate(self._members) if number not in leaking)
        proof = search.record(len(members), sum(member.size for member in members))
        full = msgspec.structs.replace(
            manifest,
            members=members,
            left_out=tuple(_shown_left_out(one, search) for one in left_out),
            absent=tuple(_shown_absent(one, search) for one in manifest.absent),
            redaction=msgspec.structs.replace(manifest.redaction, proof=proof),
        )
        written = self._write_manifest(full, search)
        self._zip.close()
        self._aside.commit()
        return written

    def _leaking(self, search: Search) -> dict[int, str]:
        """Places of members in which an original value was found, and its kind."""
        try:
            with self._aside.told():
                return prove(self._aside.stream, self._zip.entries, self._members, search)
        except UnreadableError as error:
            # The disk gives back something else than was written.
            raise InputError(error.problem.message, Place(str(self._aside.target))) from None

    def _check(self, entry: Entry) -> None:
        if entry.size > self._limits.member:
            raise MemberRefusedError("size")
        if self._content + entry.size > self._limits.total or entry.end > LARGEST - _RESERVE:
            raise MemberRefusedError("total")

    def _leaked(self, number: int, kind: str, search: Search) -> LeftOut:
        member = self._members[number]
        shown = (text for text in (member.source, member.name) if text and not search.kind_in(text))
        return LeftOut(path=next(shown, _WITHHELD), reason=LeftOutReason.PROOF_FAILED, detail=kind)

    def _write_manifest(self, manifest: Manifest, search: Search) -> Manifest:
        """It is searched before it is written: every text in it that is not a word or a number of ours."""
        if (kind := search.kind_in("\n".join(free_texts(manifest)))) is not None:
            raise InputError(message("bundle-manifest-leaks", kind=kind), Place(str(self._aside.target)))
        ticket = manifest.limits.ticket
        members = len(self._zip.entries)
        for fits in (True, False):
            limits = msgspec.structs.replace(manifest.limits, fits=None if ticket is None else fits)
            written = msgspec.structs.replace(manifest, limits=limits)
            rendered = manifest_bytes(written)
            if len(rendered) > LARGEST_MANIFEST:
                raise InputError(message("file-too-large", limit=LARGEST_MANIFEST), Place(MANIFEST))
            self._zip.rewind(members)
            self._zip.append(MANIFEST, [rendered], lambda _: None)
            if ticket is None or self._zip.whole_size <= ticket:
                break
        return written


def _shown_left_out(left_out: LeftOut, search: Search) -> LeftOut:
    if search.kind_in(f"{left_out.path}\n{left_out.detail}"):
        return LeftOut(path=_WITHHELD, reason=left_out.reason)
    return left_out


def _shown_absent(absent: AbsentSource, search: Search) -> AbsentSource:
    return AbsentSource(path=_WITHHELD) if search.kind_in(f"{absent.path}\n{absent.detail}") else absent
