"""Is anything outside reached, directly or by the proxy? `online` is direct access alone."""

from __future__ import annotations

from collections.abc import Sequence

from checks._controls import CONTROLS, online, probe_controls
from checks._proxy_settings import first_proxy
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import BOOL, STRING, list_of
from diagnose.machine.interface import Machine
from diagnose.machine.values import Reason, Unseen, Via
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
    is reached directly; false where no proxy is set. `proxy_asked` may be a script that chooses (PAC).
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
    place = first_proxy(proxies) or next((one for one in proxies if one.pac_url), None)
    if place is None:
        nowhere = Unseen(Reason.MISSING, "proxy")
        where = ", ".join(one.where for one in proxies)
        return {
            "proxy_answers": Saw(False, where) if proxies else nowhere,
            "proxy_asked": Saw("", where) if proxies else nowhere,
        }
    asked: dict[str, Sighting] = {"proxy_asked": Saw(place.url or place.pac_url, place.where)}
    if not controls or (isinstance(direct, Saw) and direct.value):
        return asked
    url = f"http://{controls[0]}/"
    answer = machine.fetch(url, Via.PROXY)
    seen = answer if isinstance(answer, Unseen) else Saw(answer.status is not None, f"HTTP {Via.PROXY} {url}")
    return {"proxy_answers": seen, **asked}


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=22.0)
