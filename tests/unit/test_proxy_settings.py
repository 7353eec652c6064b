from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.machine.proxy_settings import (
    COMPUTER_KEY,
    POLICY_KEY,
    USER_SETTINGS,
    WINHTTP_KEY,
    WinHttpSettings,
    environment_file,
    environment_proxies,
    proxy_url,
    windows_proxies,
    winhttp_settings,
    without_credentials,
)
from diagnose.machine.values import ProxySetting, Reason, Unseen
from tests.unit.fake_machine import FakeMachine, Values

USER_KEY = f"HKCU\\{USER_SETTINGS}"


def blob(flags: int, proxy: str = "", bypass: str = "") -> bytes:
    texts = (struct.pack("<I", len(text)) + text.encode("ascii") for text in (proxy, bypass))
    return struct.pack("<III", 40, 7, flags) + b"".join(texts)


def settings(registry: dict[str, Values | Unseen]) -> tuple[ProxySetting, ...] | Unseen:
    return windows_proxies(FakeMachine(registry=registry).registry_key)


def denied(key: str) -> Unseen:
    return Unseen(Reason.DENIED, key)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("proxy.example.co.jp:8080", "http://proxy.example.co.jp:8080"),
        ("http://proxy:8080/", "http://proxy:8080"),
        ("HTTPS://proxy", "https://proxy"),
        ("http=a:1;https=b:2;ftp=c:3", "http://b:2"),
        ("ftp=c:3; http=a:1", "http://a:1"),
        ("http=http://a:1", "http://a:1"),
        ("socks=s:1080", "socks4://s:1080"),
        ("ftp=c:3", ""),
        ("a:1;b:2", "http://a:1"),
        ("[2001:db8::1]:8080", "http://[2001:db8::1]:8080"),
        ("http://人:秘@密/@proxy:8080", "http://proxy:8080"),
        ("user:secret@proxy:8080", "http://proxy:8080"),
        ("https=user:secret@proxy:8080", "http://proxy:8080"),
        ("", ""),
        ("   ", ""),
        ("://", ""),
    ],
)
def test_a_proxy_is_scheme_host_and_port(text: str, url: str) -> None:
    assert proxy_url(text) == url


@given(st.text())
def test_no_text_breaks_it_and_no_user_stays(text: str) -> None:
    assert "@" not in proxy_url(text)


@given(st.text(st.characters(codec="ascii", exclude_characters="@/?#"), max_size=10))
def test_a_password_never_stays(password: str) -> None:
    secret = f"geheim{password}"
    assert "geheim" not in proxy_url(f"http://user:{secret}@proxy:1".replace("\n", "").replace(" ", ""))
    assert "geheim" not in without_credentials(f"http://user:{secret}@host/x@y.pac")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://user:geheim@host:2221/x", "http://host:2221/x"),
        ("http://user:p/geheim@host:2221/x", "http://host:2221/x"),
        ("http://user:12/geheim@host:2221/x", "http://host:2221/x"),
        ("http://user:ge geheim@host", "http://host"),
        ("http://user:p@geheim@host/", "http://host/"),
        ("http//user:geheim@host:2221", "http//host:2221"),
        ("http:/user:geheim@host", "http:/host"),
        ("http:\\\\user:geheim@host", "http:\\\\host"),
        ("http：//user：geheim＠host", "http：//host"),
        ("user:geheim@host:2221", "host:2221"),
        ("http://user:x@geheim?@host:2221", "http://host:2221"),
        ("http://user:x@geheim/y@host:2221", "http://host:2221"),
        ("http://user:geheim@host:2221/x.pac", "http://host:2221/x.pac"),
        ("http://host:2221/x@y.pac", "http://host:2221/x@y.pac"),
        ("http://[2001:db8::1]:80/a:b@c", "http://[2001:db8::1]:80/a:b@c"),
        (r"C:\mirror\a@b", r"C:\mirror\a@b"),
        (r"\\server\a@b", r"\\server\a@b"),
        ("yamada@example.co.jp", "yamada@example.co.jp"),
    ],
)
def test_of_an_address_that_is_written_badly_no_login_stays(url: str, shown: str) -> None:
    assert without_credentials(url) == shown
    assert without_credentials(shown) == shown


@given(
    st.sampled_from(["http://", "https:", "http//", "HTTP:\\\\", "", " ", "ftp:/"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=8),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8),
    st.sampled_from("@＠"),
)
def test_a_password_stays_in_no_address(scheme: str, before: str, behind: str, at: str) -> None:
    shown = without_credentials(f"{scheme}user:x{before}geheim{behind}{at}mirror:2221")
    assert "geheim" not in shown
    assert shown.endswith("mirror:2221")


def test_a_user_who_set_a_proxy_and_a_service_without() -> None:
    found = settings(
        {
            USER_KEY: {"ProxyEnable": 1, "proxyserver": "proxy:8080", "AutoConfigURL": "http://u:p@pac/x.pac"},
            WINHTTP_KEY: {"WinHttpSettings": blob(1)},
        }
    )
    assert found == (
        ProxySetting("user", "http://proxy:8080", f"{USER_KEY} : ProxyServer", "http://pac/x.pac"),
        ProxySetting("service", "", f"{WINHTTP_KEY} : WinHttpSettings"),
    )


def test_a_server_that_is_switched_off_is_no_proxy() -> None:
    for switch in ({"ProxyEnable": 0}, {}):
        found = settings({USER_KEY: {**switch, "ProxyServer": "old:8080"}})
        assert not isinstance(found, Unseen)
        assert [setting.url for setting in found] == ["", ""]


def test_the_service_has_its_own_proxy() -> None:
    found = settings({WINHTTP_KEY: {"WinHttpSettings": blob(3, "http=a:1;https=b:2", "<local>")}})
    assert not isinstance(found, Unseen)
    assert found[-1] == ProxySetting("service", "http://b:2", f"{WINHTTP_KEY} : WinHttpSettings")


def test_a_policy_comes_first() -> None:
    found = settings({POLICY_KEY: {"ProxyServer": "policy:1"}, USER_KEY: {}})
    assert not isinstance(found, Unseen)
    assert found[0] == ProxySetting("policy", "http://policy:1", f"{POLICY_KEY} : ProxyServer")


def test_settings_for_the_whole_computer_count_when_the_policy_says_so() -> None:
    computer: Values = {"ProxyEnable": 1, "ProxyServer": "computer:1"}
    per_computer = settings({POLICY_KEY: {"ProxySettingsPerUser": 0}, COMPUTER_KEY: computer})
    assert not isinstance(per_computer, Unseen)
    assert per_computer[0] == ProxySetting("policy", "http://computer:1", f"{COMPUTER_KEY} : ProxyServer")
    per_user = settings({POLICY_KEY: {"ProxySettingsPerUser": 1}, COMPUTER_KEY: computer})
    assert not isinstance(per_user, Unseen)
    assert [setting.owner for setting in per_user] == ["user", "service"]


def test_what_could_not_be_seen_says_nothing() -> None:
    found = settings({USER_KEY: denied(USER_KEY), WINHTTP_KEY: {"WinHttpSettings": blob(1)}})
    assert not isinstance(found, Unseen)
    assert [setting.owner for setting in found] == ["service"]
    assert settings({USER_KEY: denied(USER_KEY), WINHTTP_KEY: denied(WINHTTP_KEY)}) == denied(USER_KEY)
    everything = {key: denied(key) for key in (USER_KEY, WINHTTP_KEY, POLICY_KEY)}
    assert isinstance(settings({**everything}), Unseen)
    broken = settings({USER_KEY: denied(USER_KEY), WINHTTP_KEY: {"WinHttpSettings": b"\x28"}})
    assert broken == denied(USER_KEY)


def test_the_blob_of_winhttp_is_read() -> None:
    assert winhttp_settings(blob(3, "p:1", "<local>;*.jp")) == WinHttpSettings("p:1", "<local>;*.jp")
    assert winhttp_settings(blob(1, "p:1")) == WinHttpSettings("", "")
    assert winhttp_settings(struct.pack("<III", 24, 0, 1)) == WinHttpSettings("", "")
    assert winhttp_settings(struct.pack("<IIII", 24, 0, 3, 2**32 - 1)) is None
    assert winhttp_settings(b"\x18\0\0\0") is None


@given(st.binary(max_size=60))
def test_no_blob_breaks_it(data: bytes) -> None:
    winhttp_settings(data)


def test_variables_count_in_either_case() -> None:
    found = environment_proxies({"HTTP_PROXY": "http://a:1", "https_proxy": "http://u:p@b:2", "no_proxy": "x"}, "env")
    assert found == (
        ProxySetting("environment", "http://b:2", "env: https_proxy"),
        ProxySetting("environment", "http://a:1", "env: HTTP_PROXY"),
    )
    assert environment_proxies({"PATH": "/bin"}, "env") == (ProxySetting("environment", "", "env"),)


def test_the_file_of_variables_is_read() -> None:
    text = "# comment=1\nexport https_proxy=\"http://a:1\"\nHTTP_PROXY='b:2'\nnothing\n"
    assert environment_file(text) == {"https_proxy": "http://a:1", "HTTP_PROXY": "b:2"}


def test_the_settings_of_everybody_who_is_signed_in_are_read() -> None:
    hives = ("HKCU", r"HKU\S-1-5-21-1-2-3-1001")
    person = rf"{hives[1]}\{USER_SETTINGS}"
    read = FakeMachine(
        registry={USER_KEY: {}, person: {"ProxyEnable": 1, "ProxyServer": "proxy:8080"}, WINHTTP_KEY: {}}
    ).registry_key
    assert windows_proxies(read, hives) == (
        ProxySetting("user", "", f"{USER_KEY} : ProxyServer"),
        ProxySetting("user", "http://proxy:8080", f"{person} : ProxyServer"),
        ProxySetting("service", "", f"{WINHTTP_KEY} : WinHttpSettings"),
    )
