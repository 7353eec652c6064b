"""How far this computer's clock is off."""

from __future__ import annotations

from datetime import timedelta

from diagnose.check import Check, Context, Measurement, NoParameters, Saw
from diagnose.expressions.types import BOOL, DOUBLE, DURATION, STRING
from diagnose.machine.values import Reason, Unseen

EVIDENCE = {"offset_s": DOUBLE, "offset": DURATION, "ahead": BOOL, "source": STRING}
_MOST_S = 1e9
"""Seconds, some 30 years: what says more is no clock."""


def measure(context: Context, parameters: NoParameters) -> Measurement:  # noqa: ARG001
    """`offset_s`: this clock minus the network's, in seconds."""
    offset = context.machine.clock_offset()
    if isinstance(offset, Unseen):
        return dict.fromkeys(EVIDENCE, offset)
    if not abs(offset.seconds) < _MOST_S:
        return dict.fromkeys(EVIDENCE, Unseen(Reason.MALFORMED, offset.source, str(offset.seconds)))
    return {
        "offset_s": Saw(float(offset.seconds), offset.source),
        "offset": Saw(timedelta(seconds=abs(offset.seconds)), offset.source),
        "ahead": Saw(offset.seconds > 0, offset.source),
        "source": Saw(offset.source, offset.source),
    }


CHECK = Check(parameters=NoParameters, evidence=EVIDENCE, measure=measure, timeout_s=15.0)
