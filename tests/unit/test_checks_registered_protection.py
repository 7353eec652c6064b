"""What Windows says of a product's own protection, and the fact source that reads the same list."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.check import Saw, Sighting
from diagnose.facts.resolver import Facts
from diagnose.machine.values import Reason, SecurityProduct, Unseen
from diagnose.rules.model import FactSpec
from tests.unit.fake_context import FakeContext
from tests.unit.fake_machine import NOON, FakeMachine
from tests.unit.measured import all_reasons, measured, seen

OWN = ["デモ守り", "demo guard"]
ON_CURRENT, ON_OLD, OFF_CURRENT, OFF_OLD = 0x41000, 0x41010, 0x40000, 0x40010
DEFENDER = SecurityProduct("Windows Defender", 0x61100)


def of(*products: SecurityProduct) -> dict[str, Any]:
    return seen("registered_protection", FakeContext(FakeMachine(security_products=products)), own=OWN)


def test_a_product_that_is_on_and_current() -> None:
    assert of(DEFENDER, SecurityProduct("デモ守り 24", ON_CURRENT)) == {
        "protection_name": "デモ守り 24",
        "protection_registered": True,
        "protection_on": True,
        "protection_current": True,
    }


@pytest.mark.parametrize(
    ("state", "on", "current"),
    [
        (ON_OLD, True, False),
        (OFF_CURRENT, False, True),
        (OFF_OLD, False, False),
        (0x42000, False, True),
        (0x43010, False, False),
        (0x41020, True, Reason.MISSING),
        (None, Reason.MISSING, Reason.MISSING),
        (0, False, True),
        (-1, False, Reason.MISSING),
        (2**80, False, True),
    ],
)
def test_the_number_tells_of_protection_and_definitions(state: int | None, on: object, current: object) -> None:
    found = of(SecurityProduct("ＤＥＭＯ Guard", state))
    assert (found["protection_on"], found["protection_current"]) == (on, current)


def test_one_entry_of_several_is_enough_and_an_unknown_one_leaves_it_open() -> None:
    leftover = SecurityProduct("デモ守り 旧", OFF_OLD)
    both = of(leftover, SecurityProduct("デモ守り", ON_CURRENT))
    assert (both["protection_on"], both["protection_current"]) == (True, True)
    open_ = of(leftover, SecurityProduct("デモ守り"))
    assert (open_["protection_on"], open_["protection_current"]) == (Reason.MISSING, Reason.MISSING)


@pytest.mark.parametrize("products", [(), (DEFENDER,)])
def test_a_list_without_the_product_says_that_it_is_not_registered(products: tuple[SecurityProduct, ...]) -> None:
    found = of(*products)
    assert found.pop("protection_registered") is False
    assert all_reasons(found) == {Reason.MISSING}


@pytest.mark.parametrize("reason", [Reason.DENIED, Reason.UNSUPPORTED, Reason.TIMED_OUT])
def test_a_list_that_cannot_be_seen_says_nothing(reason: Reason) -> None:
    machine = FakeMachine(security_products=Unseen(reason, "root\\SecurityCenter2"))
    assert all_reasons(seen("registered_protection", FakeContext(machine), own=OWN)) == {reason}
    assert all_reasons(seen("registered_protection", FakeContext(), own=OWN)) == {Reason.NOT_RECORDED}


def test_the_flow_must_say_who_is_meant() -> None:
    with pytest.raises(msgspec.ValidationError):
        measured("registered_protection", FakeContext(), own=[])


@given(st.lists(st.tuples(st.text(max_size=40), st.none() | st.integers()), max_size=8))
def test_any_list_is_measured(listed: list[tuple[str, int | None]]) -> None:
    products = [SecurityProduct(name, state) for name, state in listed]
    found = measured("registered_protection", FakeContext(FakeMachine(security_products=products)), own=OWN)
    assert isinstance(found["protection_registered"], Saw)


def fact(machine: FakeMachine, pattern: str = "デモ守り", **shaping: Any) -> Sighting:
    written = {"title": {"ja": "名", "en": "n"}, "type": "string"}
    spec = msgspec.convert(
        {**written, "sources": [{"security_product": {"pattern": pattern}, **shaping}]},
        FactSpec,
    )
    return Facts(machine, {"a.b": spec}, NOON).resolve("a.b")


def test_a_fact_gives_the_name_under_which_the_product_is_listed() -> None:
    listed = FakeMachine(security_products=[DEFENDER, SecurityProduct("デモ守り 24")])
    assert fact(listed) == Saw("デモ守り 24", "root\\SecurityCenter2")
    assert fact(listed, "^デモ守り$") == Unseen(Reason.MISSING, "root\\SecurityCenter2")
    assert fact(FakeMachine(security_products=[]), absent="") == Saw("", "root\\SecurityCenter2")
    denied = Unseen(Reason.DENIED, "root\\SecurityCenter2")
    assert fact(FakeMachine(security_products=denied), absent="") == denied


def test_a_name_of_any_length_is_looked_at_up_to_a_limit() -> None:
    machine = FakeMachine(security_products=[SecurityProduct("x" * 1_000_000 + "デモ守り")])
    assert fact(machine) == Unseen(Reason.MISSING, "root\\SecurityCenter2")
