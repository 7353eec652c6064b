"""Runs one check as the runner would, and holds it to what it declares."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from diagnose.check import Saw, Sighting, load_check
from diagnose.expressions.types import Kind, Type
from diagnose.machine.values import Reason, Unseen
from diagnose.text import Text
from tests.unit.fake_context import FakeContext

_PYTHON_TYPES: dict[Kind, type] = {
    Kind.BOOL: bool,
    Kind.INT: int,
    Kind.DOUBLE: float,
    Kind.STRING: str,
    Kind.TIMESTAMP: datetime,
    Kind.DURATION: timedelta,
    Kind.LIST: tuple,
    Kind.DYN: tuple,
}


def measured(check_name: str, context: FakeContext, **parameters: Any) -> dict[str, Sighting]:
    """What the check saw; fails when a name, a type or an enum's word is not the declared one."""
    check = load_check(check_name)
    sightings = dict(check.measure(context, msgspec.convert(parameters, check.parameters)))
    assert set(sightings) == set(check.evidence)
    for name, sighting in sightings.items():
        if isinstance(sighting, Saw):
            _fits(name, sighting.value, check.evidence[name])
        else:
            assert isinstance(sighting, Unseen), name
    return sightings


def values(sightings: dict[str, Sighting]) -> dict[str, Any]:
    """The values that were seen, and for the rest the reason."""
    return {name: item.value if isinstance(item, Saw) else item.reason for name, item in sightings.items()}


def seen(check_name: str, context: FakeContext, **parameters: Any) -> dict[str, Any]:
    return values(measured(check_name, context, **parameters))


def all_reasons(sightings: dict[str, Any]) -> set[Reason]:
    assert all(isinstance(value, Reason) for value in sightings.values()), sightings
    return set(sightings.values())


def _fits(name: str, value: object, declared: Type) -> None:
    assert type(value) is _PYTHON_TYPES[declared.kind], (name, value)
    if declared.values:
        assert value in declared.values, (name, value)
    if isinstance(value, datetime):
        assert value.tzinfo is not None, name
    if isinstance(value, tuple):
        wanted = Text if declared.kind is Kind.DYN else str
        assert all(isinstance(item, wanted) for item in value), (name, value)
