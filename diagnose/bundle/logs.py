"""The log files of a bundle: each redacted while it is read; what cannot be redacted stays out, and it is said why."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
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
from diagnose.redaction.stream import NotTextError, RedactedStream, SourceText
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
        for planned in self._plan.files:
            if not planned.wanted:
                yield self._left_out(planned, _reason_of_plan(planned), _detail(planned.problem))
        files = _Files(collect(self._plan, self._source, progress=progress), self._redactor, self._workers)
        while (file := files.next()) is not None:
            entry, problem = file.collected.entry, file.collected.problem
            if problem is not None and not file.collected.pieces:
                yield self._left_out(entry, _reason_of(problem), _detail(problem))
                continue
            try:
                self._written.setdefault(entry.source, []).append(self._add(writer, file, files.begin))
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

    def _add(self, writer: BundleWriter, file: _File, read_out: Callable[[], object]) -> Member:
        name = self._member_name(file.collected.entry.path)
        with closing(file.pieces(read_out)) as chunks:
            return writer.add(name, chunks, lambda: self._about(file))

    def _member_name(self, path: str) -> str:
        shown = self._redact(path)
        parts = split_path(shown, self._source.platform)
        return "/".join((FOLDER, *parts)) if parts else f"{FOLDER}/{shown}"

    def _about(self, file: _File) -> About:
        collected, source = file.collected, file.source
        entry = collected.entry
        return About(
            kind=Kind.LOG,
            source=self._redact(entry.path),
            source_size=collected.size,
            encoding="cp932" if source.cp932 else source.encoding,
            modified=entry.modified,
            period=Period(start=entry.begins, end=entry.modified),
            truncation=_truncation(collected),
            short_read=Flag.SHORT_READ in collected.flags,
            growing=Flag.GROWING in collected.flags,
            redactions={str(kind): count for kind, count in file.stream.counts.items()},
        )

    def _left_out(self, file: PlannedFile, reason: LeftOutReason, detail: str) -> LeftOut:
        return LeftOut(path=self._redact(file.path), reason=reason, detail=detail)


class _File:
    """A collected file and its redacted text."""

    def __init__(self, collected: CollectedFile, redactor: Redactor, workers: Workers | None) -> None:
        self.collected = collected
        self.source = SourceText()
        self.stream = RedactedStream(collected.chunks, redactor, self.source, workers=workers)
        self._problem: Exception | None = None

    def begin(self) -> None:
        """What goes wrong is told when its turn comes."""
        try:
            self.stream.begin()
        except Exception as error:
            self._problem = error

    def pieces(self, read_out: Callable[[], object]) -> Generator[bytes, None, None]:
        if self._problem is not None:
            raise self._problem
        yield from self.stream.pieces(read_out)


class _Files:
    """The collected files in their order; the next one begins while workers are still busy with the end of one."""

    def __init__(self, collected: Iterator[CollectedFile], redactor: Redactor, workers: Workers | None) -> None:
        self._collected = collected
        self._redactor = redactor
        self._workers = workers
        self._begun: _File | None = None

    def next(self) -> _File | None:
        file, self._begun = self._begun or self._open(), None
        return file

    def begin(self) -> None:
        """Called when one is read to its end."""
        if self._workers is not None and self._begun is None:
            self._begun = self._open()
            if self._begun is not None:
                self._begun.begin()

    def _open(self) -> _File | None:
        found = next(self._collected, None)
        return None if found is None else _File(found, self._redactor, self._workers)


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
