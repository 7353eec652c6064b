"""Which of many literals a text can hold at all, told by its words.

Logs repeat themselves: nearly every word was seen before, the more so without its digits. A word that holds no literal
is remembered and costs nothing the next time; only new words are looked at, so thousands of literals cost hardly more
than a few.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

_DIGITS = b"0123456789"
_FOLD = bytes(
    byte if 97 <= byte <= 122 or byte >= 128 else byte + 32 if 65 <= byte <= 90 else 32 for byte in range(256)
)
_ASCII = bytes(byte if byte < 128 else 32 for byte in _FOLD)
_HEX = b"abcdef"
_WINDOW = 5
_BLOCK = 1 << 14
_MAX_REMEMBERED = 60_000
_MAX_ESCAPE = 5
"""Letters at the start of a word that may belong to an escape: `u` and four hex digits."""


class WordIndex:
    """Literals by the words that betray them; words are runs of letters, digits left out."""

    def __init__(self) -> None:
        self._inside: dict[bytes, list[int]] = defaultdict(list)
        self._other: dict[bytes, list[int]] = defaultdict(list)
        self._whole: dict[bytes, list[int]] = defaultdict(list)
        self._windows: dict[bytes, list[int]] = defaultdict(list)
        self._always: set[int] = set()
        self._hex_names = False
        self._dull: set[bytes] = set()
        self._hot: dict[bytes, frozenset[int]] = {}

    def add(self, literal: bytes, index: int) -> None:
        """A literal that may stand inside a word."""
        part = _longest(literal.translate(_FOLD, _DIGITS))
        if len(part) < 2 or not part.translate(None, _HEX):
            self._always.add(index)
        else:
            (self._inside if part.isascii() else self._other)[part].append(index)

    def add_name(self, literal: bytes, index: int) -> None:
        """An ASCII literal that no letter or digit may touch, but for an escape before it."""
        part = _longest(literal.translate(_FOLD, _DIGITS))
        if part:
            self._whole[part].append(index)
            self._hex_names |= not part.translate(None, _HEX)
        else:
            self._always.add(index)

    def add_encoded(self, literal: bytes, index: int) -> None:
        """A literal of base64."""
        part = _longest(literal.translate(_FOLD, _DIGITS))
        windows = [part[at : at + _WINDOW] for at in range(len(part) - _WINDOW + 1)]
        telling = next((window for window in windows if window.translate(None, _HEX)), None)
        if telling is None:
            self.add(literal, index)
        else:
            self._windows[telling].append(index)

    def blocks(self, low: bytes) -> Iterator[tuple[int, int, frozenset[int]]]:
        """Start, end and the literals that this part of the text may hold; no literal lies across two parts."""
        start, size = 0, len(low)
        while start < size:
            end = low.find(b"\n", start + _BLOCK) + 1 or size
            words = set(low[start:end].translate(_FOLD, _DIGITS).split())
            words -= self._dull
            yield start, end, self._present(words)
            start = end

    def _present(self, words: set[bytes]) -> frozenset[int]:
        new = words - self._hot.keys()
        if new:
            self._learn(new)
        found = set(self._always)
        for word in words & self._hot.keys():
            found |= self._hot[word]
        return frozenset(found)

    def _learn(self, new: set[bytes]) -> None:
        if len(self._dull) > _MAX_REMEMBERED:
            self._dull.clear()
        if len(self._hot) > _MAX_REMEMBERED:
            self._hot = {}
        found: dict[bytes, set[int]] = defaultdict(set)
        # Most new words are what is left of hashes, and no literal but a name can be like that.
        wordy = [word for word in new if word.translate(None, _HEX)]
        names = new if self._hex_names else wordy
        plain = [word for word in wordy if word.isascii()]
        _find_inside(self._inside, plain, found)
        self._find_whole([(word, word) for word in names if word.isascii()], found)
        if len(plain) < len(wordy):
            other = [word for word in wordy if not word.isascii()]
            _find_inside(self._inside, other, found)
            _find_inside(self._other, other, found)
            self._find_whole([(word, part) for word in other for part in word.translate(_ASCII).split()], found)
        if self._windows:
            self._find_encoded(wordy, found)
        self._dull |= new.difference(found)
        for word, indexes in found.items():
            self._hot[word] = frozenset(indexes)

    def _find_whole(self, parts: Iterable[tuple[bytes, bytes]], found: Mapping[bytes, set[int]]) -> None:
        whole = self._whole
        if not whole:
            return
        for word, part in parts:
            for at in range(min(_MAX_ESCAPE, len(part) - 1) + 1):
                if part[at:] in whole:
                    found[word].update(whole[part[at:]])

    def _find_encoded(self, words: Iterable[bytes], found: Mapping[bytes, set[int]]) -> None:
        windows = self._windows
        for word in words:
            for at in range(len(word) - _WINDOW + 1):
                indexes = windows.get(word[at : at + _WINDOW])
                if indexes is not None:
                    found[word].update(indexes)


def _longest(words: bytes) -> bytes:
    return max(words.split(), key=len, default=b"")


def _find_inside(
    literals: Mapping[bytes, list[int]], words: Collection[bytes], found: Mapping[bytes, set[int]]
) -> None:
    joined = b" ".join(words)
    for part, indexes in literals.items():
        if part in joined:
            for word in words:
                if part in word:
                    found[word].update(indexes)
