"""The HTTP client as every probe needs it: it takes nothing from the environment and follows nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnose import __version__

if TYPE_CHECKING:
    import ssl

    import httpx


def open_client(timeout_s: float, proxy: str | None = None, trust: ssl.SSLContext | None = None) -> httpx.Client:
    """A client whose single steps take at most `timeout_s` seconds.

    Without `trust` nobody's certificate is judged: that is the handshake probe's subject, and nothing that comes
    back is believed. Raises ValueError or ImportError for a proxy of a kind that it does not speak.
    """
    import httpx

    headers = {
        "User-Agent": f"diagnose/{__version__}",
        "Accept-Encoding": "identity",
        "Cache-Control": "no-cache",
        "Connection": "close",
    }
    return httpx.Client(
        trust_env=False,
        verify=trust or False,
        follow_redirects=False,
        timeout=timeout_s,
        proxy=proxy,
        headers=headers,
    )
