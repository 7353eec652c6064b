"""How many mirror servers so many clients need, when one should not serve more than a certain number."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from calculations._load_model import CLIENTS, within
from diagnose.calculation import Calculated, Calculation, Input
from diagnose.expressions.types import BOOL, DOUBLE, INT


def _calculate(given: Mapping[str, Any]) -> Calculated:
    clients = within(given["client_count"], *CLIENTS)
    limit = within(given["clients_a_mirror"], *CLIENTS)
    found = {"mirror_limit": round(limit), "mirrors_needed": math.ceil(clients / limit)}
    mirrors = 1.0 if given["mirror_count"] is None else given["mirror_count"]
    if mirrors < 1:
        return Calculated(found)
    each = math.ceil(clients / within(mirrors, *CLIENTS))
    return Calculated({"clients_of_each": each, **found, "mirrors_fit": each <= limit})


CALCULATION = Calculation(
    inputs={
        "client_count": Input(DOUBLE),
        "clients_a_mirror": Input(DOUBLE),
        "mirror_count": Input(DOUBLE, needed=False),
    },
    evidence={"clients_of_each": INT, "mirror_limit": INT, "mirrors_needed": INT, "mirrors_fit": BOOL},
    calculate=_calculate,
)
