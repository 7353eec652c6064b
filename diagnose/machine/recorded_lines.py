"""Lines that searches of large logs found, in a recording: lines.yaml. Of the logs, only the ends are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from diagnose.machine.file_patterns import fold_path
from diagnose.machine.line_search import MAX_LINE, FoundLine, FoundLines
from diagnose.machine.recording_format import NotNegative, Part, load_part
from diagnose.machine.values import Absent, Platform, Unseen

LINES_FILE = "lines.yaml"
Parts = tuple[str, ...]


class LinePart(Part, frozen=True):
    text: str
    number: NotNegative | None = None


class LinesPart(Part, frozen=True):
    """One search of one file: what was looked for, and what was found, the last line first."""

    file: str
    patterns: tuple[str, ...]
    complete: bool = True
    lines: tuple[LinePart, ...] = ()


def lines_parts(found: Iterable[FoundLines | Absent | Unseen]) -> tuple[LinesPart, ...]:
    """lines.yaml"""
    return tuple(
        LinesPart(
            item.path, item.patterns, item.complete, tuple(LinePart(line.text, line.number) for line in item.lines)
        )
        for item in found
        if isinstance(item, FoundLines)
    )


def load_lines(folder: Path, platform: Platform) -> dict[Parts, tuple[FoundLines, ...]]:
    """The searches of each file, by folded path. Raises InputError."""
    loaded = load_part(folder / LINES_FILE, tuple[LinesPart, ...])
    searches: dict[Parts, tuple[FoundLines, ...]] = {}
    for part in loaded[1] if loaded else ():
        folded = fold_path(part.file, platform)
        if folded is not None:
            lines = tuple(FoundLine(line.text[:MAX_LINE], line.number) for line in part.lines)
            found = FoundLines(part.file, part.patterns, lines, part.complete)
            searches[folded] = (*searches.get(folded, ()), found)
    return searches


def answer_from(
    path: str, patterns: Sequence[str], searches: Mapping[Parts, tuple[FoundLines, ...]], folded: Parts
) -> FoundLines | None:
    """What the recording knows of `patterns`, those that were looked for then; None when it knows nothing of them."""
    known = [found for found in searches.get(folded, ()) if set(found.patterns) & set(patterns)]
    if not known:
        return None
    looked = {pattern for found in known for pattern in found.patterns}
    lines = tuple(dict.fromkeys(line for found in known for line in found.lines))
    wanted = tuple(pattern for pattern in dict.fromkeys(patterns) if pattern in looked)
    return FoundLines(path, wanted, lines, all(found.complete for found in known))
