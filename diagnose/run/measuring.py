"""Gathering evidence for all steps at once: one daemon thread a check, each with a deadline, none waited for after it.

Daemon threads and not a pool: a pool joins its threads when the process ends, and one check that hangs in a system
call would then hold up the end of the run.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from diagnose.check import Measurement, Sighting
from diagnose.expressions import BOOL, Unknown, compile_expression, unknown
from diagnose.facts.resolver import Facts
from diagnose.machine.interface import Machine
from diagnose.machine.values import Reason, Unseen
from diagnose.rules.compiled import CompiledFlow, CompiledStep
from diagnose.rules.names import product_names
from diagnose.run.clock import Clock
from diagnose.run.faults import in_one_line

FACTS = "facts"
"""The name under which a step's own facts are resolved, beside its checks."""
_FACTS_TIMEOUT_S = 15.0


@dataclass(frozen=True, slots=True)
class RunContext:
    """What checks get; see `diagnose.check.Context`."""

    machine: Machine
    facts: Facts
    flow: CompiledFlow
    now: datetime

    def fact(self, name: str) -> Sighting:
        return self.facts.resolve(name)

    def fill(self, text: str) -> str | Unseen:
        return self.facts.fill(text)

    def applies(self, when: str | None) -> bool | Unseen:
        if when is None:
            return True
        compiled = compile_expression(when, product_names(self.flow.facts), BOOL)
        result = compiled.evaluate(condition_values(compiled.names, self.facts, self.machine, self.now))
        if isinstance(result, Unknown):
            gap = min(result.gaps, key=lambda gap: gap.name)
            return Unseen(gap.reason, gap.where or gap.name, gap.detail)
        return bool(result)


def condition_values(names: frozenset[str], facts: Facts, machine: Machine, now: datetime) -> dict[str, object]:
    """Values for a condition of a product file; each fact that it names is read now."""
    values: dict[str, object] = {"now": now, "machine.platform": str(machine.platform)}
    for name in names:
        if name.startswith("facts."):
            values[name] = sighting_value(name, facts.resolve(name.removeprefix("facts.")))
    return values


def sighting_value(name: str, sighting: Sighting) -> object:
    if isinstance(sighting, Unseen):
        return unknown(name, sighting.reason, sighting.where, sighting.detail)
    value = sighting.value
    return list(value) if isinstance(value, tuple) else value


@dataclass(slots=True)
class Probe:
    """One check at work."""

    name: str
    deadline: float
    """Monotonic time after which nobody waits for it."""
    done: threading.Event = field(default_factory=threading.Event)
    result: Measurement = field(default_factory=dict)
    broke: str = ""
    """What our own code stumbled over; empty when it did not."""


@dataclass(slots=True)
class Measuring:
    """All checks of one step."""

    step: CompiledStep
    probes: list[Probe]
    started: datetime
    started_at: float

    @property
    def deadline(self) -> float:
        return max(probe.deadline for probe in self.probes)

    def unfinished(self, now: float) -> tuple[str, ...]:
        """Checks that are at work and still have time."""
        return tuple(p.name for p in self.probes if not p.done.is_set() and now < p.deadline)

    def evidence(self) -> dict[str, Sighting]:
        """Every declared field: what was seen, or why it was not."""
        found: dict[str, Sighting] = {}
        for check, probe in zip(self.step.checks, self.probes, strict=False):
            for name in check.check.evidence:
                found[name] = self._field(probe, name)
        return found

    def _field(self, probe: Probe, name: str) -> Sighting:
        if not probe.done.is_set():
            return Unseen(Reason.DEADLINE, f"check {probe.name}")
        if probe.broke:
            return Unseen(Reason.CHECK_BROKE, f"check {probe.name}", probe.broke)
        return probe.result.get(name, Unseen(Reason.NO_SOURCE, f"check {probe.name}"))

    def late(self) -> tuple[str, ...]:
        """Checks that did not come back in time."""
        return tuple(probe.name for probe in self.probes if not probe.done.is_set())

    def broken(self) -> Mapping[str, str]:
        return {probe.name: probe.broke for probe in self.probes if probe.broke}


def start_measuring(step: CompiledStep, context: RunContext, clock: Clock, run_deadline: float) -> Measuring:
    """Start every check of a step. Returns at once."""
    now = clock.monotonic()
    probes = []
    for check in step.checks:
        probe = Probe(check.name, min(now + check.check.timeout_s, run_deadline))
        probes.append(probe)
        _start(probe, partial(check.check.measure, context, check.parameters))
    facts = Probe(FACTS, min(now + _FACTS_TIMEOUT_S, run_deadline))
    probes.append(facts)
    version = (context.flow.product.version,) if context.flow.product.version is not None else ()
    _start(facts, partial(_resolve_all, context, (*facts_of(step), *version)))
    return Measuring(step, probes, clock.wall(), now)


def _start(probe: Probe, job: Callable[[], Measurement]) -> None:
    def work() -> None:
        try:
            probe.result = dict(job())
        except BaseException as error:  # the border: our own fault must not read as the computer's
            probe.broke = in_one_line(error)
        finally:
            probe.done.set()

    threading.Thread(target=work, name=f"check {probe.name}", daemon=True).start()


def _resolve_all(context: RunContext, names: tuple[str, ...]) -> Measurement:
    for name in names:
        context.fact(name)
    return {}


def facts_of(step: CompiledStep) -> tuple[str, ...]:
    """The facts that a step's conditions, texts and calculation name, and those that it shows."""
    names: set[str] = set(step.spec.show)
    for branch in step.branches:
        used = set(branch.when.names)
        for value in branch.values.values():
            used |= value.names
        if branch.because is not None:
            used |= branch.because.ja.names
        names |= _facts_among(used)
    if step.calculation is not None:
        names |= _facts_among(step.calculation.names)
    return tuple(sorted(names))


def _facts_among(names: Iterable[str]) -> set[str]:
    return {name.removeprefix("facts.") for name in names if name.startswith("facts.")}
