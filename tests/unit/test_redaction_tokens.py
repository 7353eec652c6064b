from __future__ import annotations

import ipaddress
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from diagnose.redaction.addresses import KEPT_IPV4
from diagnose.redaction.tokens import Pseudonyms, is_token

KEY = b"k" * 32
NAMES = Pseudonyms(KEY, domains=["corp.example.co.jp"])

octets = st.tuples(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))


@pytest.mark.parametrize("name", ["山田太郎", "Taro Yamada", "t.suzuki", "a", "ソノダ", "x" * 300])
def test_a_user_token_is_a_host_label_and_a_fixed_point(name: str) -> None:
    token = NAMES.user(name)
    assert re.fullmatch(r"user-[a-z2-7]{10}", token)
    assert is_token(token)
    assert NAMES.user(token) == token
    assert NAMES.user(name.upper()) == token


def test_composed_and_decomposed_letters_are_one_name() -> None:
    assert NAMES.user("ガンダ") == NAMES.user("カ\u3099ンタ\u3099")


@pytest.mark.parametrize("name", ["Public", "SYSTEM", "Administrator", "LOCAL SERVICE", "root", "DWM-3"])
def test_names_of_the_system_stay(name: str) -> None:
    assert NAMES.user(name) == name


def test_another_key_gives_other_tokens() -> None:
    other = Pseudonyms(b"x" * 32)
    assert NAMES.user("suzuki") != other.user("suzuki")
    assert NAMES.host("pc01") != other.host("pc01")


def test_host_and_domain_keep_their_relation() -> None:
    domain = NAMES.domain("corp.example.co.jp")
    assert NAMES.fqdn("PC01.corp.example.co.jp") == f"{NAMES.host('pc01')}.{domain}"
    host, middle, *rest = NAMES.fqdn("pc01.tokyo.corp.example.co.jp").split(".")
    assert host == NAMES.host("pc01")
    assert middle.startswith("sub-")
    assert ".".join(rest) == domain
    assert NAMES.email("Suzuki@corp.example.co.jp") == f"{NAMES.user('suzuki')}@{domain}"


@pytest.mark.parametrize("name", ["update.eset.com", "www.example.com", "ctldl.windowsupdate.com"])
def test_hosts_of_vendors_stay(name: str) -> None:
    assert NAMES.fqdn(name) == name


def test_the_customers_domain_wins_over_the_vendors() -> None:
    assert Pseudonyms(KEY, domains=["lab.eset.com"]).fqdn("pc.lab.eset.com").endswith(".invalid")


@given(octets, octets)
def test_different_private_addresses_stay_different(first: tuple[int, ...], second: tuple[int, ...]) -> None:
    one, two = ("10." + ".".join(map(str, address[1:])) for address in (first, second))
    assert (NAMES.ipv4(one) == NAMES.ipv4(two)) == (one == two)


@given(octets)
def test_an_ipv4_token_is_an_address_of_the_same_class_and_net(parts: tuple[int, ...]) -> None:
    text = ".".join(map(str, parts))
    assume(text not in KEPT_IPV4)
    token = ipaddress.IPv4Address(NAMES.ipv4(text))
    sibling = NAMES.ipv4(".".join(map(str, (*parts[:3], 77))))
    assert str(token).rpartition(".")[0] == sibling.rpartition(".")[0]
    for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"):
        network = ipaddress.IPv4Network(net)
        assert (token in network) == (ipaddress.IPv4Address(text) in network)


@pytest.mark.parametrize("text", ["0.0.0.0", "127.0.0.1", "255.255.255.0", "8.8.8.8", "1.1.1.1", "239.1.1.1"])
def test_addresses_that_everybody_has_stay(text: str) -> None:
    assert NAMES.ipv4(text) == text


@given(st.integers(1, 2**128 - 1))
def test_ipv6_tokens_are_addresses_and_fixed_points(number: int) -> None:
    text = str(ipaddress.IPv6Address(number))
    token = NAMES.ipv6(text)
    ipaddress.IPv6Address(token)
    assert NAMES.ipv6(token) == token


def test_ipv6_keeps_the_prefix_that_tells_its_kind() -> None:
    assert NAMES.ipv6("fe80::1:2").startswith("fe80::")
    assert NAMES.ipv6("fd12:3456::1").startswith("fd")
    one, two = NAMES.ipv6("2400:1:2:3::1"), NAMES.ipv6("2400:1:2:3::2")
    assert one.startswith("2001:db8:")
    assert one.split(":")[:4] == two.split(":")[:4]
    assert NAMES.ipv6("::1") == "::1"


@pytest.mark.parametrize("text", ["00-1B-21-33-44-55", "00:1b:21:33:44:55"])
def test_a_mac_token_keeps_its_separators(text: str) -> None:
    token = NAMES.mac(text)
    assert token[:3] == "02" + text[2]
    assert NAMES.mac(token) == token
    assert token.replace("-", ":") == NAMES.mac("00:1b:21:33:44:55")


def test_sids_keep_the_numbers_that_windows_fixed() -> None:
    token = NAMES.sid("S-1-5-21-1111111111-222222222-333333333-500")
    assert token.endswith("-500")
    assert NAMES.sid(token) == token
    user = NAMES.sid("S-1-5-21-1111111111-222222222-333333333-1104")
    assert user.rpartition("-")[0] == token.rpartition("-")[0]
    assert not user.endswith("-1104")
    assert NAMES.sid("S-1-5-18") == "S-1-5-18"
