"""Faults of certificates, servers, proxies and portals, and combinations; see `faults`."""

from __future__ import annotations

from tests.lab.addresses import DOWNLOAD, UPDATE, VENDOR
from tests.lab.fault import (
    DROPPED,
    INSPECTED,
    IPV6_DEAD,
    NO_PUBLIC_DNS,
    NO_WAY_OUT,
    OUTSIDE,
    PORTAL_EVERYWHERE,
    PORTAL_HTTP_ONLY,
    TRUSTED,
    UNKNOWN_TO_PUBLIC,
    Fault,
    passing,
    proxy,
    resolver,
    served,
)
from tests.lab.offices import Setup

_BY_INSPECTION = {"tls-intercepted": "a private authority that nobody trusts may be an inspecting device's"}

CERTIFICATES = (
    Fault(
        "inspected",
        "the gateway inspects TLS, its authority is not trusted",
        "tls-intercepted",
        INSPECTED,
        severity="warn",
    ),
    Fault(
        "inspected-trusted",
        "the gateway inspects TLS, its authority is trusted",
        "tls-intercepted",
        INSPECTED | TRUSTED,
        severity="warn",
    ),
    Fault(
        "certificate-expired",
        "the certificate expired three days ago",
        "tls-certificate-expired",
        served("expired"),
        names=UPDATE,
    ),
    Fault("certificate-future", "the certificate is not valid yet", "tls-certificate-expired", served("future")),
    Fault(
        "certificate-expired-between",
        "the intermediate certificate has expired",
        "tls-certificate-expired",
        served("expired-between"),
        accept={"tls-untrusted": "no valid chain leads to the root"},
    ),
    Fault(
        "certificate-self-signed",
        "the server signed its own certificate",
        "tls-untrusted",
        served("self-signed"),
        accept=_BY_INSPECTION,
    ),
    Fault("certificate-other-host", "the certificate is another host's", "tls-name-mismatch", served("other-host")),
    Fault(
        "certificate-no-chain",
        "the server does not send the intermediate certificate",
        "tls-untrusted",
        served("no-chain"),
    ),
    Fault(
        "certificate-unknown-authority",
        "an authority that nobody knows has signed",
        "tls-untrusted",
        served("unknown-authority"),
        accept=_BY_INSPECTION,
    ),
    Fault("clock-ahead", "the clock is 400 days ahead", "clock-wrong", Setup(clock="+400d")),
    Fault("clock-behind", "the clock is 400 days behind", "clock-wrong", Setup(clock="-400d")),
    Fault(
        "clock-ten-minutes", "the clock is ten minutes ahead, no certificate minds", "clock-wrong", Setup(clock="+10m")
    ),
    Fault(
        "clock-beyond-certificates",
        "the clock is 700 days ahead, beyond every certificate",
        "clock-wrong",
        Setup(clock="+700d"),
    ),
)

SERVERS = (
    Fault("tls-1.0", "the server speaks TLS 1.0 only", "tls-protocol-refused", served("tls-1.0")),
    Fault(
        "tls-rsa-exchange",
        "the server speaks TLS 1.2 with an RSA key exchange and SHA-1 only",
        "tls-protocol-refused",
        served("rsa-exchange"),
        accept={"": "the OpenSSL of Debian 12's own Python still takes it, that of newer builds does not"},
    ),
    Fault(
        "tls-none",
        "the server speaks HTTP without TLS at port 443",
        "tls-protocol-refused",
        served("plain"),
        accept={"http-unexpected-body": "somebody else answers"},
    ),
    Fault("tls-noise", "the server answers the handshake with noise", "tls-protocol-refused", served("noise")),
    Fault(
        "tls-client-certificate",
        "the server wants a client's certificate and answers 400",
        "http-forbidden",
        served("client-certificate"),
        accept={"http-server-error": "400 is all that the server says"},
    ),
    Fault(
        "http2-only",
        "the server speaks HTTP/2 whatever it is asked for",
        "http-no-answer",
        served("only-http2"),
        severity="warn",
        accept={"tls-protocol-refused": "the protocols do not agree"},
    ),
    Fault("http-401", "the server answers 401", "http-forbidden", served("401")),
    Fault("http-403", "the server answers 403", "http-forbidden", served("403"), names=UPDATE),
    Fault("http-404", "the server answers 404", "http-not-found", served("404")),
    Fault("http-429", "the server answers 429", "http-rate-limited", served("429"), severity="warn"),
    Fault("http-500", "the server answers 500", "http-server-error", served("500"), severity="warn"),
    Fault(
        "http-503",
        "the server answers 503",
        "http-server-error",
        served("503"),
        severity="warn",
        accept={"http-rate-limited": "overloaded: come back later"},
    ),
    Fault("http-block-page", "200 with a page that says: blocked", "http-unexpected-body", served("block-page")),
    Fault("http-to-portal", "the request is sent on to a page to log in", "http-unexpected-body", served("to-portal")),
    Fault(
        "http-loop",
        "the request is sent on to itself, for ever",
        "http-unexpected-body",
        served("loop"),
        accept={"http-server-error": "a server that sends in a circle is faulty"},
    ),
    Fault(
        "http-no-http",
        "text that is no HTTP, over good TLS",
        "http-no-answer",
        served("no-http"),
        severity="warn",
        accept={"http-unexpected-body": "an answer that is not the vendor's"},
    ),
    Fault(
        "http-no-answer",
        "the connection is closed without an answer",
        "http-no-answer",
        served("no-answer"),
        severity="warn",
    ),
    Fault("http-stalls", "no answer comes to the request", "http-no-answer", served("stalls"), severity="warn"),
    Fault("http-endless-head", "the head never ends", "http-no-answer", served("endless-head"), severity="warn"),
    Fault("http-gigabyte", "a gigabyte of zeros", "http-unexpected-body", served("gigabyte")),
    Fault(
        "http-cut-short",
        "the connection ends in the middle of the body",
        "http-unexpected-body",
        served("cut-short"),
        accept={"download-size-limited": "a transfer is cut"},
    ),
)

PROXIES = (
    Fault(
        "proxy-nobody",
        "nobody listens at the proxy, direct access is closed",
        "proxy-unreachable",
        proxy("nobody") | NO_WAY_OUT,
    ),
    Fault(
        "proxy-nobody-direct-works",
        "nobody listens at the proxy, direct access works",
        "proxy-unreachable",
        proxy("nobody"),
    ),
    Fault(
        "proxy-dropped",
        "what goes to the proxy is dropped",
        "proxy-unreachable",
        proxy("open") | NO_WAY_OUT | passing("ip daddr 10.78.0.80 drop"),
    ),
    Fault(
        "proxy-unknown-name",
        "the proxy's name does not exist",
        "proxy-unreachable",
        proxy("open", host="porxy.corp.example") | NO_WAY_OUT,
    ),
    Fault(
        "proxy-wants-password",
        "the proxy answers 407 (Basic)",
        "proxy-authentication-required",
        proxy("password") | NO_WAY_OUT,
    ),
    Fault(
        "proxy-wrong-password",
        "the password in the settings is wrong",
        "proxy-authentication-required",
        proxy("password", "lab:old@") | NO_WAY_OUT,
    ),
    Fault("proxy-ntlm", "the proxy takes NTLM only", "proxy-authentication-required", proxy("ntlm") | NO_WAY_OUT),
    Fault(
        "proxy-blocks-vendor",
        "the proxy answers 403 for the vendor's servers",
        "proxy-blocked",
        proxy("blocks-vendor") | NO_WAY_OUT,
    ),
    Fault("proxy-blocks-all", "the proxy answers 403 to everything", "proxy-blocked", proxy("blocks-all") | NO_WAY_OUT),
    Fault(
        "proxy-inspects",
        "the proxy inspects TLS, its authority is not trusted",
        "tls-intercepted",
        proxy("inspects") | NO_WAY_OUT,
        severity="warn",
    ),
    Fault(
        "proxy-inspects-trusted",
        "the proxy inspects TLS, its authority is trusted",
        "tls-intercepted",
        proxy("inspects") | NO_WAY_OUT | TRUSTED,
        severity="warn",
    ),
    Fault(
        "proxy-cannot-resolve",
        "the proxy itself cannot resolve the update server",
        "proxy-blocked",
        proxy("no-names") | NO_WAY_OUT,
        accept={"proxy-unreachable": "the proxy does not lead there"},
    ),
    Fault(
        "proxy-is-web-server",
        "a web server listens where the proxy should",
        "proxy-unreachable",
        proxy("web-server") | NO_WAY_OUT,
        accept={"proxy-blocked": "it answers, and lets nothing through"},
    ),
    Fault("proxy-hangs-up", "the proxy resets every connection", "proxy-unreachable", proxy("hangs-up") | NO_WAY_OUT),
)

PORTALS = (
    Fault("portal-by-address", "every web request ends at a portal", "http-unexpected-body", PORTAL_EVERYWHERE),
    Fault(
        "portal-http-only",
        "HTTP ends at a portal, HTTPS is reset",
        "http-unexpected-body",
        PORTAL_HTTP_ONLY | passing(f"{OUTSIDE} tcp dport 443 reject with tcp reset"),
    ),
    Fault(
        "portal-by-name",
        "every name leads to a portal, nothing else gets out",
        "http-unexpected-body",
        resolver("portal") | NO_WAY_OUT,
        accept={"dns-answer-differs": "the names lead elsewhere"},
    ),
)

COMBINED = (
    Fault(
        "dns-silent-and-dropped",
        "the name server is silent, and what goes to the update server is dropped",
        "dns-system-resolver-down",
        resolver("silent") | DROPPED,
    ),
    Fault(
        "nxdomain-and-inspected",
        "the name is denied, and TLS inspected",
        "dns-name-not-resolved",
        resolver("nxdomain") | INSPECTED,
    ),
    Fault(
        "clock-and-inspected",
        "the clock is 400 days ahead, and TLS inspected",
        "clock-wrong",
        INSPECTED | Setup(clock="+400d"),
        also=("tls-intercepted",),
    ),
    Fault(
        "clock-and-self-signed",
        "the clock is 400 days behind, and the server signed its own certificate",
        "clock-wrong",
        served("self-signed") | Setup(clock="-400d"),
        also=("tls-untrusted",),
    ),
    Fault(
        "ipv6-dead-and-inspected",
        "IPv6 is dropped, TLS inspected",
        "tls-intercepted",
        IPV6_DEAD | INSPECTED,
        severity="warn",
    ),
    Fault(
        "expired-and-second-dropped",
        "the update server's certificate has expired, the download server is dropped",
        "tls-certificate-expired",
        served("expired") | passing(f"ip daddr {VENDOR[DOWNLOAD]} drop"),
        also=("tcp-filtered",),
    ),
    Fault(
        "nxdomain-and-no-public-dns",
        "the name is denied, and public DNS blocked",
        "dns-name-not-resolved",
        resolver("nxdomain") | NO_PUBLIC_DNS,
    ),
    Fault(
        "dns-silent-and-no-public-dns",
        "the name server is silent, and public DNS blocked",
        "dns-system-resolver-down",
        resolver("silent") | NO_PUBLIC_DNS,
        accept={"network-offline": "without any name nothing outside can be tried; so the catalogue has it"},
    ),
    Fault(
        "hosts-and-dropped",
        "the hosts file pins the name, and the real address is dropped",
        "hosts-file-override",
        Setup(hosts=(f"127.0.0.1 {UPDATE}",)) | DROPPED,
    ),
    Fault(
        "dns-silent-with-proxy",
        "the name server is silent, the proxy (by its address) works",
        "dns-system-resolver-down",
        resolver("silent") | NO_WAY_OUT | proxy("open"),
        severity="warn",
    ),
    Fault(
        "proxy-password-and-inside-names",
        "the proxy wants a password, and only it resolves outside names",
        "proxy-authentication-required",
        proxy("password") | NO_WAY_OUT | UNKNOWN_TO_PUBLIC,
    ),
    Fault(
        "dns-block-page-and-proxy",
        "the name leads to a block page, but the proxy that is set works",
        "dns-answer-differs",
        resolver("block-page") | proxy("open"),
        severity="warn",
        accept={"": "the agent's way leads through the proxy, which resolves names by itself"},
    ),
)
