"""The log files of a bundle: each redacted while it is read; what cannot be redacted stays out, and it is said why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing

from diagnose.bundle.archive import BundleWriter, MemberRefusedError
from diagnose.bundle.collect import CollectedFile, Flag, collect
from diagnose.bundle.manifest import (
    About,
    AbsentSource,
    Kind,
    LeftOut,
    LeftOutReason,
    Member,
    Period,
    Truncation,
)
from diagnose.bundle.plan import CollectionPlan, PlannedFile, PlannedSource, SourceState, Take
from diagnose.bundle.sizes import size_text
from diagnose.errors import InputError
from diagnose.machine.file_patterns import split_path
from diagnose.machine.file_reader import LockedFile
from diagnose.machine.interface import Machine
from diagnose.machine.values import Absent, Reason, Unseen
from diagnose.messages import message
from diagnose.redaction.engine import Redactor
from diagnose.redaction.stream import NotTextError, SourceText, redact_stream
from diagnose.redaction.tokens import Kind as Replaced
from diagnose.redaction.workers import Workers
from diagnose.text import Language

FOLDER = "logs"
_REASONS = {
    Reason.DENIED: LeftOutReason.DENIED,
    Reason.NOT_A_FILE: LeftOutReason.NOT_A_FILE,
}


class LogMembers:
    """Writes what a plan wants, and remembers what became of it."""

    def __init__(
        self,
        plan: CollectionPlan,
        source: Machine,
        redactor: Redactor,
        redact: Callable[[str], str],
        workers: Workers | None = None,
    ) -> None:
        self._plan = plan
        self._workers = workers
        self._source = source
        self._redactor = redactor
        self._redact = redact
        self._written: dict[str, list[Member]] = {}

    def write(self, writer: BundleWriter, progress: Callable[[int, int], None]) -> Iterator[LeftOut]:
        """What was left out. Raises InputError when the disk does not take what is written."""
        for file in self._plan.files:
            if not file.wanted:
                yield self._left_out(file, _reason_of_plan(file), _detail(file.problem))
        for collected in collect(self._plan, self._source, progress=progress):
            entry = collected.entry
            if collected.problem is not None and not collected.pieces:
                yield self._left_out(entry, _reason_of(collected.problem), _detail(collected.problem))
                continue
            try:
                self._written.setdefault(entry.source, []).append(self._add(writer, collected))
            except NotTextError:
                yield self._left_out(entry, LeftOutReason.NOT_TEXT, "")
            except MemberRefusedError as error:
                yield self._left_out(entry, error.reason, error.detail)
            except InputError:
                raise
            except Exception as error:
                # Whatever it is: what is not redacted does not leave. Its words may quote the file.
                yield self._left_out(entry, LeftOutReason.REDACTION_FAILED, type(error).__name__)

    def attached(self, language: Language) -> tuple[str, ...]:
        """One line for each source that is in the bundle."""
        return tuple(
            f"{source.title.in_language(language)}: "
            + ", ".join(f"{member.name} ({size_text(member.size)})" for member in self._written[source.id])
            for source in self._plan.sources
            if source.id in self._written
        )

    def absent(self, language: Language) -> tuple[str, ...]:
        """One line for each source of which nothing is in the bundle."""
        return tuple(
            f"{source.title.in_language(language)}: {self._redact(source.pattern)}{_left_out_note(source, language)}"
            for source in self._plan.sources
            if source.id not in self._written and source.state is not SourceState.NOT_APPLICABLE
        )

    def absent_sources(self) -> Iterator[AbsentSource]:
        for source in self._plan.sources:
            if source.state in (SourceState.ABSENT, SourceState.UNSEEN):
                yield AbsentSource(path=self._redact(source.pattern), detail=_detail(source.problem))

    def _add(self, writer: BundleWriter, collected: CollectedFile) -> Member:
        source = SourceText()
        before = dict(self._redactor.counts)
        name = self._member_name(collected.entry.path)
        with closing(redact_stream(collected.chunks, self._redactor, source, workers=self._workers)) as chunks:
            return writer.add(name, chunks, lambda: self._about(collected, source, before))

    def _member_name(self, path: str) -> str:
        shown = self._redact(path)
        parts = split_path(shown, self._source.platform)
        return "/".join((FOLDER, *parts)) if parts else f"{FOLDER}/{shown}"

    def _about(self, collected: CollectedFile, source: SourceText, before: Mapping[Replaced, int]) -> About:
        entry = collected.entry
        counts = self._redactor.counts
        return About(
            kind=Kind.LOG,
            source=self._redact(entry.path),
            source_size=collected.size,
            encoding="cp932" if source.cp932_lines else source.encoding,
            modified=entry.modified,
            period=Period(start=entry.begins, end=entry.modified),
            truncation=_truncation(collected),
            short_read=Flag.SHORT_READ in collected.flags,
            growing=Flag.GROWING in collected.flags,
            redactions={
                str(kind): count - before.get(kind, 0) for kind, count in counts.items() if count > before.get(kind, 0)
            },
        )

    def _left_out(self, file: PlannedFile, reason: LeftOutReason, detail: str) -> LeftOut:
        return LeftOut(path=self._redact(file.path), reason=reason, detail=detail)


def _left_out_note(source: PlannedSource, language: Language) -> str:
    unwanted = source.left_out and source.state is SourceState.FOUND
    return message("ticket-left-out").in_language(language) if unwanted else ""


def _truncation(collected: CollectedFile) -> Truncation | None:
    """None for a file that is there as a whole."""
    if not collected.left_out:
        return None
    head = sum(piece.length for piece in collected.pieces[:1] if piece.start == 0)
    rest = [piece.length for piece in collected.pieces if piece.start > 0]
    return Truncation(head=head, tail=sum(rest[-1:]), window=sum(rest[:-1]), left_out=collected.left_out)


def _reason_of_plan(file: PlannedFile) -> LeftOutReason:
    if file.take is Take.LEFT_OUT:
        return LeftOutReason.OPERATOR
    if file.take is Take.NO_ROOM:
        return LeftOutReason.LIMIT
    return LeftOutReason.UNREADABLE if file.problem is None else _reason_of(file.problem)


def _reason_of(problem: Absent | Unseen) -> LeftOutReason:
    if isinstance(problem, Absent):
        return LeftOutReason.VANISHED
    if isinstance(problem, LockedFile):
        return LeftOutReason.LOCKED
    return _REASONS.get(problem.reason, LeftOutReason.UNREADABLE)


def _detail(problem: Absent | Unseen | None) -> str:
    """A word of ours; the system's own words may name somebody."""
    return str(problem.reason) if isinstance(problem, Unseen) else ""
