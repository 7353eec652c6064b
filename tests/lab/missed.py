"""Faults that are not named right yet, and why. Such a test fails as soon as one is: take its line out then."""

from __future__ import annotations

_NO_BRANCH = "the outcome is seen, but no step has a branch for it"
_DIRECT_WAY = "the direct way is judged although a proxy is set"
_PORTAL = "nobody puts together that every web request ends elsewhere"

MISSED = {
    "healthy-proxy-resolves": "names that only the proxy resolves count as a fault of DNS",
    "dns-first-silent": "a look-up takes longer than it is waited for, because the first name server is silent",
    "dns-tcp-blocked": "the addresses that came by UDP are tried, though the system's own look-up fails",
    "dns-other-server": "only private addresses count as wrong ones; here the public address is another server's",
    "ipv6-dead": "one address that works is enough, and the catalogue has no cause for dead IPv6",
    "tls-rsa-exchange": "the handshake offers more than the request, which then fails",
    "tls-client-certificate": _NO_BRANCH,
    "http2-only": _NO_BRANCH,
    "http-500": _NO_BRANCH,
    "http-503": _NO_BRANCH,
    "http-to-portal": _NO_BRANCH,
    "http-loop": _NO_BRANCH,
    "http-no-http": _NO_BRANCH,
    "http-no-answer": _NO_BRANCH,
    "http-stalls": _NO_BRANCH,
    "http-endless-head": _NO_BRANCH,
    "proxy-inspects": "no certificate is looked at behind a proxy",
    "proxy-inspects-trusted": "no certificate is looked at behind a proxy",
    "proxy-cannot-resolve": _DIRECT_WAY,
    "proxy-is-web-server": _DIRECT_WAY,
    "proxy-hangs-up": _DIRECT_WAY,
    "portal-by-address": _PORTAL,
    "portal-http-only": _PORTAL,
    "portal-by-name": _PORTAL,
    "expired-and-second-dropped": "only the first endpoint's fault is named",
    "dns-silent-with-proxy": "without DNS it counts as offline, though the proxy works",
    "proxy-password-and-inside-names": "names that only the proxy resolves count as a fault of DNS",
    "dns-block-page-and-proxy": "a wrong answer of DNS counts although the way leads through the proxy",
}
