"""How much a bundle may hold: what the writer makes, every reader takes."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.bundle.problems import Fault
from diagnose.bundle.zip_format import MOST_MEMBERS, Entry


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes of content; `ratio` is content to compressed content."""

    members: int = 20_000
    member: int = 1 << 30
    total: int = 1 << 32
    directory: int = 16 << 20
    ratio: int = 200
    ratio_from: int = 64 << 20
    """Up to this size any ratio is harmless: a log may well be one line again and again."""

    def __post_init__(self) -> None:
        if self.members > MOST_MEMBERS:
            raise ValueError("more members than a zip holds")

    def fault(self, entry: Entry) -> Fault | None:
        """What speaks against reading a member, by its header."""
        if entry.size > self.member:
            return Fault.MEMBER_TOO_LARGE
        if entry.size > self.ratio_from and entry.size > self.ratio * entry.packed:
            return Fault.RATIO
        return None
