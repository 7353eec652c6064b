"""Properties that a computer has or has not, made of the columns: `version below 7.2.5`, `mode is pac`, `not seen`.

Who has a property is a set of computers (`sets.py`).
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import compress, pairwise
from math import inf, isfinite
from operator import mul

from diagnose.fleet.columns import ABSENT, FALSE, FIRST_TEXT, NOT_ASKED, NUMBER, TRUE, UNSEEN, Column
from diagnose.fleet.ordering import round_cut, time_key, version_key
from diagnose.fleet.sets import Codes, sets_of, union

_MOST_CUTS = 48
_A_CUT = 12
"""So many computers at least for each cut through numbers: finer ones in a small fleet are only more chances to err."""
_FEW_NUMBERS = 12
"""So few different numbers are also looked at one by one: a build is as much a name as a number."""
_MOST_VALUES = 200
_SAMPLE = 10_000
"""Numbers from which the cuts are chosen."""

Operand = str | float | bool


class Kind(StrEnum):
    """What a property says of a value. The order is how plain it is, for ties."""

    IS = "is"
    HAS = "has"
    BELOW = "below"
    FROM = "from"
    NOT = "not"
    LACKS = "lacks"
    ABSENT = "absent"
    PRESENT = "present"
    UNSEEN = "unseen"


OPPOSITE = {Kind.IS: Kind.NOT, Kind.HAS: Kind.LACKS, Kind.BELOW: Kind.FROM, Kind.ABSENT: Kind.PRESENT}


@dataclass(frozen=True, slots=True)
class Property:
    """`mask`: who has it, among the `universe` of its part. `both_ways`: not having it is a property too."""

    kind: Kind
    operand: Operand
    mask: int
    both_ways: bool


@dataclass(frozen=True, slots=True)
class Part:
    """Properties of one column that can be said of the same computers (`universe`): those where it was seen."""

    name: str
    universe: int
    properties: tuple[Property, ...]


@dataclass(frozen=True, slots=True)
class Described:
    """A column as properties. `left_out`: why it has none (`identifier`, `structured`, `constant`), or None.

    `types`: how many computers gave which type of value, when there are several.
    """

    name: str
    parts: tuple[Part, ...]
    left_out: str | None
    types: dict[str, int]


def describe(column: Column, rows: Sequence[int]) -> Described:
    """The properties of these rows; the first row has the highest bit."""
    codes = Codes(column.picked(rows))
    types = _types(column, codes)
    seen = len(codes) - codes.count(NOT_ASKED) - codes.count(UNSEEN)
    left_out = _why_not(column, codes, seen)
    parts = list(_unseen_part(column.name, codes, seen)) if column.unusable is None else []
    if left_out is None:
        parts += _value_parts(column, rows, codes)
        left_out = None if parts else "constant"
    return Described(column.name, tuple(parts), left_out if not parts else None, types)


def _types(column: Column, codes: Codes) -> dict[str, int]:
    """Of the seen values; one type alone is nothing to tell."""
    lists = {FIRST_TEXT + at for at, key in enumerate(column.texts) if isinstance(key, tuple)}
    found = {
        "number": codes.count(NUMBER),
        "flag": codes.count(TRUE) + codes.count(FALSE),
        "list": sum(codes.count(code) for code in lists),
        "text": sum(count for code, count in codes.counts.items() if code >= FIRST_TEXT and code not in lists),
    }
    kept = {kind: count for kind, count in found.items() if count}
    return kept if len(kept) > 1 else {}


def _unseen_part(name: str, codes: Codes, seen: int) -> Iterator[Part]:
    if codes.count(UNSEEN) and seen:
        others, unseen = sets_of(codes.ranked({NOT_ASKED: 0, UNSEEN: 2}, other=1), 2)
        yield Part(name, others | unseen, (Property(Kind.UNSEEN, "", unseen, both_ways=False),))


def _why_not(column: Column, codes: Codes, seen: int) -> str | None:
    """An identifier differs on nearly every computer, so whatever it "explains" is chance."""
    if column.unusable is not None:
        return column.unusable
    texts = sum(1 for code in codes.counts if code >= FIRST_TEXT)
    if (seen > 10 and texts >= 0.9 * seen) or (seen > 50 and texts > max(_MOST_VALUES, 0.2 * seen)):
        return "identifier"
    return None


def _value_parts(column: Column, rows: Sequence[int], codes: Codes) -> Iterator[Part]:
    keys = list(column.texts)
    present = [code for code in codes.counts if code >= FIRST_TEXT]
    words = {code: text for code in present if isinstance(text := keys[code - FIRST_TEXT], str)}
    numeric = {code: number for code, text in words.items() if (number := _number(text)) is not None}
    if codes.count(NUMBER):
        numbers = column.picked_numbers(rows)
        if words and len(numeric) == len(words):
            # One version of the tool wrote 14039, another "14039".
            numbers = array("d", [numeric.get(code, number) for code, number in zip(codes, numbers, strict=True)])
            yield from _number_parts(column.name, numbers, codes.ranked({NUMBER: 1, **dict.fromkeys(numeric, 1)}))
            return
        yield from _number_parts(column.name, numbers, codes.ranked({NUMBER: 1}))
    for key_of in (version_key, time_key):
        found = {code: key for code, text in words.items() if (key := key_of(text)) is not None}
        if len(found) > 1 and len(found) >= 0.9 * len(words):
            order = sorted(found, key=lambda code: (found[code], words[code]))
            yield from _ordered_part(column.name, codes, [(code, words[code]) for code in order])
            break
    yield from _category_part(column.name, codes, words)
    lists = {code: items for code in present if isinstance(items := keys[code - FIRST_TEXT], tuple)}
    yield from _list_part(column.name, codes, lists)


def _number(text: str) -> float | None:
    try:
        number = float(text) if len(text) <= 40 else inf
    except ValueError:
        return None
    return number if isfinite(number) else None


def _number_parts(name: str, numbers: array[float], is_number: bytes) -> Iterator[Part]:
    """`is_number`: 1 where a number stands, 0 where it means nothing."""
    known = list(compress(numbers, is_number))
    different = set(known[:_SAMPLE])
    if len(different) <= _MOST_CUTS + 1:
        different.update(known)
    if len(different) < 2:
        return
    most = max(_FEW_NUMBERS, min(_MOST_CUTS, len(known) // _A_CUT))
    values = sorted(different if len(known) <= _SAMPLE else known[:: len(known) // _SAMPLE])
    cuts = sorted(different)[1:] if len(different) <= most + 1 else _quantiles(known, most)
    ranks = bytes(map(mul, map(partial(bisect_right, [-inf, *cuts]), numbers), is_number))
    masks = sets_of(ranks, len(cuts) + 1)
    below, found = 0, []
    for cut, mask in zip(cuts, masks, strict=False):
        below |= mask
        # With all values at hand, a round number that parts them alike.
        shown = round_cut(values[bisect_left(values, cut) - 1], cut) if len(known) <= _SAMPLE else cut
        found.append(Property(Kind.BELOW, shown, below, both_ways=True))
    if 2 < len(different) <= _FEW_NUMBERS:
        each = zip(sorted(different), masks, strict=True)
        found += [Property(Kind.IS, value, mask, both_ways=True) for value, mask in each]
    yield Part(name, union(masks), tuple(found))


def _quantiles(known: list[float], most: int) -> list[float]:
    """So many numbers that divide them into parts alike, and zero where they cross it."""
    sample = sorted(known[:: max(1, len(known) // _SAMPLE)])
    cuts = {sample[len(sample) * at // (most + 1)] for at in range(1, most + 1)}
    if sample[0] < 0 < sample[-1]:
        cuts.add(0.0)
    lowest = min(known)
    return sorted(cut for cut in cuts if cut > lowest)


def _ordered_part(name: str, codes: Codes, order: list[tuple[int, str]]) -> Iterator[Part]:
    """Versions and times: cut between neighbours, or where there are many, so that the bins hold alike many."""
    total = sum(codes.count(code) for code, _ in order)
    room = max(1.0, total / (_MOST_CUTS + 1)) if len(order) > _MOST_CUTS + 1 else 0.0
    ranks: dict[int, int] = {}
    rank, held, cuts = 1, 0, []
    for (code, _), following in pairwise([*order, (0, "")]):
        ranks[code] = rank
        held += codes.count(code)
        if held >= room and following[1] and rank <= _MOST_CUTS:
            cuts.append(following[1])
            rank, held = rank + 1, 0
    masks = sets_of(codes.ranked(ranks), rank)
    below, found = 0, []
    for cut, mask in zip(cuts, masks, strict=False):
        below |= mask
        found.append(Property(Kind.BELOW, cut, below, both_ways=True))
    if found:
        yield Part(name, union(masks), tuple(found))


def _category_part(name: str, codes: Codes, words: dict[int, str]) -> Iterator[Part]:
    """One value against all others; where it is seen not to be there, that is a value too."""
    operands: dict[int, Operand] = {**words}
    operands |= {code: value for code, value in ((FALSE, False), (TRUE, True), (ABSENT, "")) if codes.count(code)}
    seen = {code for code in codes.counts if code not in {NOT_ASKED, UNSEEN}}
    if not operands or len(seen) < 2:
        return
    values = sorted(operands, key=lambda code: (-codes.count(code), str(operands[code])))[:_MOST_VALUES]
    ranks = {**dict.fromkeys(seen, 1), **{code: rank for rank, code in enumerate(values, 2)}}
    others, *masks = sets_of(codes.ranked(ranks), len(values) + 1)
    # Of two values the other one says `not this one`, and reads better.
    many = len(seen) > 2 or NUMBER in seen
    found = [
        Property(Kind.IS if code != ABSENT else Kind.ABSENT, operands[code], mask, both_ways=many or code == ABSENT)
        for code, mask in zip(values, masks, strict=True)
    ]
    yield Part(name, union(masks) | others, tuple(found))


def _list_part(name: str, codes: Codes, lists: dict[int, tuple[str, ...]]) -> Iterator[Part]:
    if len(lists) < 2:
        return
    order = sorted(lists)[:254]
    masks = sets_of(codes.ranked({code: rank for rank, code in enumerate(order, 1)}), len(order))
    holders: dict[str, int] = {}
    for code, mask in zip(order, masks, strict=True):
        for item in lists[code]:
            holders[item] = holders.get(item, 0) | mask
    universe = union(masks)
    common = sorted(
        (item for item, mask in holders.items() if mask != universe),
        key=lambda item: (-holders[item].bit_count(), item),
    )[:_MOST_VALUES]
    if common:
        yield Part(name, universe, tuple(Property(Kind.HAS, item, holders[item], both_ways=True) for item in common))
