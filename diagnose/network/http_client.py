"""The HTTP client as every probe needs it: it takes nothing from the environment and follows nothing.

Names are looked up where the probe looks them up: a look-up of the client's own would have no time limit, and could
not share an answer that took seconds.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from diagnose import __version__
from diagnose.network.name_lookup import LookUp, look_up

if TYPE_CHECKING:
    import ssl

    import httpcore
    import httpx

_LOOK_UP_S = 10.0


def open_client(
    timeout_s: float, proxy: str | None = None, trust: ssl.SSLContext | None = None, names: LookUp = look_up
) -> httpx.Client:
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
    transport = httpx.HTTPTransport(verify=trust or False, trust_env=False, proxy=proxy)
    pool: Any = transport._pool
    # The one thing of the client that has no public name; a test tells when it is gone.
    pool._network_backend = _backend(names)
    return httpx.Client(
        transport=transport, trust_env=False, follow_redirects=False, timeout=timeout_s, headers=headers
    )


def _backend(names: LookUp) -> httpcore.NetworkBackend:
    import httpcore

    class ByLookUp(httpcore.SyncBackend):
        """Connects to one address of a host after the other, as the original does."""

        def connect_tcp(
            self,
            host: str,
            port: int,
            timeout: float | None = None,
            local_address: str | None = None,
            socket_options: Iterable[Any] | None = None,
        ) -> httpcore.NetworkStream:
            addresses = names(host, _LOOK_UP_S if timeout is None else timeout)
            if not isinstance(addresses, tuple):
                raise httpcore.ConnectError(addresses.detail)
            for address in addresses[:-1]:
                with contextlib.suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                    return super().connect_tcp(address, port, timeout, local_address, socket_options)
            return super().connect_tcp(addresses[-1], port, timeout, local_address, socket_options)

    return ByLookUp()
