"""Addresses are found by their shapes as well as by looking at every colon and every group of digits."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from diagnose.redaction import find_addresses
from diagnose.redaction.page import Originals, Page, Span, Tables
from diagnose.redaction.scan import Anchor, Scanner
from diagnose.redaction.tokens import Pseudonyms

TABLES = Tables(Pseudonyms(b"k" * 32), Originals())
SCANNER = Scanner([])
EVERY_COLON = re.compile(rb":(?=:|[0-9a-f]{1,4}:[0-9a-f]{1,4}:[0-9a-f]{1,4}:)")
EVERY_MAC = re.compile(rb"(?=[0-9a-f]{2}(?:(?::[0-9a-f]{2}){5}|(?:-[0-9a-f]{2}){5}))")
PARTS = (
    *("00:1b:21:00:11:22", "AA-BB-CC-DD-EE-FF", "fe80::1", "2001:db8::a:b", "::1", "::", "dead:beef:1:2:3:4:5:6"),
    *(
        "00:01:00:01:2a:",
        "Foo::Bar",
        "12:33:44",
        "00",
        "ab",
        "f",
        "7",
        ":",
        "-",
        "::",
        " ",
        "\n",
        "%3A",
        "\\n",
        ".",
        "x",
    ),
)


def spans(text: bytes, ipv6: list[int], mac: list[int]) -> list[Span]:
    page = Page(text, text.lower(), TABLES, frozenset())
    find_addresses.find_ipv6(page, ipv6)
    find_addresses.find_mac(page, mac)
    return sorted(page.spans)


@given(st.lists(st.sampled_from(PARTS) | st.text("0189abfF:-. g", max_size=12), max_size=14))
def test_no_address_is_missed(parts: list[str]) -> None:
    text = "".join(parts).encode() + b"\n"
    low = text.lower()
    anchors = SCANNER.scan(low).anchors
    every = [found.start() for found in EVERY_COLON.finditer(low)], [found.start() for found in EVERY_MAC.finditer(low)]
    assert spans(text, anchors[Anchor.IPV6], anchors[Anchor.MAC]) == spans(text, *every)


def test_a_name_with_two_colons_costs_nothing() -> None:
    text = b"CFoo::Bar(0x12) 12:33:44.123 Abc::def-c\n" * 3
    anchors = SCANNER.scan(text.lower()).anchors
    assert (anchors[Anchor.IPV6], anchors[Anchor.MAC]) == ([], [])
