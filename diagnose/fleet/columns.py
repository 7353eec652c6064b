"""What was seen of one thing on every computer, kept small: two bytes a computer, eight more where it is a number.

Three kinds of nothing stay apart: nobody looked for it (NOT_ASKED: another version, a step that was skipped), it was
looked for and could not be seen (UNSEEN), and it was seen not to be there (ABSENT), which is a value like any other.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from enum import Enum

NOT_ASKED, UNSEEN, ABSENT, FALSE, TRUE, NUMBER, UNUSABLE = range(7)
FIRST_TEXT = 7
MOST_TEXTS = 5_000
"""Different texts of one column; with more it identifies a computer and explains nothing."""
LONGEST_TEXT = 200
"""Characters of a value that are compared; longer ones keep their beginning and a digest."""
FEW_TEXTS = 40
"""So many texts of a column are told in words."""
MOST_ITEMS = 64
"""Of a list; a longer one is a log and not a property."""
_LARGEST = 1e300


class Nothing(Enum):
    """Kinds of nothing that are given as a value; None is the third: it could not be seen."""

    ABSENT = "absent"
    NOT_ASKED = "not asked"


Plain = str | float | bool | tuple[str, ...] | Nothing | None
"""A value: None could not be seen, a tuple is a list without order."""


class Column:
    """Values by row, in the order of the rows. A row that is passed over was not asked."""

    __slots__ = ("codes", "name", "news", "numbers", "start", "texts", "unusable")

    def __init__(self, name: str, news: list[str] | None = None) -> None:
        self.name = name
        self.news = news
        """Takes the name when a text comes for the first time, as long as there are few."""
        self.start = 0
        """The row of the first value: a column that only one computer has takes no room for the others."""
        self.codes = array("H")
        self.numbers: array[float] | None = None
        self.texts: dict[str | tuple[str, ...], int] = {}
        self.unusable: str | None = None
        """Why nothing can be compared: `structured`, `identifier`."""

    def add(self, row: int, value: object) -> None:
        """Rows come in order; the first value of a row that was seen stays. Tens of millions of these are added."""
        codes = self.codes
        if row - self.start != len(codes) and not self._make_room(row, value):
            return
        kind = value.__class__
        if kind is str:
            code = self.texts.get(value)  # type: ignore[call-overload]
            codes.append(code if code is not None else self._text(value))  # type: ignore[arg-type]
        elif (kind is float or kind is int) and -_LARGEST < value < _LARGEST:  # type: ignore[operator]
            if self.numbers is None:
                self.numbers = array("d", bytes(8 * len(codes)))
            codes.append(NUMBER)
            self.numbers.append(value)  # type: ignore[arg-type]
            return
        elif kind is bool:
            codes.append(TRUE if value else FALSE)
        else:
            codes.append(self._other(value))
        if self.numbers is not None:
            self.numbers.append(0.0)

    def _make_room(self, row: int, value: object) -> bool:
        """Whether the value is wanted; then it is the next one."""
        missing = row - self.start - len(self.codes)
        if missing > 0:
            self._pass_over(row, missing)
        elif self.codes[-1] != UNSEEN or value is None:
            return False
        else:
            self.codes.pop()
            if self.numbers is not None:
                self.numbers.pop()
        return True

    def _pass_over(self, row: int, missing: int) -> None:
        if not self.codes:
            self.start = row
            return
        self.codes.extend(array("H", bytes(2 * missing)))
        if self.numbers is not None:
            self.numbers.extend(array("d", bytes(8 * missing)))

    def picked(self, rows: Sequence[int]) -> array[int]:
        """The codes of these rows."""
        codes, start, length = self.codes, self.start, len(self.codes)
        if not start and len(rows) == length:
            return codes
        return array("H", [codes[row - start] if 0 <= row - start < length else NOT_ASKED for row in rows])

    def picked_numbers(self, rows: Sequence[int]) -> array[float]:
        """The numbers of these rows; 0.0 where the code is not NUMBER."""
        numbers, start = self.numbers, self.start
        if numbers is None:
            return array("d", bytes(8 * len(rows)))
        length = len(numbers)
        if not start and len(rows) == length:
            return numbers
        return array("d", [numbers[row - start] if 0 <= row - start < length else 0.0 for row in rows])

    def _other(self, value: object) -> int:
        if value is None:
            return UNSEEN
        if value is Nothing.ABSENT:
            return ABSENT
        if isinstance(value, list | tuple):
            return self._list(value)
        if isinstance(value, int | float):
            return self._text("…")  # a number that no measurement gives
        self.unusable = "structured"
        return UNUSABLE

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
        if self.news is not None and len(self.texts) < FEW_TEXTS:
            self.news.append(self.name)
        code = self.texts[key] = FIRST_TEXT + len(self.texts)
        return code

    def values(self, rows: Sequence[int]) -> Iterator[Plain]:
        """The value of each row; what cannot be compared counts as unseen."""
        names = list(self.texts)
        fixed: dict[int, Plain] = {NOT_ASKED: Nothing.NOT_ASKED, ABSENT: Nothing.ABSENT, FALSE: False, TRUE: True}
        for code, number in zip(self.picked(rows), self.picked_numbers(rows), strict=True):
            if code == NUMBER:
                yield number
            else:
                yield names[code - FIRST_TEXT] if code >= FIRST_TEXT else fixed.get(code)


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
