"""DER and certificates, element by element."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks._certificate import all_names, name_of
from diagnose.der import DerError, Element, certificate_der, object_id, parse, text
from diagnose.der import time as der_time
from tests.unit.fake_machine import NOON
from tests.unit.signed_programs import oid, seq, set_of, tlv, world


def test_names_are_shortened_and_kept_on_one_line() -> None:
    words = "a\u202e\nb\x07" + "長" * 5000
    name = name_of(set_of(seq(oid("2.5.4.3"), tlv(0x0C, words.encode()))))
    assert name.startswith("a b")
    assert "\n" not in name
    assert "\u202e" not in name
    assert len(name) <= 200
    assert name_of(b"junk") == "?"
    assert all_names(b"") == frozenset()


def test_times_are_read_in_both_forms() -> None:
    assert der_time(parse(tlv(0x17, b"261121120000Z"))) == NOON
    assert der_time(parse(tlv(0x17, b"2611211200Z"))) == NOON
    assert der_time(parse(tlv(0x17, b"991121120000Z"))).year == 1999
    assert der_time(parse(tlv(0x18, b"20261121120000.123Z"))) == NOON
    for wrong in (b"20261321120000Z", b"20261121120000", b"", b"x" * 30, b"20261121120060Z"):
        with pytest.raises(DerError):
            der_time(parse(tlv(0x18, wrong)))


@given(st.lists(st.integers(0, 2**40), max_size=8))
def test_object_identifiers_come_back(rest: list[int]) -> None:
    dotted = ".".join(map(str, [1, 2, *rest]))
    try:
        assert object_id(parse(oid(dotted))) == dotted
    except DerError:
        assert len(oid(dotted)) > 64


@given(st.binary(max_size=80))
def test_elements_lie_inside_of_their_parents(data: bytes) -> None:
    try:
        element = parse(data)
    except DerError:
        return
    waiting: list[Element] = [element]
    while waiting:
        one = waiting.pop()
        assert 0 <= one.start < one.content_at <= one.end <= len(data)
        text(one)
        try:
            waiting += one.children()
        except DerError:
            continue


def test_a_certificate_file_holds_one_certificate() -> None:
    der = world().root.der
    assert certificate_der(der + b"\r\n") == der
