"""What was seen of one thing on every computer, kept small: two bytes a computer, eight more where it is a number.

Three kinds of nothing stay apart: nobody looked for it (NOT_ASKED: another version, a step that was skipped), it was
looked for and could not be seen (UNSEEN), and it was seen not to be there (ABSENT), which is a value like any other.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence
from enum import Enum

NOT_ASKED, UNSEEN, ABSENT, FALSE, TRUE, NUMBER, UNUSABLE = range(7)
FIRST_TEXT = 7
MOST_TEXTS = 5_000
"""Different texts of one column; with more it identifies a computer and explains nothing."""
LONGEST_TEXT = 200
"""Characters of a value that are compared; longer ones keep their beginning and a digest."""
MOST_ITEMS = 64
"""Of a list; a longer one is a log and not a property."""


class Nothing(Enum):
    """Kinds of nothing that are given as a value; None is the third: it could not be seen."""

    ABSENT = "absent"
    NOT_ASKED = "not asked"


Plain = str | float | bool | tuple[str, ...] | Nothing | None
"""A value: None could not be seen, a tuple is a list without order."""


class Column:
    """Values by row, in the order of the rows. A row that is passed over was not asked."""

    __slots__ = ("codes", "name", "numbers", "texts", "unusable")

    def __init__(self, name: str) -> None:
        self.name = name
        self.codes = array("H")
        self.numbers: array[float] | None = None
        self.texts: dict[str | tuple[str, ...], int] = {}
        self.unusable: str | None = None
        """Why nothing can be compared: `structured`, `identifier`."""

    def add(self, row: int, value: object) -> None:
        """Rows come in order; the first value of a row that was seen stays."""
        codes = self.codes
        length = len(codes)
        if length > row:
            if codes[row] != UNSEEN or value is None:
                return
            del codes[row:]
            if self.numbers is not None:
                del self.numbers[row:]
        elif length < row:
            codes.extend([NOT_ASKED] * (row - length))
            if self.numbers is not None:
                self.numbers.extend([0.0] * (row - length))
        code, number = self._code(value)
        codes.append(code)
        if self.numbers is not None:
            self.numbers.append(number)
        elif code == NUMBER:
            self.numbers = array("d", bytes(8 * row))
            self.numbers.append(number)

    def _code(self, value: object) -> tuple[int, float]:
        if isinstance(value, str):
            return self._text(value), 0.0
        if value is None:
            return UNSEEN, 0.0
        if isinstance(value, bool):
            return (TRUE if value else FALSE), 0.0
        if isinstance(value, int | float):
            return self._number(value)
        if isinstance(value, list | tuple):
            return self._list(value), 0.0
        if value is not Nothing.ABSENT:
            self.unusable = "structured"
        return (ABSENT if value is Nothing.ABSENT else UNUSABLE), 0.0

    def _number(self, value: float) -> tuple[int, float]:
        try:
            number = float(value)
        except OverflowError:  # an integer of more than 308 digits
            number = math.inf
        return (NUMBER, number) if math.isfinite(number) else (self._text("…"), 0.0)

    def _text(self, text: str) -> int:
        found = self.texts.get(text)
        if found is not None:
            return found
        return self._new(text if len(text) <= LONGEST_TEXT else _shortened(text))

    def _list(self, items: Sequence[object]) -> int:
        if len(items) > MOST_ITEMS or any(isinstance(item, list | tuple | dict) for item in items):
            self.unusable = "structured"
            return UNUSABLE
        return self._new(tuple(sorted({_shortened(_item(item)) for item in items})))

    def _new(self, key: str | tuple[str, ...]) -> int:
        found = self.texts.get(key)
        if found is not None:
            return found
        if len(self.texts) >= MOST_TEXTS:
            self.unusable = "identifier"
        if self.unusable is not None:
            return UNUSABLE
        code = self.texts[key] = FIRST_TEXT + len(self.texts)
        return code

    def values(self, rows: Sequence[int]) -> Iterator[Plain]:
        """The value of each row; what cannot be compared counts as unseen."""
        names = list(self.texts)
        fixed: dict[int, Plain] = {NOT_ASKED: Nothing.NOT_ASKED, ABSENT: Nothing.ABSENT, FALSE: False, TRUE: True}
        length = len(self.codes)
        for row in rows:
            code = self.codes[row] if row < length else NOT_ASKED
            if code == NUMBER and self.numbers is not None:
                yield self.numbers[row]
            elif code >= FIRST_TEXT:
                yield names[code - FIRST_TEXT]
            else:
                yield fixed.get(code)


def _item(item: object) -> str:
    if isinstance(item, bool) or item is None:
        return {None: "null", True: "true", False: "false"}[item]
    if isinstance(item, float) and item.is_integer() and abs(item) < 1e15:
        return str(int(item))
    return str(item) if not isinstance(item, int) or abs(item) < 10**4000 else "…"


def _shortened(text: str) -> str:
    if len(text) <= LONGEST_TEXT:
        return text
    import hashlib

    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{text[: LONGEST_TEXT - 10]}…{digest}"
