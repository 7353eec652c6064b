"""What can be wrong between a computer and its update servers: how it is made, and what has to be named for it."""

from __future__ import annotations

from tests.lab.addresses import BACKEND, CONTROLS, DOWNLOAD, INSIDE, OTHER_SERVER, RESOLVERS, REVOCATION, UPDATE, VENDOR
from tests.lab.fault import (
    DROPPED,
    HTTPS,
    INSPECTOR,
    IPV6_DEAD,
    NO_PUBLIC_DNS,
    NO_WAY_OUT,
    RESET,
    TO_UPDATE,
    UNKNOWN_TO_PUBLIC,
    Fault,
    passing,
    proxy,
    resolver,
    served,
    sni,
)
from tests.lab.faults_served import CERTIFICATES, COMBINED, PORTALS, PROXIES, SERVERS
from tests.lab.offices import Setup

HEALTHY = (
    Fault("healthy", "nothing is wrong", "", Setup()),
    Fault(
        "healthy-split-dns",
        "the company's DNS leads to its own mirror, with a valid certificate",
        "",
        resolver("split"),
    ),
    Fault("healthy-public-dns-blocked", "port 53, DoT and DoH to public resolvers dropped", "", NO_PUBLIC_DNS),
    Fault("healthy-proxy", "a proxy is set and works, so does direct access", "", proxy("open")),
    Fault("healthy-proxy-only", "no direct access, the proxy works", "", proxy("open") | NO_WAY_OUT),
    Fault(
        "healthy-proxy-resolves",
        "no direct access, the company's DNS knows only inside names, the proxy works",
        "",
        proxy("open") | NO_WAY_OUT | UNKNOWN_TO_PUBLIC,
    ),
    Fault(
        "healthy-proxy-password",
        "the proxy wants a password and gets it",
        "",
        proxy("password", "lab:secret@") | NO_WAY_OUT,
    ),
    Fault("healthy-ipv6", "the update server has IPv6, too, and it works", "", resolver("dual-stack")),
    Fault(
        "healthy-no-ipv6",
        "the server has IPv6, the computer has none",
        "",
        resolver("dual-stack") | Setup(links=("address delete fd77:{n}::2/64 dev lan",)),
    ),
    Fault("healthy-clock-slightly-off", "the clock is two minutes ahead", "", Setup(clock="+2m")),
    Fault("healthy-hosts-entry", "the hosts file says what DNS says", "", Setup(hosts=(f"{VENDOR[UPDATE]} {UPDATE}",))),
    Fault("healthy-second-resolver-silent", "the second of two name servers is silent", "", resolver("good", "silent")),
    Fault(
        "healthy-vendor-not-inspected",
        "TLS is inspected, except that of the vendor",
        "",
        Setup(redirect=(f"ip daddr {{ {', '.join(CONTROLS.values())} }} {HTTPS} dnat ip to {INSPECTOR}",)),
    ),
    Fault("healthy-tls-1.3", "the server speaks TLS 1.3 only", "", served("tls-1.3")),
    Fault("healthy-http2", "the server speaks HTTP/2 as well", "", served("http2")),
    Fault("healthy-big-certificate", "a certificate with 301 names", "", served("big")),
    Fault(
        "healthy-only-vendor-allowed",
        "the firewall lets out what goes to the vendor, nothing else",
        "",
        passing(f'iifname "lan" ip daddr != {{ {INSIDE}, {", ".join(VENDOR.values())} }} drop'),
    ),
)

NAMES = (
    Fault("dns-nobody", "nobody listens at the name server", "dns-system-resolver-down", resolver("nobody")),
    Fault("dns-silent", "the name server is silent", "dns-system-resolver-down", resolver("silent")),
    Fault(
        "dns-dead-upstream",
        "the name server's own source is silent",
        "dns-system-resolver-down",
        resolver("dead-upstream"),
    ),
    Fault("dns-refuses", "the name server answers REFUSED", "dns-system-resolver-down", resolver("refuses")),
    Fault(
        "dns-servfail",
        "the name server answers SERVFAIL to everything",
        "dns-system-resolver-down",
        resolver("servfail"),
    ),
    Fault(
        "dns-first-silent",
        "the first of two name servers is silent",
        "dns-system-resolver-down",
        resolver("silent", "good"),
        severity="warn",
    ),
    Fault(
        "dns-nxdomain-name",
        "the name server denies the update server",
        "dns-name-not-resolved",
        resolver("nxdomain"),
        names=UPDATE,
    ),
    Fault(
        "dns-servfail-name",
        "SERVFAIL for this name only",
        "dns-name-not-resolved",
        resolver("servfail-name"),
        names=UPDATE,
    ),
    Fault(
        "dns-silent-name", "silence for this name only", "dns-name-not-resolved", resolver("silent-name"), names=UPDATE
    ),
    Fault(
        "dns-no-data", "the name exists, without an address", "dns-name-not-resolved", resolver("no-data"), names=UPDATE
    ),
    Fault(
        "dns-tcp-blocked",
        "the answer is too long for UDP, and TCP 53 is dropped",
        "dns-name-not-resolved",
        resolver("large") | passing("tcp dport 53 drop"),
    ),
    Fault(
        "dns-inside-only",
        "the name server knows only inside names, no proxy is set",
        "dns-name-not-resolved",
        UNKNOWN_TO_PUBLIC,
        accept={"dns-system-resolver-down": "no public name is resolved at all"},
    ),
    Fault("dns-sinkhole-zero", "the name server answers 0.0.0.0", "dns-answer-differs", resolver("zero"), names=UPDATE),
    Fault("dns-sinkhole-loopback", "the name server answers 127.0.0.1", "dns-answer-differs", resolver("loopback")),
    Fault(
        "dns-block-page",
        "the name server answers with a block page's address",
        "dns-answer-differs",
        resolver("block-page"),
    ),
    Fault(
        "dns-other-server",
        "the name server answers with a public address of somebody else",
        "dns-answer-differs",
        resolver("other-server"),
    ),
    Fault(
        "dns-dead-address",
        "the name server answers with a public address that is dead",
        "dns-answer-differs",
        resolver("no-server"),
    ),
    Fault(
        "dns-hijacked",
        "the gateway answers port 53 to whomever it was sent, and lies",
        "dns-answer-differs",
        Setup(redirect=(f"udp dport 53 dnat ip to {RESOLVERS['block-page']}",)),
        accept={"tls-name-mismatch": "without DoH or DoT nothing shows that the answers are not those of public DNS"},
    ),
    Fault(
        "hosts-dead",
        "the hosts file pins the name to 127.0.0.1",
        "hosts-file-override",
        Setup(hosts=(f"127.0.0.1 {UPDATE}",)),
    ),
    Fault(
        "hosts-old-address",
        "the hosts file pins the name to another's server",
        "hosts-file-override",
        Setup(hosts=(f"{OTHER_SERVER} {UPDATE}",)),
        names=UPDATE,
    ),
)

REACHING = (
    Fault("cable-out", "the link is down", "network-offline", Setup(links=("link set lan down",))),
    Fault(
        "no-route",
        "no default route",
        "network-offline",
        Setup(links=("route delete default", "route delete default via fd77:{n}::1")),
    ),
    Fault("gateway-dead", "the gateway passes nothing on", "network-offline", passing("drop")),
    Fault(
        "egress-closed",
        "names are resolved inside, nothing gets out",
        "network-offline",
        NO_WAY_OUT,
        accept={"tcp-filtered": "only what goes out is dropped, and that is what it says"},
    ),
    Fault("tcp-dropped", "the firewall drops what goes to the update server", "tcp-filtered", DROPPED, names=UPDATE),
    Fault("tcp-reset", "the firewall resets what goes to the update server", "tcp-refused", RESET, names=UPDATE),
    Fault(
        "tcp-prohibited",
        "the firewall answers: administratively prohibited",
        "tcp-filtered",
        passing(f"{TO_UPDATE} reject with icmpx admin-prohibited"),
        accept={"tcp-refused": "somebody refuses, and at once"},
    ),
    Fault(
        "tcp-no-listener",
        "nobody listens at the update server",
        "tcp-refused",
        Setup(redirect=(f"{TO_UPDATE} dnat ip to {BACKEND}:1",)),
    ),
    Fault(
        "local-firewall-drops",
        "the computer's own firewall drops",
        "tcp-filtered",
        Setup(firewall=(f"{TO_UPDATE} drop",)),
    ),
    Fault(
        "local-firewall-rejects",
        "the computer's own firewall rejects",
        "tcp-refused",
        Setup(firewall=(f"{TO_UPDATE} reject with tcp reset",)),
        accept={"tcp-filtered": "a firewall it is"},
    ),
    Fault(
        "second-server-dropped",
        "the firewall drops what goes to the download server",
        "tcp-filtered",
        passing(f"ip daddr {VENDOR[DOWNLOAD]} drop"),
        names=DOWNLOAD,
    ),
    Fault(
        "revocation-dropped",
        "the firewall drops what goes to the revocation server, port 80",
        "tcp-filtered",
        passing(f"ip daddr {VENDOR[REVOCATION]} drop"),
        names=REVOCATION,
    ),
    Fault(
        "sni-reset",
        "a filter resets when it reads the name in the handshake",
        "tls-name-filtered",
        sni("REJECT --reject-with tcp-reset"),
    ),
    Fault("sni-dropped", "a filter drops what has the name in the handshake", "tls-name-filtered", sni("DROP")),
    Fault(
        "narrow-path",
        "packets over 600 bytes from the server get lost, and nobody says so",
        "large-packets-lost",
        passing(f"ip saddr {VENDOR[UPDATE]} meta length > 600 drop"),
    ),
    Fault("server-silent", "the server accepts and says nothing", "tcp-filtered", served("silent")),
    Fault(
        "server-hangs-up", "the server resets the connection once it is spoken to", "tcp-filtered", served("hangs-up")
    ),
    Fault("ipv6-dead", "IPv6 to the update server is dropped, IPv4 works", "ipv6-broken", IPV6_DEAD, severity="warn"),
)

FAULTS = (*HEALTHY, *NAMES, *REACHING, *CERTIFICATES, *SERVERS, *PROXIES, *PORTALS, *COMBINED)
