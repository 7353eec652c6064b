"""Is anything outside reached, directly or by the proxy? `online` is direct access alone."""

from __future__ import annotations

from collections.abc import Sequence

from checks._controls import CONTROLS, online, probe_controls
from checks._proxy_settings import first_proxy
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import BOOL, STRING, list_of
from diagnose.machine.interface import Machine
from diagnose.machine.values import Unseen, Via
from diagnose.specs import Spec

_SECONDS = 9.0


class Parameters(Spec, frozen=True):
    """Hosts that are always there; one of them is enough."""

    controls: tuple[str, ...] = CONTROLS


EVIDENCE = {
    "online": BOOL,
    "control": STRING,
    "controls_failed": list_of(STRING),
    "proxy_answers": BOOL,
    "proxy_asked": STRING,
}


def measure(context: Context, parameters: Parameters) -> Measurement:
    """`control` is the first of the controls that was reached; empty when none was.

    `proxy_answers`: some web server was reached by the proxy, or the proxy itself said why not. Asked where nothing
    is reached directly.
    """
    probes = probe_controls(context.machine, parameters.controls, _SECONDS)
    state = online(probes)
    proxied = _by_proxy(context.machine, parameters.controls, state)
    if isinstance(state, Unseen):
        return {"online": state, "control": state, "controls_failed": state, **proxied}
    results = {probe.name: result.value for probe in probes if isinstance(result := probe.online, Saw)}
    reached = next((name for name, value in results.items() if value), "")
    failed = tuple(name for name, value in results.items() if not value)
    return {
        "online": state,
        "control": Saw(reached, state.where),
        "controls_failed": Saw(failed, state.where),
        **proxied,
    }


def _by_proxy(machine: Machine, controls: Sequence[str], direct: Sighting) -> dict[str, Sighting]:
    proxies = machine.proxies()
    if isinstance(proxies, Unseen):
        return {"proxy_answers": proxies, "proxy_asked": proxies}
    setting = first_proxy(proxies)
    asked = Saw(setting.url if setting else "", setting.where if setting else "")
    if setting is None or not controls or (isinstance(direct, Saw) and direct.value):
        return {"proxy_answers": Saw(False), "proxy_asked": asked} if setting is None else {"proxy_asked": asked}
    url = f"http://{controls[0]}/"
    answer = machine.fetch(url, Via.PROXY)
    if isinstance(answer, Unseen):
        return {"proxy_answers": answer, "proxy_asked": asked}
    return {"proxy_answers": Saw(answer.status is not None, f"HTTP {Via.PROXY} {url}"), "proxy_asked": asked}


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=22.0)
