"""The functions of the language: CEL's, and ours for versions, whole days and lower case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from diagnose.expressions.literals import parse_duration, parse_timestamp, pattern_test
from diagnose.expressions.types import BOOL, DURATION, INT, STRING, TIMESTAMP, VERSION, Kind, Type
from diagnose.expressions.values import parse_version


@dataclass(frozen=True, slots=True)
class Function:
    """One function; the receiver of a method is its first parameter."""

    parameters: tuple[tuple[Kind, ...], ...]
    """For each parameter the kinds that it takes."""
    result: Type
    compute: Callable[..., Any]
    """Takes one value a parameter. Raises `Failure` when these values have no result."""
    method: bool = True
    """May be written `x.name()`."""
    call: bool = False
    """May be written `name(x)`."""
    bad_literal: str = ""
    """The id of the message for a literal that `compute` refuses; such a call is computed when it is compiled."""


@dataclass(frozen=True, slots=True)
class Macro:
    """`list.name(variable, condition)`."""

    stops_at: bool
    """The result of the condition that decides at once."""


def _days(duration: timedelta) -> int:
    return _whole(duration, timedelta(days=1))


def _hours(duration: timedelta) -> int:
    return _whole(duration, timedelta(hours=1))


def _minutes(duration: timedelta) -> int:
    return _whole(duration, timedelta(minutes=1))


def _whole(duration: timedelta, unit: timedelta) -> int:
    count = abs(duration) // unit
    return -count if duration < timedelta(0) else count


def _found_inside(text: str, part: str) -> bool:
    return part in text


def _matches(text: str, pattern: str) -> bool:
    return pattern_test(pattern)(text)


_TEXT = (Kind.STRING,)

MACROS: Mapping[str, Macro] = {"exists": Macro(stops_at=True), "all": Macro(stops_at=False)}

HAS = "has"

MATCHES = "matches"

FUNCTIONS: Mapping[str, Function] = {
    "size": Function(((Kind.STRING, Kind.LIST, Kind.MAP),), INT, len, call=True),
    MATCHES: Function((_TEXT, _TEXT), BOOL, _matches),
    "startsWith": Function((_TEXT, _TEXT), BOOL, str.startswith),
    "endsWith": Function((_TEXT, _TEXT), BOOL, str.endswith),
    "contains": Function((_TEXT, _TEXT), BOOL, _found_inside),
    "lower": Function((_TEXT,), STRING, str.lower),
    "timestamp": Function(
        (_TEXT,), TIMESTAMP, parse_timestamp, method=False, call=True, bad_literal="expr-bad-timestamp"
    ),
    "duration": Function((_TEXT,), DURATION, parse_duration, method=False, call=True, bad_literal="expr-bad-duration"),
    "version": Function((_TEXT,), VERSION, parse_version, method=False, call=True, bad_literal="expr-bad-version"),
    "days": Function(((Kind.DURATION,),), INT, _days, method=False, call=True),
    "hours": Function(((Kind.DURATION,),), INT, _hours, method=False, call=True),
    "minutes": Function(((Kind.DURATION,),), INT, _minutes, method=False, call=True),
}

EVERY_NAME = (*FUNCTIONS, *MACROS, HAS)
