"""What the places that name a proxy say together."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from diagnose.machine.values import HttpAnswer, ProxySetting

_SERVICE_OWNERS = frozenset({"service", "policy", "environment"})
_DEFAULT_PORTS = {"http": 80, "https": 443, "socks": 1080, "socks4": 1080, "socks5": 1080}


def first_proxy(settings: Sequence[ProxySetting]) -> ProxySetting | None:
    """The proxy that `Machine.fetch` goes through."""
    return next((setting for setting in settings if setting.url), None)


def is_set(setting: ProxySetting) -> bool:
    """A script that chooses the proxy (PAC) counts as well."""
    return bool(setting.url or setting.pac_url)


def service_has_proxy(settings: Sequence[ProxySetting]) -> bool:
    """Whether a background service knows of a proxy, not only the user's programs."""
    return any(setting.owner in _SERVICE_OWNERS and is_set(setting) for setting in settings)


def address_of(url: str) -> tuple[str, int] | None:
    """Host and port of `http://host:port`; None when it is no such thing."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.hostname, port) if parts.hostname and port else None


def is_dead(answer: HttpAnswer) -> bool:
    """Whether a request did not even come to the proxy; `error` has the word of `diagnose.network.http_probe`."""
    return answer.status is None and answer.error == "proxy-unreachable"
