"""Is anything outside reached? Direct access only: a network that lets out nothing but its proxy is not online here."""

from __future__ import annotations

from checks._controls import CONTROLS, online, probe_controls
from diagnose.check import Check, Context, Measurement, Saw
from diagnose.expressions.types import BOOL, STRING, list_of
from diagnose.machine.values import Unseen
from diagnose.specs import Spec

_SECONDS = 13.0


class Parameters(Spec, frozen=True):
    """Hosts that are always there; one of them is enough."""

    controls: tuple[str, ...] = CONTROLS


EVIDENCE = {"online": BOOL, "control": STRING, "controls_failed": list_of(STRING)}


def measure(context: Context, parameters: Parameters) -> Measurement:
    """`control` is the first of the controls that was reached; empty when none was."""
    probes = probe_controls(context.machine, parameters.controls, _SECONDS)
    state = online(probes)
    if isinstance(state, Unseen):
        return {"online": state, "control": state, "controls_failed": state}
    results = {probe.name: result.value for probe in probes if isinstance(result := probe.online, Saw)}
    reached = next((name for name, value in results.items() if value), "")
    failed = tuple(name for name, value in results.items() if not value)
    return {"online": state, "control": Saw(reached, state.where), "controls_failed": Saw(failed, state.where)}


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=15.0)
