"""Which proxies are set, for whom, and does the first of them let a request through?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from checks._controls import CONTROLS, ControlProbe, online, probe_control
from checks._proxy_settings import address_of, first_proxy, is_set
from checks._side_by_side import latest
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import BOOL, STRING, enum_of
from diagnose.machine.interface import Machine
from diagnose.machine.proxy_settings import without_credentials
from diagnose.machine.values import HttpAnswer, ProxySetting, Reason, TcpAnswer, TcpStatus, Unseen, Via
from diagnose.specs import Spec

_SECONDS = 13.5


class Parameters(Spec, frozen=True):
    """Hosts that are always there: the first is asked for through the proxy, all of them directly."""

    controls: tuple[str, ...] = CONTROLS


EVIDENCE = {
    "configured": BOOL,
    "user_proxy": STRING,
    "service_proxy": STRING,
    "environment_proxy": STRING,
    "pac_url": STRING,
    "proxy_status": enum_of(("reachable", "unreachable", "authentication_required", "blocked", "not_configured")),
    "direct_works": BOOL,
    "service_lacks_proxy": BOOL,
}
# None: no answer at all. A gateway error (502 to 504) is about the control, not about the proxy.
_ANSWERS = {None: "unreachable", 407: "authentication_required", 403: "blocked"}
_USER, _SERVICE, _ENVIRONMENT = ("user",), ("service", "policy"), ("environment",)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was seen of the proxy so far; None: not asked, or not answered in time."""

    tcp: TcpAnswer | Unseen | None = None
    http: HttpAnswer | Unseen | None = None


def measure(context: Context, parameters: Parameters) -> Measurement:
    """Empty text: the places that were looked at name none. A place that nobody looked at stays unknown."""
    proxies = context.machine.proxies()
    setting = None if isinstance(proxies, Unseen) else first_proxy(proxies)
    url = f"http://{parameters.controls[0]}/" if parameters.controls else ""
    seen, direct = _probe(context.machine, parameters.controls, setting, url)
    status = proxies if isinstance(proxies, Unseen) else _status(proxies, setting, seen, url)
    return {**_settings(proxies), "proxy_status": status, "direct_works": direct}


def _probe(machine: Machine, controls: Sequence[str], setting: ProxySetting | None, url: str) -> tuple[_Seen, Sighting]:
    """The proxy and the controls at the same time."""
    address = address_of(setting.url) if setting else None
    jobs: list[Callable[[], Iterator[_Seen | ControlProbe]]] = [partial(_ask, machine, address, url)]
    jobs += [partial(probe_control, machine, name) for name in controls]
    found = latest(jobs, _SECONDS)
    probes = [probe for probe in found if isinstance(probe, ControlProbe)]
    return next((seen for seen in found if isinstance(seen, _Seen)), _Seen()), online(probes)


def _ask(machine: Machine, address: tuple[str, int] | None, url: str) -> Iterator[_Seen]:
    if address is None:
        return
    seen = _Seen(machine.connect(*address))
    yield seen
    if url and not (isinstance(seen.tcp, TcpAnswer) and seen.tcp.status is not TcpStatus.CONNECTED):
        yield replace(seen, http=machine.fetch(url, Via.PROXY))


def _settings(proxies: tuple[ProxySetting, ...] | Unseen) -> dict[str, Sighting]:
    names = ("configured", "user_proxy", "service_proxy", "environment_proxy", "pac_url", "service_lacks_proxy")
    if isinstance(proxies, Unseen):
        return dict.fromkeys(names, proxies)
    chosen = next(filter(is_set, proxies), None)
    places = ", ".join(setting.where for setting in proxies)
    script = next((setting for setting in proxies if setting.pac_url), None)
    return {
        "configured": Saw(True, chosen.where) if chosen else _nowhere(proxies, False),
        "user_proxy": _named(proxies, _USER),
        "service_proxy": _named(proxies, _SERVICE),
        "environment_proxy": _named(proxies, _ENVIRONMENT),
        "pac_url": Saw(script.pac_url, script.where) if script else _nowhere(proxies, ""),
        "service_lacks_proxy": _service_lacks_proxy(proxies, places),
    }


def _nowhere(settings: Sequence[ProxySetting], value: bool | str) -> Sighting:
    """A definite "none" needs that somebody looked."""
    if not settings:
        return Unseen(Reason.MISSING, "proxy")
    return Saw(value, ", ".join(setting.where for setting in settings))


def _named(settings: Sequence[ProxySetting], owners: Sequence[str]) -> Sighting:
    own = [setting for setting in settings if setting.owner in owners]
    if not own:
        return Unseen(Reason.MISSING, f"proxy: {', '.join(owners)}")
    setting = first_proxy(own) or own[0]
    return Saw(setting.url, setting.where)


def _service_lacks_proxy(settings: Sequence[ProxySetting], places: str) -> Sighting:
    user = [is_set(setting) for setting in settings if setting.owner in _USER]
    service = [is_set(setting) for setting in settings if setting.owner in _SERVICE]
    if any(service) or (user and not any(user)):
        return Saw(False, places)
    if not user or not service:
        return Unseen(Reason.MISSING, f"proxy: {', '.join(_SERVICE if user else _USER)}")
    return Saw(True, places)


def _status(settings: Sequence[ProxySetting], setting: ProxySetting | None, seen: _Seen, url: str) -> Sighting:
    if setting is None:
        return _without_address(settings)
    if address_of(setting.url) is None:
        return Unseen(Reason.MALFORMED, setting.where, without_credentials(setting.url))
    if isinstance(seen.tcp, TcpAnswer) and seen.tcp.status is not TcpStatus.CONNECTED:
        return Saw("unreachable", f"TCP {seen.tcp.host}:{seen.tcp.port}")
    where = f"HTTP {Via.PROXY} {url}"
    if isinstance(seen.http, HttpAnswer):
        return Saw(_ANSWERS.get(seen.http.status, "reachable"), where)
    missing = (answer for answer in (seen.tcp, seen.http) if isinstance(answer, Unseen))
    return next(missing, Unseen(Reason.TIMED_OUT, where))


def _without_address(settings: Sequence[ProxySetting]) -> Sighting:
    script = next((setting for setting in settings if setting.pac_url), None)
    if script:
        # Only a browser's engine can say which proxy the script would choose.
        return Unseen(Reason.UNSUPPORTED, script.where, script.pac_url)
    return _nowhere(settings, "not_configured")


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=15.0)
