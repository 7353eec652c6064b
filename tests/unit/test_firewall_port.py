from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.machine.values import Reason, Unseen
from tests.unit.fake_context import FakeContext
from tests.unit.fake_machine import FakeMachine
from tests.unit.measured import all_reasons, seen

POLICY = r"HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy"
GROUP = r"HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall"
ALLOW = "v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=2221|Name=ESET ミラー|"


def firewall(*rules: Any, on: tuple[Any, Any, Any] = (1, 1, 1), more: dict[str, Any] | None = None) -> dict[str, Any]:
    profiles = zip(("DomainProfile", "StandardProfile", "PublicProfile"), on, strict=True)
    registry: dict[str, Any] = {
        **{rf"{POLICY}\{name}": {} if state is None else {"EnableFirewall": state} for name, state in profiles},
        rf"{POLICY}\FirewallRules": {str(number): rule for number, rule in enumerate(rules)},
        **(more or {}),
    }
    context = FakeContext(FakeMachine(registry=registry))
    return seen("firewall_port", context, port=2221, programs=["System", "ekrn.exe"])


def test_a_rule_for_the_port_allows_it() -> None:
    found = firewall(ALLOW)
    assert found == {
        "firewall_on": True,
        "firewall_profiles": ("DomainProfile", "StandardProfile", "PublicProfile"),
        "port_allowed": True,
        "port_blocked": False,
        "allow_rules": ("ESET ミラー",),
        "block_rules": (),
    }


@pytest.mark.parametrize(
    ("rule", "allowed"),
    [
        (ALLOW.replace("LPort=2221", "LPort=80|LPort=2221"), True),
        (ALLOW.replace("LPort=2221", "LPort2_10=2000-3000"), True),
        (ALLOW.replace("LPort=2221", "LPort=80,2221"), True),
        (ALLOW.replace("LPort=2221|", ""), True),
        (ALLOW.replace("Protocol=6|", ""), True),
        (ALLOW.replace("LPort=2221", r"App=C:\Program Files\ESET\ESET Security\EKRN.EXE"), True),
        (ALLOW.replace("LPort=2221", "LPort=2221|App=System"), True),
        (ALLOW.replace("LPort=2221", r"LPort=2221|App=C:\other.exe"), False),
        (ALLOW.replace("LPort=2221", "LPort=2221|Svc=W3SVC"), False),
        (ALLOW.replace("LPort=2221", "LPort=80"), False),
        (ALLOW.replace("LPort=2221", "LPort=RPC"), False),
        (ALLOW.replace("LPort=2221", "LPort=RPC-65535"), False),
        (ALLOW.replace("LPort=2221", "LPort=22210"), False),
        (ALLOW.replace("Protocol=6", "Protocol=17"), False),
        (ALLOW.replace("Active=TRUE", "Active=FALSE"), False),
        (ALLOW.replace("Dir=In", "Dir=Out"), False),
        ("", False),
        ("v2.31", False),
        (5, False),
        (b"\xff\x00", False),
    ],
)
def test_only_an_active_rule_for_what_comes_in_to_that_port_counts(rule: Any, allowed: bool) -> None:
    assert firewall(rule)["port_allowed"] is allowed


def test_a_rule_that_blocks_is_named() -> None:
    found = firewall(ALLOW, ALLOW.replace("Allow", "Block").replace("ESET ミラー", "禁止"))
    assert (found["port_allowed"], found["port_blocked"], found["block_rules"]) == (True, True, ("禁止",))


def test_group_policy_has_its_own_rules_and_the_first_word() -> None:
    assert firewall(more={rf"{GROUP}\FirewallRules": {"a": ALLOW}})["port_allowed"]
    off = {rf"{GROUP}\{name}": {"EnableFirewall": 0} for name in ("DomainProfile", "StandardProfile")}
    assert firewall(more=off)["firewall_profiles"] == ("PublicProfile",)


def test_a_profile_that_nobody_knows_is_neither_on_nor_off() -> None:
    assert firewall(on=(0, 0, 0))["firewall_on"] is False
    assert firewall(on=(0, None, 0))["firewall_on"] is Reason.MISSING
    found = firewall(on=(1, None, 0))
    assert (found["firewall_on"], found["firewall_profiles"]) == (True, Reason.MISSING)
    assert firewall(on=(0, "x", 0))["firewall_on"] is Reason.MALFORMED


def test_what_was_not_seen_stays_unknown() -> None:
    assert all_reasons(seen("firewall_port", FakeContext(FakeMachine()), port=2221)) == {Reason.NOT_RECORDED}
    assert all_reasons(seen("firewall_port", FakeContext(FakeMachine(registry={})), port=2221)) == {Reason.MISSING}
    denied = Unseen(Reason.DENIED, GROUP)
    context = FakeContext(FakeMachine(registry={rf"{POLICY}\FirewallRules": {}, rf"{GROUP}\FirewallRules": denied}))
    assert seen("firewall_port", context, port=2221)["port_allowed"] is Reason.DENIED


@given(st.lists(st.text(max_size=60), max_size=5))
def test_any_rules_are_read(rules: list[str]) -> None:
    assert firewall(*rules)["port_allowed"] in (True, False)
