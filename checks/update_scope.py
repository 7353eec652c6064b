"""Whether this agent may take program upgrades."""

from __future__ import annotations

from checks._facts import word_fact
from diagnose.check import Check, Context, Measurement
from diagnose.expressions.types import enum_of
from diagnose.specs import FactName, Spec


class Parameters(Spec, frozen=True):
    """`program_upgrade` names the fact that holds `allowed` or `blocked`."""

    program_upgrade: FactName


SCOPES = ("allowed", "blocked")
EVIDENCE = {"program_upgrade": enum_of(SCOPES)}


def measure(context: Context, parameters: Parameters) -> Measurement:
    """The fact as it is; any other word is malformed."""
    return {"program_upgrade": word_fact(context, parameters.program_upgrade, SCOPES, "program_upgrade")}


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=5.0)
