"""Whether a typed code has the form of an activation code, and where it has not. Offline: nobody is asked about it.

The code itself is a secret: what comes out are words, counts and places, never one of its characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

from calculations._typed_code import WRONG, TypedCode, read_code
from diagnose.calculation import Calculated, Calculation, Input
from diagnose.check import Value
from diagnose.expressions.types import BOOL, DYN, INT, STRING, enum_of, list_of
from diagnose.text import Text

KINDS = ("activation_code", "registration_key", "malformed")
PROBLEMS = ("none", "empty", "length", "group", "character")
_LOOKALIKES = frozenset("0O1I")
_MOST_PLACES = 5


def judge(given: Mapping[str, Any]) -> Calculated:
    """`code_groups` and `key_groups`: how many characters the groups have, in order.

    `code_length` counts letters, digits and characters that are neither, `expected_length` what the form that it
    resembles has. `code_places` says where it is wrong. `lookalike_groups` are the groups of a right code in which
    O, 0, I or 1 stand, which are easily taken for one another.
    """
    layouts = {name: _layout(given[groups]) for name, groups in _LAYOUTS}
    readings = tuple(read_code(given["code"]))
    for typed in readings:
        for name, layout in layouts.items():
            if layout and typed.fits(layout):
                return Calculated(_right(typed, name, layout))
    return Calculated(_wrong(readings, layouts))


def _layout(groups: Sequence[int]) -> tuple[int, ...]:
    return tuple(size for size in groups if size > 0)


def _right(typed: TypedCode, kind: str, layout: Sequence[int]) -> dict[str, Value]:
    whole = "".join(typed.groups)
    ends = tuple(accumulate(layout))
    parts = [whole[end - size : end] for size, end in zip(layout, ends, strict=True)]
    alike = tuple(str(number) for number, part in enumerate(parts, 1) if _LOOKALIKES & set(part))
    return {**_common(typed, kind, kind, layout), "code_problem": "none", "lookalike_groups": alike}


def _wrong(readings: Sequence[TypedCode], layouts: Mapping[str, tuple[int, ...]]) -> dict[str, Value]:
    """Of several readings the one that comes closest is told."""
    distances = [
        (_distance(typed, layout), -len(typed.groups), at, name)
        for at, typed in enumerate(readings)
        for name, layout in layouts.items()
    ]
    at, meant = min(distances)[2:]
    typed, layout = readings[at], layouts[meant]
    if not typed.length:
        first = KINDS[0]
        return {**_common(typed, "malformed", first, layouts[first]), "code_problem": "empty"}
    problem = "character" if typed.wrong else "length" if typed.length != sum(layout) else "group"
    places = _wrong_characters(typed, layout) if typed.wrong else _wrong_groups(typed, layout)
    return {**_common(typed, "malformed", meant, layout), "code_problem": problem, "code_places": _listed(places)}


def _distance(typed: TypedCode, layout: Sequence[int]) -> int:
    """How many characters would have to be added or taken away; one run without hyphens counts as a whole."""
    if len(typed.groups) <= 1:
        return abs(typed.length - sum(layout))
    sizes = [len(group) for group in typed.groups]
    longest = max(len(sizes), len(layout))
    padded = ([*side, *[0] * (longest - len(side))] for side in (sizes, layout))
    return sum(abs(left - right) for left, right in zip(*padded, strict=True))


def _common(typed: TypedCode, kind: str, meant: str, layout: Sequence[int]) -> dict[str, Value]:
    told: dict[str, Value] = {
        "code_kind": kind,
        "code_resembles": meant,
        "code_length": typed.length,
        "expected_length": sum(layout),
        "code_plain": not typed.remarks,
    }
    return told | ({"code_entry": _listed(typed.remarks)} if typed.remarks else {})


def _wrong_characters(typed: TypedCode, layout: Sequence[int]) -> list[Text]:
    """Each with group and position; where nothing divides them, by the layout, or counted from the start."""
    groups = typed.groups
    if len(groups) == 1 and typed.length == sum(layout):
        ends = tuple(accumulate(layout))
        groups = tuple(groups[0][end - size : end] for size, end in zip(layout, ends, strict=True))
    places = (
        (group, position)
        for group, signs in enumerate(groups, 1)
        for position, sign in enumerate(signs, 1)
        if sign == WRONG
    )
    found = []
    for (group, position), kind in zip(places, typed.wrong, strict=True):
        ja, en = f"{position}文字目", f"character {position}"
        if len(groups) > 1:
            ja, en = f"第{group}グループの{ja}", f"group {group}, {en}"
        found.append(Text(ja=f"{ja}（{kind.ja}）", en=f"{en} ({kind.en})"))
    return found


def _wrong_groups(typed: TypedCode, layout: Sequence[int]) -> list[Text]:
    sizes = [len(group) for group in typed.groups]
    if len(sizes) == len(layout):
        return [
            Text(
                ja=f"第{number}グループ（{size}文字、正しくは{right}文字）",
                en=f"group {number} ({size} characters instead of {right})",
            )
            for number, (size, right) in enumerate(zip(sizes, layout, strict=True), 1)
            if size != right
        ]
    if len(sizes) == 1:
        return [Text(ja="全体", en="the whole code")]
    return [
        Text(
            ja=f"グループの数（{len(sizes)}個、正しくは{len(layout)}個）",
            en=f"the number of groups ({len(sizes)} instead of {len(layout)})",
        )
    ]


def _listed(texts: Iterable[Text]) -> Text:
    found = list(texts)
    shown, more = found[:_MOST_PLACES], len(found) - _MOST_PLACES
    if more > 0:
        shown.append(Text(ja=f"ほか {more} か所", en=f"{more} more"))
    return Text(ja="、".join(text.ja for text in shown), en="; ".join(text.en for text in shown))


_LAYOUTS = (("activation_code", "code_groups"), ("registration_key", "key_groups"))
CALCULATION = Calculation(
    inputs={"code": Input(STRING), "code_groups": Input(list_of(INT)), "key_groups": Input(list_of(INT))},
    evidence={
        "code_kind": enum_of(KINDS),
        "code_problem": enum_of(PROBLEMS),
        "code_places": DYN,
        "code_resembles": enum_of(KINDS[:2]),
        "code_length": INT,
        "expected_length": INT,
        "code_plain": BOOL,
        "code_entry": DYN,
        "lookalike_groups": list_of(STRING),
    },
    calculate=judge,
)
