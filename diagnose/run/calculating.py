"""Working out a step's calculation from what is known when it is judged."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from diagnose.calculation import Calculated
from diagnose.check import Value
from diagnose.expressions import Gap, Unknown
from diagnose.machine.values import Reason
from diagnose.rules.compiled import StepCalculation
from diagnose.run.faults import in_one_line


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: the values, or why there are none."""

    calculated: Calculated
    lacks: frozenset[Gap] = frozenset()

    def value(self, name: str, where: str) -> object:
        """Of one declared name; Unknown when there is none."""
        if self.lacks:
            return Unknown(self.lacks)
        found = self.calculated.evidence.get(name)
        if found is None:
            return Unknown(frozenset((Gap(f"evidence.{name}", Reason.NO_SOURCE, where),)))
        return list(found) if isinstance(found, tuple) else found


def work_out(
    step: StepCalculation, values: Mapping[str, object], waiting: Collection[str], kept: Mapping[str, Value] | None
) -> Outcome:
    """`waiting`: questions that may still be asked; nothing that one of them could change is worked out before.

    `kept`: what an earlier run worked out of a secret that nobody keeps; it stands in where the secret is missing.
    """
    given: dict[str, object] = {}
    lacks: set[Gap] = set()
    open_names = {f"answers.{name}" for name in waiting}
    for name, declared in step.calculation.inputs.items():
        expression = step.inputs.get(name)
        value = expression.evaluate(values) if expression is not None else None
        if not isinstance(value, Unknown):
            given[name] = value
            continue
        given[name] = None
        if declared.needed or any(gap.name in open_names for gap in value.gaps):
            lacks |= value.gaps
    if lacks and kept is not None and {gap.name for gap in lacks} & step.secrets:
        return Outcome(Calculated(kept))
    if lacks:
        return Outcome(Calculated(), frozenset(lacks))
    try:
        return Outcome(step.calculation.calculate(given))
    except Exception as error:  # the border: our own fault must not read as the computer's
        where = f"calculation {step.name}"
        return Outcome(Calculated(), frozenset((Gap(where, Reason.CHECK_BROKE, where, in_one_line(error)),)))
