"""What the computer says of itself."""

from __future__ import annotations

from diagnose.check import Saw, Sighting, Value
from diagnose.machine.interface import Machine
from diagnose.machine.values import Reason, Unseen


def system_value(machine: Machine, name: str, value: Value | None) -> Sighting:
    """A field of `System` as a sighting; an unknown one says whether a recording or the computer withholds it."""
    where = f"system: {name}"
    if value is not None:
        return Saw(value, where)
    return Unseen(Reason.NOT_RECORDED if machine.recorded else Reason.FAILED, where)


def measured_number(machine: Machine, name: str, value: int | None) -> Sighting:
    """Like `system_value`, for a quantity that no computer has none of."""
    if value is not None and value <= 0:
        return Unseen(Reason.MALFORMED, f"system: {name}", str(value))
    return system_value(machine, name, value)
