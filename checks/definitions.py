"""How old a product's definition files are, and which version they have."""

from __future__ import annotations

from datetime import datetime, timedelta

from checks._facts import text_fact, time_fact
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import BOOL, DURATION, INT, STRING, TIMESTAMP
from diagnose.machine.values import Reason, Unseen
from diagnose.specs import FactName, Spec


class Parameters(Spec, frozen=True):
    """The facts that tell of the definitions, and how many days old the product lets them become."""

    updated_at: FactName
    version: FactName | None = None
    limit_days: int = 7


EVIDENCE = {
    "age": DURATION,
    "age_days": INT,
    "updated_at": TIMESTAMP,
    "version": STRING,
    "limit_days": INT,
    "outdated": BOOL,
}
_DAY = timedelta(days=1)
"""Also how far ahead of the clock a date may lie: some products store a date of another time zone."""


def measure(context: Context, parameters: Parameters) -> Measurement:
    """`age_days` are whole days, 0 at least; definitions from the future have no age: date or clock is wrong."""
    updated_at = time_fact(context, parameters.updated_at, "updated_at")
    age = _age(updated_at, context.now)
    days: Sighting = age
    outdated: Sighting = age
    if isinstance(age, Saw) and isinstance(age.value, timedelta):
        days = Saw(age.value // _DAY, age.where)
        outdated = Saw(age.value > parameters.limit_days * _DAY, age.where)
    return {
        "age": age,
        "age_days": days,
        "updated_at": updated_at,
        "version": text_fact(context, parameters.version, "version"),
        "limit_days": Saw(parameters.limit_days),
        "outdated": outdated,
    }


def _age(updated_at: Sighting, now: datetime) -> Sighting:
    if isinstance(updated_at, Unseen) or not isinstance(updated_at.value, datetime):
        return updated_at
    age = now - updated_at.value
    if age < -_DAY:
        return Unseen(Reason.CONTRADICTORY, updated_at.where, updated_at.value.isoformat())
    return Saw(max(age, timedelta()), updated_at.where)


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=5.0)
