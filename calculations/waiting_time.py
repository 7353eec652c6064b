"""How a wait compares with what is usual and with where patience ends."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from diagnose.calculation import Calculated, Calculation, Input
from diagnose.check import Value
from diagnose.expressions.types import DOUBLE, INT, enum_of

WAITS = ("usual", "long", "too_long")


def compare(given: Mapping[str, Any]) -> Calculated:
    """`wait` is known when the minutes are; a limit below what is usual counts as what is usual.

    Without a usual time (0 or less), as where somebody must answer first, nothing is known.
    """
    usual, limit, minutes = given["usual"], given["limit"], given["minutes"]
    if usual <= 0:
        return Calculated()
    limit = max(usual, limit)
    evidence: dict[str, Value] = {"usual_minutes": usual, "limit_minutes": limit}
    if minutes is not None and math.isfinite(minutes) and minutes >= 0:
        evidence["wait"] = "usual" if minutes <= usual else "long" if minutes <= limit else "too_long"
    return Calculated(evidence)


CALCULATION = Calculation(
    inputs={"usual": Input(INT), "limit": Input(INT), "minutes": Input(DOUBLE, needed=False)},
    evidence={"usual_minutes": INT, "limit_minutes": INT, "wait": enum_of(WAITS)},
    calculate=compare,
)
