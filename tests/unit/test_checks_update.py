from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks._source_address import parse_address, same_host
from diagnose.check import Saw
from diagnose.machine.values import DnsAnswer, DnsStatus, Reason, Resolver, Unseen
from tests.unit.fake_context import FakeContext
from tests.unit.fake_machine import NOON, FakeMachine
from tests.unit.measured import all_reasons, measured, seen

JST = timezone(timedelta(hours=9))
DENIED = Unseen(Reason.DENIED, r"HKLM\SOFTWARE\製品 : 値", "アクセスが拒否されました")
KINDS = [
    {"kind": "vendor", "pattern": r"activeupdate\.trendmicro\."},
    {"kind": "rollback", "pattern": r"/download/rollback"},
]


def licence(**facts: Any) -> dict[str, Any]:
    return seen("license", FakeContext(facts=facts), state="state", expires_on="expires")


def test_an_active_licence_shows_its_state_and_whole_days_left() -> None:
    result = licence(state="Active ", expires=NOON + timedelta(days=30, hours=23))
    assert result == {"state": "active", "expires_on": NOON + timedelta(days=30, hours=23), "days_left": 30}


def test_days_left_are_negative_from_the_moment_of_expiry() -> None:
    assert licence(state="expired", expires=NOON - timedelta(seconds=1))["days_left"] == -1
    assert licence(state="grace", expires=NOON)["days_left"] == 0


def test_a_date_as_text_counts_in_the_computers_own_time() -> None:
    context = FakeContext(facts={"expires": "2026-11-22"}, now=datetime(2026, 11, 21, 0, 0, tzinfo=JST))
    result = seen("license", context, expires_on="expires")
    assert result["expires_on"] == datetime(2026, 11, 22, tzinfo=JST)
    assert result["days_left"] == 1


def test_a_licence_that_no_fact_tells_of_has_no_source() -> None:
    assert all_reasons(seen("license", FakeContext())) == {Reason.NO_SOURCE}


@pytest.mark.parametrize("state", ["契約期間終了", 1, True, ("active",), "x" * 10_000])
def test_a_state_that_is_no_known_word_is_malformed(state: Any) -> None:
    result = measured("license", FakeContext(facts={"state": state}), state="state")["state"]
    assert isinstance(result, Unseen)
    assert result.reason is Reason.MALFORMED
    assert len(result.detail) <= 200


@pytest.mark.parametrize("expires", ["令和8年11月", 20261121, "2026-13-45", False])
def test_an_expiry_that_is_no_date_is_malformed(expires: Any) -> None:
    result = licence(state="active", expires=expires)
    assert result["expires_on"] is Reason.MALFORMED
    assert result["days_left"] is Reason.MALFORMED
    assert result["state"] == "active"


def test_a_denied_licence_fact_hides_nothing_else() -> None:
    assert licence(state=DENIED, expires=NOON) == {"state": Reason.DENIED, "expires_on": NOON, "days_left": 0}


@pytest.mark.parametrize("word", ["allowed", "blocked"])
def test_update_scope_passes_the_word_on_with_its_place(word: str) -> None:
    context = FakeContext(facts={"scope": Saw(word, r"HKLM\Misc. : NoProgramUpgrade")})
    result = measured("update_scope", context, program_upgrade="scope")
    assert result == {"program_upgrade": Saw(word, r"HKLM\Misc. : NoProgramUpgrade")}


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        ("許可", Reason.MALFORMED),
        (1, Reason.MALFORMED),
        ("0", Reason.MALFORMED),
        ("", Reason.MISSING),
        (DENIED, Reason.DENIED),
    ],
)
def test_update_scope_is_unknown_for_anything_else(fact: Any, reason: Reason) -> None:
    assert seen("update_scope", FakeContext(facts={"s": fact}), program_upgrade="s") == {"program_upgrade": reason}


def source(machine: FakeMachine | None = None, **facts: Any) -> dict[str, Any]:
    context = FakeContext(machine=machine or FakeMachine(), facts=facts)
    return seen("update_source", context, used="used", logged="logged", server="server", kinds=KINDS)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://osce.example.co.jp:4343/officescan/download", "standard"),
        ("HTTP://OSCE/officescan/download", "standard"),
        ("osce.example.co.jp.:8080/officescan", "standard"),
        (r"\\osce\ofcscan", "standard"),
        ("https://osce2.example.co.jp:4343/officescan/download", "custom"),
        ("https://osce.example.com/officescan/download", "custom"),
        ("https://ua.example.co.jp:21112/activeupdate", "custom"),
        ("https://10.1.2.9:21112/activeupdate", "custom"),
        (r"D:\更新データ", "custom"),
        ("https://[::1", "custom"),
        ("https://osce14-p.ActiveUpdate.trendmicro.co.jp/activeupdate", "vendor"),
        ("http://osce.example.co.jp:8080/officescan/download/Rollback", "rollback"),
    ],
)
def test_the_kind_of_a_source_follows_from_its_address(url: str, kind: str) -> None:
    result = source(used=url, server="osce.example.co.jp")
    assert (result["used_source"], result["used_kind"]) == (url, kind)
    assert result["witnesses_agree"] is Reason.MISSING


def test_agreeing_witnesses_give_the_logged_address() -> None:
    result = source(used="http://osce:8080/x", logged="https://osce.example.co.jp:4343/y", server="osce.example.co.jp")
    assert result["witnesses_agree"] is True
    assert result["used_source"] == "https://osce.example.co.jp:4343/y"
    assert result["used_kind"] == "standard"


@pytest.mark.parametrize(
    "logged", ["https://ua.example.co.jp:21112/activeupdate", "https://osce.example.co.jp/officescan/download/Rollback"]
)
def test_disagreeing_witnesses_leave_source_and_kind_unknown(logged: str) -> None:
    facts = {"used": Saw("https://osce.example.co.jp/a", "registry"), "logged": Saw(logged, "TmuDump.txt")}
    context = FakeContext(facts={**facts, "server": "osce.example.co.jp"})
    result = measured("update_source", context, used="used", logged="logged", server="server", kinds=KINDS)
    assert result["witnesses_agree"] == Saw(False, "registry; TmuDump.txt")
    for name in ("used_source", "used_kind"):
        sighting = result[name]
        assert isinstance(sighting, Unseen)
        assert (sighting.reason, sighting.where) == (Reason.CONTRADICTORY, "registry; TmuDump.txt")
    assert result["registry_source"] == facts["used"]
    assert result["logged_source"] == facts["logged"]


def test_the_log_alone_is_enough() -> None:
    result = source(used=DENIED, logged="https://osce/x", server="osce.example.co.jp")
    assert (result["used_source"], result["used_kind"]) == ("https://osce/x", "standard")
    assert result["registry_source"] is Reason.DENIED
    assert result["witnesses_agree"] is Reason.DENIED


def test_no_witness_leaves_everything_unknown_but_the_server() -> None:
    result = source(used=DENIED, server="osce.example.co.jp")
    assert result.pop("server") == "osce.example.co.jp"
    assert all_reasons(result) == {Reason.DENIED, Reason.MISSING}


def test_without_the_server_only_the_patterns_tell_the_kind() -> None:
    assert source(used="https://osce/x")["used_kind"] is Reason.MISSING
    assert source(used="https://x.activeupdate.trendmicro.com/")["used_kind"] == "vendor"


def test_without_the_server_equal_witnesses_still_agree() -> None:
    result = source(used="https://osce/x", logged="https://OSCE:443/y")
    assert result["witnesses_agree"] is True
    assert result["used_source"] == "https://OSCE:443/y"


@pytest.mark.parametrize(
    ("addresses", "kind"),
    [(("10.1.2.3",), "standard"), (("10.9.9.9", "10.1.2.3"), "standard"), (("10.9.9.9",), "custom")],
)
def test_the_resolver_tells_whether_an_ip_address_is_the_server(addresses: tuple[str, ...], kind: str) -> None:
    answer = DnsAnswer("osce.example.co.jp", Resolver.SYSTEM, DnsStatus.ANSWERED, addresses)
    result = source(FakeMachine(dns=[answer]), used="http://10.1.2.3:8080/officescan", server="osce.example.co.jp")
    assert result["used_kind"] == kind


@pytest.mark.parametrize(
    ("dns", "reason"),
    [
        ([], Reason.NOT_RECORDED),
        ([DnsAnswer("osce.example.co.jp", Resolver.SYSTEM, DnsStatus.NXDOMAIN)], Reason.FAILED),
    ],
)
def test_an_ip_address_that_no_resolver_places_is_unknown(dns: list[DnsAnswer], reason: Reason) -> None:
    result = source(FakeMachine(dns=dns), used="http://10.1.2.3:8080/officescan", server="osce.example.co.jp")
    assert result["used_kind"] is reason
    assert result["used_source"] == "http://10.1.2.3:8080/officescan"


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_is_an_address_and_equals_itself(one: str, other: str) -> None:
    first, second = parse_address(one), parse_address(other)
    assert same_host(first, first) is (first.host != "")
    assert same_host(first, second) == same_host(second, first)


@given(st.text(max_size=60), st.text(max_size=60))
def test_hostile_facts_never_break_the_check(used: str, server: str) -> None:
    assert source(used=used, server=server)["used_kind"] in {
        "standard", "custom", "vendor", "rollback", Reason.MISSING, Reason.NOT_RECORDED,
    }  # fmt: skip


def test_times_of_another_zone_count_the_same_days() -> None:
    expires = (NOON + timedelta(days=5)).astimezone(JST)
    assert licence(expires=expires)["days_left"] == 5
    assert expires.tzinfo is not UTC
