"""Does the firewall of Windows let others reach a TCP port of this computer? Its rules as the registry holds them.

A rule is one text: `v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=2221|App=%ProgramFiles%\\...|Name=...|`.
What it leaves out counts for everything. A firewall of another product is not seen here.
"""

from __future__ import annotations

import ntpath
from collections.abc import Iterator
from dataclasses import dataclass, field

from checks._places import places
from checks._registry import as_number, registry_value
from diagnose.check import Check, Context, Measurement, Saw, Sighting
from diagnose.expressions.types import BOOL, STRING, list_of
from diagnose.machine.interface import Machine
from diagnose.machine.values import Absent, Reason, Unseen
from diagnose.specs import Spec


class Parameters(Spec, frozen=True):
    """The port, and the programs that may listen on it: a rule for any other program does not count."""

    port: int
    programs: tuple[str, ...] = ()


EVIDENCE = {
    "firewall_on": BOOL,
    "firewall_profiles": list_of(STRING),
    "port_allowed": BOOL,
    "port_blocked": BOOL,
    "allow_rules": list_of(STRING),
    "block_rules": list_of(STRING),
}
_POLICY = r"HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy"
_GROUP_POLICY = r"HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall"
_PROFILES = ("DomainProfile", "StandardProfile", "PublicProfile")
_MOST_RULES = 5_000
_MOST_NAMES = 5
_LONGEST = 8_000
_TCP = "6"


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    fields: dict[str, list[str]] = field(default_factory=dict)

    def first(self, key: str) -> str:
        return next(iter(self.fields.get(key, ())), "")


def measure(context: Context, parameters: Parameters) -> Measurement:
    """`firewall_on`: in any profile. A group policy's word on a profile counts before the computer's own."""
    on = _profiles(context.machine)
    rules: list[_Rule] = []
    seen: list[str] = []
    for key in (rf"{_POLICY}\FirewallRules", rf"{_GROUP_POLICY}\FirewallRules"):
        found = context.machine.registry_key(key)
        if isinstance(found, Unseen):
            return {**on, **dict.fromkeys(("port_allowed", "port_blocked", "allow_rules", "block_rules"), found)}
        if not isinstance(found, Absent):
            seen.append(found.where)
            rules += _rules(str(value.data) for value in list(found.values.values())[:_MOST_RULES])
    where = places(seen)
    if not seen:
        nothing = Unseen(Reason.MISSING, rf"{_POLICY}\FirewallRules")
        return {**on, **dict.fromkeys(("port_allowed", "port_blocked", "allow_rules", "block_rules"), nothing)}
    wanted = [rule for rule in rules if _concerns(rule, parameters)]
    allow = tuple(rule.name for rule in wanted if rule.first("action") == "allow")[:_MOST_NAMES]
    block = tuple(rule.name for rule in wanted if rule.first("action") == "block")[:_MOST_NAMES]
    return {
        **on,
        "port_allowed": Saw(bool(allow), where),
        "port_blocked": Saw(bool(block), where),
        "allow_rules": Saw(allow, where),
        "block_rules": Saw(block, where),
    }


def _profiles(machine: Machine) -> dict[str, Sighting]:
    on: list[str] = []
    unknown: Unseen | None = None
    for profile in _PROFILES:
        state = _enabled(machine, profile)
        if isinstance(state, Unseen):
            unknown = unknown or state
        elif state:
            on.append(profile)
    if unknown and not on:
        return dict.fromkeys(("firewall_on", "firewall_profiles"), unknown)
    return {"firewall_on": Saw(bool(on), _POLICY), "firewall_profiles": unknown or Saw(tuple(on), _POLICY)}


def _enabled(machine: Machine, profile: str) -> bool | Unseen:
    for key in (rf"{_GROUP_POLICY}\{profile}", rf"{_POLICY}\{profile}"):
        value = registry_value(machine, key, "EnableFirewall")
        if isinstance(value, Unseen):
            return value
        if not isinstance(value, Absent):
            number = as_number(value.data)
            return Unseen(Reason.MALFORMED, value.where) if number is None else number != 0
    return Unseen(Reason.MISSING, rf"{_POLICY}\{profile} : EnableFirewall")


def _rules(texts: Iterator[str]) -> list[_Rule]:
    """Active rules for what comes in."""
    found = []
    for text in texts:
        fields: dict[str, list[str]] = {}
        for part in text[:_LONGEST].split("|"):
            key, equals, value = part.partition("=")
            if equals:
                fields.setdefault(key.strip().lower(), []).append(value.strip())
        rule = _Rule(next(iter(fields.get("name", ())), "")[:100], _lowered(fields))
        if rule.first("active") == "true" and rule.first("dir") == "in":
            found.append(rule)
    return found


def _lowered(fields: dict[str, list[str]]) -> dict[str, list[str]]:
    return {key: [value.lower() for value in values] for key, values in fields.items()}


def _concerns(rule: _Rule, parameters: Parameters) -> bool:
    protocol, program = rule.first("protocol"), rule.first("app")
    if protocol and protocol != _TCP:
        return False
    # A rule for a service or a packaged app is for that one alone.
    if rule.first("svc") or rule.first("apppkgid"):
        return False
    if program and ntpath.basename(program) not in {name.lower() for name in parameters.programs}:
        return False
    ports = [*rule.fields.get("lport", ()), *rule.fields.get("lport2_10", ())]
    if not ports:
        # Without port and program it is for everything: a rule that opens or closes the whole computer.
        return True
    return any(_covers(text, parameters.port) for text in ports)


def _covers(text: str, port: int) -> bool:
    for part in text.split(","):
        first, _, last = part.partition("-")
        if 0 < _number(first) <= port <= _number(last or first):
            return True
    return False


def _number(text: str) -> int:
    """-1 for words such as `RPC`, which name no port."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 5 else -1


CHECK = Check(parameters=Parameters, evidence=EVIDENCE, measure=measure, timeout_s=10.0)
