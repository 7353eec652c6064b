"""Names, addresses and ports of the fault lab. The client's own are 10.77.N.2 in office N, its gateway's 10.77.N.1."""

from __future__ import annotations

from tests.lab.internet import PUBLIC_RESOLVERS, WEB

# What is outside.
PUBLIC = PUBLIC_RESOLVERS
CONTROLS = WEB
UPDATE, DOWNLOAD, REVOCATION = VENDOR_NAMES = ("update.vendor.example", "download.vendor.example", "crl.vendor.example")
VENDOR = {UPDATE: "203.0.113.20", DOWNLOAD: "203.0.113.21", REVOCATION: "203.0.113.22"}
NAMES = CONTROLS | VENDOR
"""Every name that public DNS knows, with its address."""
MANY = "cdn.vendor.example"
"""Every name below it leads to the update server."""
UPDATE_V6 = "2001:db8:203::20"
BIG_CERTIFICATE_NAMES = (UPDATE, *(f"host-{number:03}.{MANY}" for number in range(300)))
OTHER_SERVER, NO_SERVER, BACKEND = "203.0.113.96", "203.0.113.97", "203.0.113.99"
"""A server of somebody else; an address from which nothing ever comes; where the servers with a fault listen."""

# What is inside the company: servers that all offices share.
INSIDE = "10.78.0.0/16"
PROXY = "10.78.0.80"
PORTAL, PORTAL_NAME = "10.78.0.99", "portal.hotel.example"
MIRROR = "10.78.0.100"
SILENT_UPSTREAM, BROKEN_UPSTREAM = "10.78.0.198", "10.78.0.199"
RESOLVERS = {
    name: f"10.78.0.{number}"
    for number, name in enumerate(
        (
            "good", "nobody", "silent", "nxdomain", "refuses", "portal", "dead-upstream", "dual-stack", "zero",
            "loopback", "block-page", "other-server", "no-server", "split", "servfail-name", "silent-name", "no-data",
            "servfail", "large", "inside-only", "all-nxdomain",
        ),
        start=53,
    )
}  # fmt: skip
"""The name servers of the company by what they do."""
SILENT = (RESOLVERS["silent"], NO_SERVER)
"""From these nothing ever comes."""

# Ports of the proxy's address: the first four are one squid's, the next two another one's.
PROXY_PORTS = {
    "open": 3128,
    "password": 3129,
    "blocks-vendor": 3130,
    "blocks-all": 3131,
    "inspects": 3133,
    "ntlm": 3140,
    "no-names": 3141,
    "web-server": 3150,
    "hangs-up": 3151,
    "nobody": 3999,
}
BACKENDS = {
    name: 8400 + number
    for number, name in enumerate(
        (
            # nginx: certificates
            "expired", "future", "other-host", "no-chain", "name-in-subject", "expired-between", "self-signed",
            "unknown-authority", "inspected", "inspected-expired", "big",
            # nginx: TLS and HTTP
            "tls-1.0", "tls-1.3", "rsa-exchange", "plain", "client-certificate", "http2", "401", "403", "404", "429",
            "500", "503", "block-page", "to-portal", "loop", "no-answer",
            # servers of our own
            "silent", "noise", "hangs-up", "no-http", "only-http2", "stalls", "endless-head", "gigabyte", "cut-short",
        )
    )
}  # fmt: skip
"""Port at BACKEND by what the server there does; a gateway leads the vendor's address to it."""
