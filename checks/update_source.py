"""Where this agent really takes its updates from, and what kind of source that is."""

from __future__ import annotations

from checks._facts import text_fact
from checks._source_address import SourceAddress, parse_address, same_host
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import BOOL, STRING, enum_of
from diagnose.machine.values import DnsStatus, Reason, Resolver, Unseen
from diagnose.patterns import compile_pattern
from diagnose.specs import FactName, SourceKindSpec, Spec


class Parameters(Spec, frozen=True):
    """The two witnesses of the source, the product's server, and how to tell the vendor's addresses."""

    used: FactName
    """The source that the product says it used."""
    logged: FactName | None = None
    """The source in the last download that the log holds."""
    server: FactName | None = None
    kinds: tuple[SourceKindSpec, ...] = ()


EVIDENCE = {
    "used_source": STRING,
    "used_kind": enum_of(("standard", "custom", "vendor", "rollback")),
    "registry_source": STRING,
    "logged_source": STRING,
    "witnesses_agree": BOOL,
    "server": STRING,
}
_UPDATE_AGENT_PATH = "/activeupdate"
"""Where an update agent serves; the server itself serves elsewhere."""


def measure(context: Context, parameters: Parameters) -> Measurement:
    """When the witnesses disagree, neither the source nor its kind is known; when one is unseen, the other stands."""
    server = text_fact(context, parameters.server, "server")
    registry = text_fact(context, parameters.used, "used")
    logged = text_fact(context, parameters.logged, "logged")
    used = registry if isinstance(logged, Unseen) else logged
    agree = _agree(context, parameters, registry, logged, server)
    if agree == Saw(False, agree.where):
        used = Unseen(Reason.CONTRADICTORY, agree.where, _both(registry, logged))
    return {
        "used_source": used,
        "used_kind": used if isinstance(used, Unseen) else _kind(context, parameters, used, server),
        "registry_source": registry,
        "logged_source": logged,
        "witnesses_agree": agree,
        "server": server,
    }


def _agree(
    context: Context, parameters: Parameters, registry: Saw | Unseen, logged: Saw | Unseen, server: Saw | Unseen
) -> Sighting:
    """Same computer and same kind; unseen when only one witness was seen."""
    if isinstance(registry, Unseen):
        return registry
    if isinstance(logged, Unseen):
        return logged
    one, other = parse_address(str(registry.value)), parse_address(str(logged.value))
    same = True if one.host == other.host else _same(context, one, other)
    if isinstance(same, Unseen):
        return same
    kinds = [_kind(context, parameters, witness, server) for witness in (registry, logged)]
    words = {None if isinstance(kind, Unseen) else kind.value for kind in kinds}
    return Saw(same and len(words) == 1, f"{registry.where}; {logged.where}")


def _both(registry: Saw | Unseen, logged: Saw | Unseen) -> str:
    return " / ".join(str(witness.value) for witness in (registry, logged) if isinstance(witness, Saw))


def _kind(context: Context, parameters: Parameters, source: Saw, server: Saw | Unseen) -> Sighting:
    """By the patterns first; then `standard` when it is the server itself, else `custom`."""
    text = str(source.value)
    for spec in parameters.kinds:
        if compile_pattern(spec.pattern, ignore_case=True).search(text):
            return Saw(spec.kind, source.where)
    if isinstance(server, Unseen):
        return server
    address = parse_address(text)
    same = _same(context, address, parse_address(str(server.value)))
    if isinstance(same, Unseen):
        on_update_agent = address.path.lower().startswith(_UPDATE_AGENT_PATH)
        return Saw("custom", source.where) if on_update_agent else same
    return Saw("standard" if same else "custom", f"{source.where}; {server.where}")


def _same(context: Context, one: SourceAddress, other: SourceAddress) -> bool | Unseen:
    """Like `same_host`; the computer's own resolver decides between an IP address and a name."""
    same = same_host(one, other)
    if same is not None:
        return same
    ip, name = (one.host, other.host) if one.is_ip else (other.host, one.host)
    answer = context.machine.resolve(name, Resolver.SYSTEM)
    if isinstance(answer, Unseen):
        return answer
    if answer.status is not DnsStatus.ANSWERED or not answer.addresses:
        return Unseen(Reason.FAILED, f"DNS {Resolver.SYSTEM} {name}", answer.status)
    return ip in answer.addresses


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=15.0)
