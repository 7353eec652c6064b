"""What a calculation is: it works something out from answers, facts and evidence. It measures and decides nothing.

A calculation lives in `calculations/<name>.py` as the constant `CALCULATION`. It sees what the operator answered, which
a check never does: checks start before anything is asked. It is a pure function, done again whenever an answer changes.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from diagnose.chart import Chart
from diagnose.check import Value
from diagnose.expressions.types import Type


@dataclass(frozen=True, slots=True)
class Input:
    """What a flow gives to it under `given:`, an expression each."""

    type: Type
    needed: bool = True
    """Without it nothing is worked out. An input that is not needed is None when it is unknown."""


@dataclass(frozen=True, slots=True)
class Calculated:
    evidence: Mapping[str, Value] = field(default_factory=dict)
    """By declared name; one that is left out is unknown. Never holds a secret that was given."""
    charts: tuple[Chart, ...] = ()


@dataclass(frozen=True, slots=True)
class Calculation:
    inputs: Mapping[str, Input]
    evidence: Mapping[str, Type]
    calculate: Callable[[Mapping[str, Any]], Calculated]
    """Takes every declared input by name. Quick: it is called several times while a step is judged."""


class UnknownCalculationError(Exception):
    """No module in `calculations/` has this name."""


@cache
def calculation_names() -> tuple[str, ...]:
    import calculations

    found = pkgutil.iter_modules(calculations.__path__)
    return tuple(sorted(module.name for module in found if module.name[0] != "_"))


def load_calculation(name: str) -> Calculation:
    """The calculation `calculations/<name>.py`, imported only now. Raises UnknownCalculationError."""
    if name not in calculation_names():
        raise UnknownCalculationError(name)
    calculation = importlib.import_module(f"calculations.{name}").CALCULATION
    if not isinstance(calculation, Calculation):
        raise UnknownCalculationError(name)
    return calculation
