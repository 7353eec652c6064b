"""Which faults the Windows program is run with, and those that only Windows can have."""

from __future__ import annotations

from tests.lab.addresses import PROXY, PROXY_PORTS
from tests.lab.fault import NO_WAY_OUT, Fault
from tests.lab.faults import FAULTS
from tests.lab.offices import Setup

# fmt: off
_ON_LINUX_TOO = (
    "healthy", "dns-nxdomain-name", "dns-sinkhole-zero", "tcp-reset", "inspected", "certificate-expired", "tls-none",
    "certificate-other-host", "http-403", "http-429", "dns-silent", "tcp-dropped", "proxy-wants-password",
    "healthy-proxy", "proxy-blocks-all", "hosts-dead", "dns-refuses", "cable-out", "inspected-trusted",
)
# fmt: on
_OWN = (
    Fault(
        "windows-user-proxy",
        "only the user's settings name the proxy that leads out",
        "proxy-not-used-by-service",
        NO_WAY_OUT | Setup(user_proxy=f"{PROXY}:{PROXY_PORTS['open']}"),
        accept={"proxy-required": "through the proxy it works, directly it does not"},
    ),
    Fault(
        "windows-script-unreachable",
        "the user's settings name a script for proxies on a server that is dead, and nothing else leads out",
        "proxy-unreachable",
        NO_WAY_OUT | Setup(user_script=f"http://{PROXY}:{PROXY_PORTS['nobody']}/proxy.pac"),
    ),
)
WINDOWS_FAULTS = (*_OWN, *(fault for fault in FAULTS if fault.id in _ON_LINUX_TOO))
