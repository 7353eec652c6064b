"""Host names in free text that no label announces."""

from __future__ import annotations

import pytest

from diagnose.redaction.engine import Redactor
from diagnose.redaction.names import Names
from diagnose.redaction.tokens import Pseudonyms

NAMES = Names(hosts=frozenset({"KEIRI-PC-077"}), keep_hosts=frozenset({"trendmicro.com"}))


def redactor(*, accelerator: bool | None = False) -> Redactor:
    return Redactor(NAMES, Pseudonyms(b"k" * 32, NAMES.domains, NAMES.keep_hosts), accelerator=accelerator)


INTERNAL = [
    "connect srv.example.lan failed",
    "http://wsus.example.local:8530/x",
    "asked dc1.corp.example.internal.",
    "KEIRI-PC-077.corp.example.local",
    "keiri-pc-077.example.co.jp",
    r"\\files.example.corp\share",
    '{"server":"nas.example.intranet"}',
    r"C:\new.example.lan\x",
    "user@dc.example.localdomain",
    "srv.example.lan, srv.example.lan;srv.example.home.arpa",
]


@pytest.mark.parametrize("text", INTERNAL)
def test_a_name_that_lies_inside_is_replaced_without_a_label(text: str) -> None:
    found = redactor()
    assert "example" not in found.redact_text(text).lower()
    assert all("example" in original.lower() or "keiri" in original.lower() for original in found.originals.values())


@pytest.mark.parametrize(
    "text",
    [
        "appsettings.local.json",
        "a.localhost b.lantern c.corporate d.internals",
        "iau.trendmicro.com",
        "KEIRI 14.0.0.12345",
        ".local .lan",
        "localdomain",
        "..lan",
    ],
)
def test_what_only_looks_like_one_stays(text: str) -> None:
    assert redactor().redact_text(text) == text


def test_a_file_that_has_the_name_of_a_computer_keeps_its_ending() -> None:
    assert redactor().redact_text("KEIRI-PC-077.2026.log").endswith(".2026.log")


def test_the_same_computer_keeps_its_pseudonym_with_and_without_a_domain() -> None:
    short, long = redactor().redact_text("keiri-pc-077 KEIRI-PC-077.example.lan").split()
    assert long.startswith(f"{short}.")


@pytest.mark.parametrize("text", INTERNAL)
def test_the_accelerator_finds_the_same(text: str) -> None:
    pytest.importorskip("ahocorasick_rs")
    assert redactor(accelerator=True).redact_text(text) == redactor().redact_text(text)


@pytest.mark.parametrize("text", INTERNAL)
def test_what_was_replaced_is_not_replaced_again(text: str) -> None:
    once = redactor().redact_text(text)
    assert redactor().redact_text(once) == once


@pytest.mark.parametrize("accelerator", [False, None])
@pytest.mark.parametrize("before", ["", "geheim-", "geheim_", "geheim.", "a.geheim.", "\\ngeheim."])
def test_below_a_known_domain_whatever_stands_before_it_is_replaced_as_well(
    before: str, accelerator: bool | None
) -> None:
    names = Names(domains=frozenset({"tokyo.example.lan"}))
    made = Redactor(names, Pseudonyms(b"k" * 32), accelerator=accelerator).redact_text(
        f"to {before}tokyo.example.lan:80"
    )
    assert "geheim" not in made
    assert "tokyo" not in made
    assert made.endswith(".invalid:80")


def test_of_two_known_domains_one_in_the_other_neither_hides_what_the_other_finds() -> None:
    names = Names(domains=frozenset({"tokyo.example.lan", "example.lan"}))
    text = "a x-tokyo.example.lan b y-tokyo.example.lan c x-tokyo.example.lan\n"
    made = Redactor(names, Pseudonyms(b"k" * 32)).redact_text(text * 2)
    assert "x-" not in made
    assert "y-" not in made
