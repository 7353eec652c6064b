"""Which proxy a computer is told to use: WinINET, WinHTTP and policy values, and environment variables.

Pure functions over what a `Machine` answers, so that live and recorded computers read the same settings the same way.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from diagnose.machine.registry_paths import value_where
from diagnose.machine.values import Absent, ProxySetting, RegistryKey, RegistryValue, Unseen

USER_SETTINGS = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings"
COMPUTER_KEY = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings"
WINHTTP_KEY = COMPUTER_KEY + r"\Connections"
POLICY_KEY = r"HKLM\SOFTWARE\Policies\Microsoft\Windows\CurrentVersion\Internet Settings"

VARIABLES = ("https_proxy", "http_proxy", "all_proxy")

_MANUAL_PROXY = 2
"""Bit of the flags in WinHttpSettings."""

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*", re.IGNORECASE)
_BY_SCHEME = re.compile(r"[a-z]+=", re.IGNORECASE)
_HOST = re.compile(r"(\[[^\]]*\]|[^/:?#\s]+)(?::([0-9]{1,5}))?")
_USER = re.compile(r"\A(\s*[a-z][a-z0-9+.-]*://)[^/?#]*@", re.IGNORECASE)
_SERVER = re.compile(r"(?:\[[0-9A-Fa-f:.%]+\]|[^\s/?#@＠:：\\]+)(?::[0-9]{1,5})?(?=[/?#]|\Z)")
_DRIVE = re.compile(r"\s*[A-Za-z]:[\\/]")
_SERVER_WITH_PORT = re.compile(r"[^\s/?#@＠:：\\]+:[0-9]{1,5}(?=[/?#]|\Z)")
"""Behind an `@` it tells that what looks like a port before it is the beginning of a password."""
_ODD_SCHEME = re.compile(r"\s*(?:https?|ftp|file|smb)[:：]?[/\\]*", re.IGNORECASE)

ReadKey = Callable[[str], RegistryKey | Absent | Unseen]


def windows_proxies(read: ReadKey, users: Sequence[str] = ("HKCU",)) -> tuple[ProxySetting, ...] | Unseen:
    """The places that could be read, also those that say "no proxy"; Unseen when none could.

    Order: policy, users (WinINET), service (WinHTTP). `users`: the keys above each user's `Software`.
    """
    policy, winhttp = read(POLICY_KEY), read(WINHTTP_KEY)
    settings: list[ProxySetting] = []
    trouble: Unseen | None = None
    if isinstance(policy, RegistryKey):
        settings += _policy(policy, read)
    for hive in users:
        where = f"{hive}\\{USER_SETTINGS}"
        user = read(where)
        if isinstance(user, Unseen):
            trouble = trouble or user
        else:
            settings.append(_wininet("user", where, user))
    if not isinstance(winhttp, Unseen):
        settings += _winhttp(winhttp)
    return trouble if trouble is not None and not settings else tuple(settings)


def environment_proxies(environment: Mapping[str, str], where: str) -> tuple[ProxySetting, ...]:
    """`https_proxy`, `http_proxy` and `all_proxy` in either case; one "no proxy" entry when none of them is set.

    `where` names the place, such as `environment` or `/etc/environment`; the variable is added to it.
    """
    names = {name.lower(): name for name in sorted(environment)}
    found = tuple(
        ProxySetting("environment", proxy_url(environment[names[wanted]]), f"{where}: {names[wanted]}")
        for wanted in VARIABLES
        if wanted in names
    )
    return found or (ProxySetting("environment", "", where),)


def environment_file(text: str) -> dict[str, str]:
    """The variables of /etc/environment: `NAME=value` lines, quotes and a leading `export` are taken off."""
    variables: dict[str, str] = {}
    for raw in text.splitlines():
        name, equals, value = raw.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            variables[name.strip()] = value.strip().strip("\"'")
    return variables


def proxy_url(text: str) -> str:
    """`http://host:port` of what a setting holds, never with a user or password; empty for an empty setting.

    Of WinINET's list `http=a:80;https=b:443` the entry for https counts, then http, then socks.
    """
    first, *more = re.split(r"[;\s]+", text.strip())
    servers = _by_scheme((first, *more)) if _BY_SCHEME.match(first) else {"": first}
    for scheme in ("", "https", "http", "socks"):
        if server := servers.get(scheme):
            return _without_user(server, "socks4" if scheme == "socks" else "http")
    return ""


def _by_scheme(entries: Iterable[str]) -> dict[str, str]:
    parts = (entry.partition("=") for entry in entries)
    return {scheme.lower(): server for scheme, _, server in parts}


def _without_user(server: str, default_scheme: str) -> str:
    scheme, _, rest = server.rpartition("://")
    found = _HOST.match(rest.rpartition("@")[2])
    if found is None:
        return ""
    host, port = found.groups()
    return f"{scheme.lower() if _SCHEME.fullmatch(scheme) else default_scheme}://{host}" + (f":{port}" if port else "")


def without_credentials(url: str) -> str:
    """The URL without `user:password@`; of one that is not written well, nothing stays that may be a part of them.

    Ends of such an address are told by a full-width `＠` as well; a path on a drive is no address. Behind a login, an
    `@` in what looks like a path may as well belong to the password: then only what stands behind the last one stays.
    """
    bare = _USER.sub(r"\1", url)
    head, at, tail = _last_at(bare)
    if not at or not any(colon in head for colon in ":：") or _DRIVE.match(bare):
        return bare
    if bare == url and _is_well_written(bare) and not _SERVER_WITH_PORT.match(tail):
        return bare
    scheme = _ODD_SCHEME.match(head)
    return (scheme[0] if scheme else "") + tail


def _last_at(text: str) -> tuple[str, str, str]:
    return text.rpartition(max("@＠", key=text.rfind))


def _is_well_written(url: str) -> bool:
    """Whether what stands before the path is nothing but a host, and maybe a port; nor is a blank anywhere."""
    scheme, _, rest = url.partition("://")
    return _SCHEME.fullmatch(scheme) is not None and _SERVER.match(rest) is not None and not re.search(r"\s", rest)


def _policy(policy: RegistryKey, read: ReadKey) -> list[ProxySetting]:
    settings = []
    if {"proxyserver", "autoconfigurl", "proxyenable"} & {name.lower() for name in policy.values}:
        settings.append(_wininet("policy", POLICY_KEY, policy))
    if _number(_value(policy, "ProxySettingsPerUser")) == 0:
        # Then Windows takes the computer's own settings for everybody and leaves the user's alone.
        computer = read(COMPUTER_KEY)
        if isinstance(computer, RegistryKey):
            settings.append(_wininet("policy", COMPUTER_KEY, computer))
    return settings


def _wininet(owner: str, where: str, key: RegistryKey | Absent) -> ProxySetting:
    if isinstance(key, Absent):
        return ProxySetting(owner, "", where)
    enabled = _number(_value(key, "ProxyEnable"))
    server = _text(_value(key, "ProxyServer"))
    # A policy may name a server without the switch beside it; a user's server without the switch is an old entry.
    used = enabled == 1 or (enabled is None and owner == "policy")
    return ProxySetting(
        owner,
        proxy_url(server) if used else "",
        value_where(where, "ProxyServer"),
        without_credentials(_text(_value(key, "AutoConfigURL")).strip()),
    )


def _winhttp(key: RegistryKey | Absent) -> list[ProxySetting]:
    value = None if isinstance(key, Absent) else _value(key, "WinHttpSettings")
    where = value_where(WINHTTP_KEY, "WinHttpSettings")
    if value is None:
        return [ProxySetting("service", "", where)]
    settings = winhttp_settings(value.data) if isinstance(value.data, bytes) else None
    return [] if settings is None else [ProxySetting("service", proxy_url(settings.proxy), where)]


@dataclass(frozen=True, slots=True)
class WinHttpSettings:
    """What `netsh winhttp set proxy` stores."""

    proxy: str
    """Empty for direct access."""
    bypass: str


def winhttp_settings(blob: bytes) -> WinHttpSettings | None:
    """Parse the value WinHttpSettings: version, counter, flags, then proxy and bypass list, each behind its length.

    All numbers are 32-bit little-endian. None when the blob does not hold together.
    """
    if len(blob) < 12:
        return None
    flags = struct.unpack_from("<I", blob, 8)[0]
    texts = []
    position = 12
    for _ in range(2):
        # A blob for direct access may end right behind the flags.
        length = struct.unpack_from("<I", blob, position)[0] if position + 4 <= len(blob) else 0
        position += 4
        if position + length > len(blob) and length:
            return None
        texts.append(blob[position : position + length].decode("ascii", "replace").rstrip("\0"))
        position += length
    return WinHttpSettings(texts[0] if flags & _MANUAL_PROXY else "", texts[1])


def _value(key: RegistryKey, name: str) -> RegistryValue | None:
    return next((value for stored, value in key.values.items() if stored.lower() == name.lower()), None)


def _number(value: RegistryValue | None) -> int | None:
    if value is None:
        return None
    if isinstance(value.data, int):
        return value.data
    return int(value.data) if isinstance(value.data, str) and value.data.isdecimal() else None


def _text(value: RegistryValue | None) -> str:
    return value.data if value is not None and isinstance(value.data, str) else ""
