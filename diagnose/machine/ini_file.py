"""Ini files as vendors write them, read the way Windows' GetPrivateProfileString reads them.

Nothing in such a file is an error: a line that is neither a section nor `key=value` is passed over. Names compare
without case. A section that stands twice is one section; of a key that stands twice, the first one counts.
Values keep their quotes, `%` signs and everything behind a `;`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_COMMENTS = (";", "#")


@dataclass(frozen=True, slots=True)
class _Section:
    name: str
    values: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Folded key to (key as written, value)."""


class IniFile:
    """A parsed ini file; `parse` makes one from any text."""

    def __init__(self, sections: Mapping[str, _Section]) -> None:
        self._sections = sections

    @classmethod
    def parse(cls, text: str) -> IniFile:
        """Never raises. Keys before any section belong to the section ""."""
        sections: dict[str, _Section] = {}
        current = ""
        for raw in text.removeprefix("\ufeff").splitlines():
            line = raw.strip()
            if not line or line.startswith(_COMMENTS):
                continue
            if line.startswith("["):
                # Windows takes the rest of the line as the name when the closing bracket is missing.
                current = line[1 : line.rfind("]") if "]" in line else len(line)].strip()
                sections.setdefault(current.lower(), _Section(current))
                continue
            key, equals, value = line.partition("=")
            if equals:
                section = sections.setdefault(current.lower(), _Section(current))
                section.values.setdefault(key.strip().lower(), (key.strip(), value.strip()))
        return cls(sections)

    @property
    def sections(self) -> tuple[str, ...]:
        """Names as first written, in order; "" only when keys stand before any section."""
        return tuple(section.name for section in self._sections.values())

    def value(self, section: str, key: str) -> str | None:
        """The first value of `key`, without the spaces around it; "" when nothing stands behind the `=`."""
        found = self._sections.get(section.strip().lower())
        return found.values.get(key.strip().lower(), ("", None))[1] if found else None

    def items(self, section: str) -> tuple[tuple[str, str], ...]:
        """Keys and values of a section as first written, in order; empty when there is no such section."""
        found = self._sections.get(section.strip().lower())
        return tuple(found.values.values()) if found else ()
