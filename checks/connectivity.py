"""Can the product's servers be reached, and if not, where on the way does it end?

Names go through the system's resolver, with public DNS as a second witness when that or a later stage fails. A later
answer proves the stages before it; what was not seen never counts as reached.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from checks._controls import CONTROLS, ControlProbe, online, probe_controls
from checks._dns_answers import Resolved, addresses
from checks._endpoint import Seen, Target
from checks._endpoint_faults import Outcome, leads_elsewhere
from checks._endpoint_probe import probe_endpoint
from checks._endpoint_verdict import Decision, Network, around, classify
from checks._hosts_file import HostsFile, read_hosts
from checks._proxy_settings import first_proxy, service_has_proxy
from checks._side_by_side import latest
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import BOOL, INT, STRING, TIMESTAMP, enum_of, list_of
from diagnose.machine.interface import Machine
from diagnose.machine.values import DnsAnswer, HttpAnswer, ProxySetting, Reason, TcpAnswer, TlsAnswer, Unseen, Via
from diagnose.specs import EndpointSpec, Spec

# Together below the time limit of the check; the first holds a TLS handshake and a request that both time out.
_ENDPOINTS_S = 17.0
_CONTROLS_S = 7.0
_BODY_START = 80
_STOPPED_ON_THE_WAY = frozenset(
    {
        Outcome.TCP_FILTERED,
        Outcome.TCP_REFUSED,
        Outcome.TLS_RESET,
        Outcome.TLS_NAME_FILTERED,
    }
)


class Parameters(Spec, frozen=True):
    """What the product talks to, in order of importance."""

    endpoints: tuple[EndpointSpec, ...]
    controls: tuple[str, ...] = CONTROLS


EVIDENCE = {
    "outcome": enum_of(tuple(str(outcome) for outcome in Outcome)),
    "endpoint": STRING,
    "host": STRING,
    "port": INT,
    "url": STRING,
    "public_name": BOOL,
    "addresses": list_of(STRING),
    "public_addresses": list_of(STRING),
    "resolvers": list_of(STRING),
    "hosts_entry": STRING,
    "issuer": STRING,
    "subject": STRING,
    "not_after": TIMESTAMP,
    "tls_error": STRING,
    "http_status": INT,
    "body_start": STRING,
    "proxy": STRING,
    "control_online": BOOL,
    "authority": STRING,
    "tls_version": STRING,
    "dead_addresses": list_of(STRING),
    "proxy_schemes": STRING,
    "portal": STRING,
    "to_allow": list_of(STRING),
    "other_faults": list_of(STRING),
    "reached": list_of(STRING),
    "failed": list_of(STRING),
}


@dataclass(frozen=True, slots=True)
class _Verdict:
    """One endpoint that applies; `target` is None when its host, port or condition is not known."""

    target: Target | None
    seen: Seen
    decision: Decision | Unseen

    def is_decided(self, *, reached: bool) -> bool:
        return isinstance(self.decision, Decision) and (self.decision.outcome is Outcome.REACHED) is reached


def measure(context: Context, parameters: Parameters) -> Measurement:
    """Beside the two lists, the evidence is that of the first endpoint that is not reached, else of the first one."""
    machine = context.machine
    hosts, proxies = read_hosts(machine), machine.proxies()
    settings = () if isinstance(proxies, Unseen) else proxies
    wanted = [target for spec in parameters.endpoints if (target := _target(context, spec)) is not None]
    seen = _probe(machine, [target for target in wanted if isinstance(target, Target)], hosts, _proxy_url(proxies))
    network = Network(service_has_proxy=service_has_proxy(settings))
    verdicts = _judge(wanted, seen, network)
    controls: tuple[ControlProbe, ...] = ()
    if any(verdict.target and not verdict.is_decided(reached=True) for verdict in verdicts):
        controls = probe_controls(machine, parameters.controls, _CONTROLS_S)
        reached = any(verdict.is_decided(reached=True) for verdict in verdicts)
        network = around(controls, something_reached=reached, service_has_proxy=network.service_has_proxy)
        portal = _portal(machine, parameters.controls) if _looks_like_a_portal(verdicts) else ""
        network = replace(network, portal=portal)
        verdicts = _judge(wanted, seen, network)
    measurement = {
        **_summary(verdicts),
        **_details(_leading(verdicts), hosts),
        **_proxy(proxies),
        "portal": Saw(network.portal, f"HTTP {Via.DIRECT}"),
        "to_allow": _to_allow(verdicts),
        "other_faults": _other_faults(verdicts),
    }
    return {**measurement, "control_online": online(controls)} if controls else measurement


def _looks_like_a_portal(verdicts: Sequence[_Verdict]) -> bool:
    """Something stopped that a sign-in page may have stopped: not the name, and not for lack of any network."""
    return any(
        isinstance(verdict.decision, Decision) and str(verdict.decision.outcome).startswith(("tcp_", "tls_", "http_"))
        for verdict in verdicts
    )


def _portal(machine: Machine, controls: Sequence[str]) -> str:
    """The host that a plain request for a well-known site is sent to; empty when it is answered or lost."""
    answer = machine.fetch(f"http://{controls[0]}/", Via.DIRECT) if controls else None
    return leads_elsewhere(answer) if isinstance(answer, HttpAnswer) else ""


def _target(context: Context, spec: EndpointSpec) -> Target | Unseen | None:
    """None when the endpoint does not apply."""
    applies = context.applies(spec.when)
    if isinstance(applies, Unseen) or not applies:
        return applies or None
    filled = [context.fill(text) for text in (spec.host, str(spec.port), spec.url or "")]
    unknown = next((text for text in filled if isinstance(text, Unseen)), None)
    if unknown:
        return unknown
    host, port, url = (str(text).strip() for text in filled)
    return _checked(spec, host.removeprefix("[").removesuffix("]"), port, url)


def _checked(spec: EndpointSpec, host: str, port: str, url: str) -> Target | Unseen:
    number = int(port) if port.isascii() and port.isdecimal() and len(port) <= 5 else 0
    if not host or not 0 < number < 65536:
        return Unseen(Reason.MALFORMED, f"{host}:{port}")
    return Target(
        id=spec.id,
        host=host,
        port=number,
        url=url or None,
        tls=spec.tls and not url,
        own=spec.trust == "own",
        public=spec.public,
        statuses=spec.statuses,
        body_contains=spec.body_contains,
    )


def _probe(
    machine: Machine, targets: Sequence[Target], hosts: HostsFile | Unseen, proxy_url: str | None
) -> dict[Target, Seen]:
    pins = {target: "" if isinstance(hosts, Unseen) else hosts.address(target.host) for target in targets}
    jobs = [partial(probe_endpoint, machine, target, pins[target], proxy_url) for target in targets]
    found = latest(jobs, _ENDPOINTS_S)
    return {target: seen or Seen(pins[target]) for target, seen in zip(targets, found, strict=True)}


def _judge(wanted: Sequence[Target | Unseen], seen: dict[Target, Seen], network: Network) -> list[_Verdict]:
    return [
        _Verdict(None, Seen(), target)
        if isinstance(target, Unseen)
        else _Verdict(target, seen[target], classify(target, seen[target], network))
        for target in wanted
    ]


def _leading(verdicts: Sequence[_Verdict]) -> _Verdict | None:
    """The first that failed, else the first that is undecided, else the first."""
    probed = [verdict for verdict in verdicts if verdict.target]
    failed = [verdict for verdict in probed if verdict.is_decided(reached=False)]
    undecided = [verdict for verdict in probed if isinstance(verdict.decision, Unseen)]
    return next(iter([*failed, *undecided, *probed]), None)


def _summary(verdicts: Sequence[_Verdict]) -> dict[str, Sighting]:
    undecided = [verdict.decision for verdict in verdicts if isinstance(verdict.decision, Unseen)]
    decisions = [verdict.decision for verdict in verdicts if isinstance(verdict.decision, Decision)]
    unknown = next(iter(undecided), Unseen(Reason.MISSING, "endpoints"))
    deciding = next((decision for decision in decisions if decision.outcome is not Outcome.REACHED), None)
    if deciding is None and not undecided and decisions:
        deciding = decisions[0]
    return {
        "outcome": Saw(str(deciding.outcome), deciding.where) if deciding else unknown,
        "reached": _names(verdicts, reached=True) if decisions else unknown,
        "failed": _names(verdicts, reached=False) if decisions else unknown,
    }


def _to_allow(verdicts: Sequence[_Verdict]) -> Saw:
    """What a firewall would have to let out, for those endpoints that something on the way stops."""
    stopped = (one.target for one in verdicts if _fault(one) in _STOPPED_ON_THE_WAY and one.target)
    return Saw(tuple(dict.fromkeys(f"TCP {target}" for target in stopped)))


def _fault(verdict: _Verdict) -> Outcome | None:
    decided = isinstance(verdict.decision, Decision) and verdict.decision.outcome is not Outcome.REACHED
    return verdict.decision.outcome if decided and isinstance(verdict.decision, Decision) else None


def _other_faults(verdicts: Sequence[_Verdict]) -> Saw:
    """`host:port: outcome` of the endpoints behind the leading one that failed in another way than that one."""
    faults = [(str(one.target), fault) for one in verdicts if (fault := _fault(one)) is not None]
    return Saw(tuple(dict.fromkeys(f"{host}: {fault}" for host, fault in faults if fault is not faults[0][1])))


def _names(verdicts: Sequence[_Verdict], *, reached: bool) -> Saw:
    return Saw(tuple(dict.fromkeys(str(one.target) for one in verdicts if one.is_decided(reached=reached))))


def _details(verdict: _Verdict | None, hosts: HostsFile | Unseen) -> dict[str, Sighting]:
    if verdict is None or verdict.target is None:
        return {}
    target, seen = verdict.target, verdict.seen
    return {
        "endpoint": Saw(target.id),
        "host": Saw(target.host),
        "port": Saw(target.port),
        "url": Saw(target.url or ""),
        "public_name": Saw(target.public),
        "hosts_entry": hosts if isinstance(hosts, Unseen) else hosts.entry(target.host),
        **_resolved(target, seen, hosts),
        **_tls(target, seen, verdict.decision),
        **_http(target, seen, verdict.decision),
        "dead_addresses": _dead_addresses(target, seen),
    }


def _resolved(target: Target, seen: Seen, hosts: HostsFile | Unseen) -> dict[str, Sighting]:
    found: dict[str, Sighting] = {}
    if target.literal:
        found["addresses"] = Saw((target.host,))
    elif isinstance(hosts, HostsFile) and seen.pin:
        found["addresses"] = Saw((seen.pin,), hosts.where)
    else:
        found.update(_addresses("addresses", seen.system, f"DNS system {target.host}"))
    found.update(_addresses("public_addresses", seen.public, f"DNS public {target.host}"))
    if isinstance(seen.system, DnsAnswer) and seen.system.server:
        found["resolvers"] = Saw((seen.system.server,), f"DNS system {target.host}")
    return found


def _addresses(name: str, answer: Resolved, where: str) -> dict[str, Sighting]:
    if answer is None:
        return {}
    return {name: answer if isinstance(answer, Unseen) else Saw(addresses(answer), where)}


def _dead_addresses(target: Target, seen: Seen) -> Sighting:
    if isinstance(seen.tcp, TcpAnswer):
        return Saw(seen.tcp.dead, f"TCP {target}")
    return seen.tcp or Unseen(Reason.TIMED_OUT, f"TCP {target}")


def _tls(target: Target, seen: Seen, decision: Decision | Unseen) -> dict[str, Sighting]:
    by_proxy = f"TLS {Via.PROXY} {target}"
    through = isinstance(decision, Decision) and decision.where == by_proxy
    answer, where = (seen.proxied_tls, by_proxy) if through else (seen.tls, f"TLS {target}")
    names = ("issuer", "subject", "tls_error", "not_after", "authority", "tls_version")
    if not isinstance(answer, TlsAnswer):
        return {} if answer is None else dict.fromkeys(names, answer)
    ends = answer.not_after
    return {
        "issuer": Saw(answer.issuer, where),
        "subject": Saw(answer.subject, where),
        "tls_error": Saw("; ".join(filter(None, (answer.error, *answer.more_errors))), where),
        "not_after": Saw(ends, where) if ends and ends.tzinfo else Unseen(Reason.MISSING, where),
        "authority": Saw(answer.chain[-1] if answer.chain else answer.issuer, where),
        "tls_version": Saw(answer.version, where),
    }


def _http(target: Target, seen: Seen, decision: Decision | Unseen) -> dict[str, Sighting]:
    by_proxy = f"HTTP {Via.PROXY} {target.url}"
    through = isinstance(decision, Decision) and decision.where == by_proxy
    answer, where = (seen.proxied, by_proxy) if through else (seen.http, f"HTTP {Via.DIRECT} {target.url}")
    if not isinstance(answer, HttpAnswer):
        return {} if answer is None else {"http_status": answer, "body_start": answer}
    if answer.status is None:
        nothing = Unseen(Reason.FAILED, where, answer.error)
        return {"http_status": nothing, "body_start": nothing}
    return {
        "http_status": Saw(answer.status, where),
        "body_start": Saw(answer.body[:_BODY_START], where),
        "proxy_schemes": Saw(answer.header("proxy-authenticate"), where),
    }


def _proxy_url(proxies: tuple[ProxySetting, ...] | Unseen) -> str | None:
    """Empty when no proxy is set; None when that could not be seen, if only for the user."""
    if isinstance(proxies, Unseen):
        return None
    setting = first_proxy(proxies)
    if setting is not None:
        return setting.url
    if any(place.pac_url for place in proxies):
        return None  # whom a script chooses is seen only by asking
    return "" if {place.owner for place in proxies} & {"user", "environment"} else None


def _proxy(proxies: tuple[ProxySetting, ...] | Unseen) -> dict[str, Sighting]:
    if isinstance(proxies, Unseen):
        return {"proxy": proxies}
    where = ", ".join(place.where for place in proxies)
    url = _proxy_url(proxies)
    script = next((place for place in proxies if place.pac_url), None)
    if url is None and script is not None:
        return {"proxy": Saw(script.pac_url, script.where)}
    if url is None:
        return {"proxy": Unseen(Reason.NOT_RECORDED, where)}
    setting = first_proxy(proxies)
    return {"proxy": Saw(url, setting.where if setting else where)}


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=25.0)
