"""The licence's state and how long it still runs."""

from __future__ import annotations

from datetime import datetime, timedelta

from checks._facts import time_fact, word_fact
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import INT, TIMESTAMP, enum_of
from diagnose.machine.values import Unseen
from diagnose.specs import FactName, Spec


class Parameters(Spec, frozen=True):
    """The facts that hold the licence; None where the product keeps none on the machine."""

    state: FactName | None = None
    expires_on: FactName | None = None


STATES = ("active", "grace", "expired", "not_activated")
EVIDENCE = {"state": enum_of(STATES), "expires_on": TIMESTAMP, "days_left": INT}


def measure(context: Context, parameters: Parameters) -> Measurement:
    """`days_left` is rounded down: negative from the moment of expiry on."""
    expires_on = time_fact(context, parameters.expires_on, "expires_on")
    return {
        "state": word_fact(context, parameters.state, STATES, "state"),
        "expires_on": expires_on,
        "days_left": _days_left(expires_on, context.now),
    }


def _days_left(expires_on: Sighting, now: datetime) -> Sighting:
    if isinstance(expires_on, Unseen) or not isinstance(expires_on.value, datetime):
        return expires_on
    return Saw((expires_on.value - now) // timedelta(days=1), expires_on.where)


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=5.0)
