"""One endpoint: what is to be reached, and what was seen on the way there."""

from __future__ import annotations

from dataclasses import dataclass

from checks._dns_answers import Resolved, system_status
from diagnose.machine.values import DnsStatus, HttpAnswer, TcpAnswer, TcpStatus, TlsAnswer, Unseen
from diagnose.network.host_names import literal_address


@dataclass(frozen=True, slots=True)
class Target:
    """An `EndpointSpec` with its facts filled in."""

    id: str
    host: str
    port: int
    url: str | None = None
    tls: bool = False
    """Shake hands although no URL is asked for."""
    own: bool = False
    """The server shows its own certificate."""
    public: bool = True
    """Public DNS knows the name."""
    statuses: tuple[int, ...] = (200,)
    body_contains: str | None = None

    @property
    def literal(self) -> bool:
        return literal_address(self.host) is not None

    @property
    def encrypted(self) -> bool:
        return self.tls or (self.url is not None and self.url.lower().startswith("https://"))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of one endpoint so far; None: not asked, or not answered in time."""

    pin: str = ""
    """The address that the hosts file gives the name."""
    system: Resolved = None
    public: Resolved = None
    tcp: TcpAnswer | Unseen | None = None
    public_tcp: TcpAnswer | Unseen | None = None
    """To the first address of public DNS, where it is another one than the system's."""
    public_tls: TlsAnswer | Unseen | None = None
    """At that address, where the one of the system shows a certificate that is not the host's."""
    tls: TlsAnswer | Unseen | None = None
    http: HttpAnswer | Unseen | None = None
    proxy_tcp: TcpAnswer | Unseen | None = None
    proxied: HttpAnswer | Unseen | None = None
    proxied_tls: TlsAnswer | Unseen | None = None

    @property
    def unresolved(self) -> bool:
        found = system_status(self.system)
        return found is not None and found is not DnsStatus.ANSWERED

    @property
    def connected(self) -> bool:
        """A later answer proves the connection as well as its own probe."""
        return (
            (isinstance(self.tcp, TcpAnswer) and self.tcp.status is TcpStatus.CONNECTED)
            or isinstance(self.tls, TlsAnswer)
            or (isinstance(self.http, HttpAnswer) and self.http.status is not None)
        )
