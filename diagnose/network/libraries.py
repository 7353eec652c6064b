"""The libraries behind the network questions, loaded once, by whichever thread asks first.

They are imported late, as most commands need none of them. But their modules import one another, and threads that begin
to import them in the same moment, each at another end, get a `_DeadlockError` now and then (seen with Python 3.11).
"""

from __future__ import annotations

import importlib
import threading
from functools import cache

_LIBRARIES = (
    *("ssl", "idna", "certifi", "cryptography.x509", "OpenSSL.SSL", "OpenSSL.crypto", "httpcore", "httpx"),
    *("dns.exception", "dns.flags", "dns.message", "dns.query", "dns.rcode", "dns.rdatatype"),
    # dnspython itself imports these when the first record of their type arrives.
    *("dns.rdtypes.ANY.CNAME", "dns.rdtypes.ANY.NS", "dns.rdtypes.ANY.OPT", "dns.rdtypes.ANY.SOA"),
    *("dns.rdtypes.IN.A", "dns.rdtypes.IN.AAAA"),
)


_LOADING = threading.Lock()


def load_libraries() -> None:
    """To be called before anything that imports one of them; every other thread waits until all are there."""
    with _LOADING:
        _load()


@cache
def _load() -> None:
    for name in _LIBRARIES:
        importlib.import_module(name)
