"""What a product file says about a service, endpoint, certificate, requirement or log: what checks measure by.

Text fields marked "with facts" may hold `{fact.name}`; a check fills them through its `Context`.
`when` is a condition over `facts.*`; a spec whose condition is false does not apply.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from diagnose.text import Text

FactName = Annotated[str, msgspec.Meta(extra={"names": "fact"})]
"""The name of a fact, such as `agent.build`; the linter checks that it exists."""


class Spec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all specs: strict and frozen. (msgspec does not hand `kw_only` on to subclasses, so each says it.)"""


class ServiceSpec(Spec, frozen=True, kw_only=True):
    name: str
    title: Text | None = None
    core: bool = True
    """The product cannot do its work without it."""
    when: str | None = None


class EndpointSpec(Spec, frozen=True, kw_only=True):
    id: str
    host: str
    """With facts."""
    port: str | int
    """With facts."""
    url: str | None = None
    """With facts; None when reaching the port is enough."""
    tls: bool = False
    """Without a `url`: shake hands too, but send no request."""
    trust: Literal["public", "own"] = "public"
    """`own`: the server shows its own certificate, so a chain that no public store knows is no fault."""
    public: bool = True
    """The name is one that public DNS knows."""
    body_contains: str | None = None
    statuses: tuple[int, ...] = (200,)
    when: str | None = None
    source: str = ""


class CertificateSpec(Spec, frozen=True, kw_only=True):
    id: str
    subject: str
    sha1: Annotated[str, msgspec.Meta(pattern="^[0-9A-F]{40}$")]
    why: Text
    when: str | None = None
    source: str = ""


class OsUpdateSpec(Spec, frozen=True, kw_only=True):
    """The update level from which a Windows build can run files signed by Azure Code Signing."""

    build: int
    """Windows build number, such as 19044."""
    ubr: int | None = None
    """Lowest update revision; None when only the updates' names are known."""
    kb: tuple[str, ...]
    """Any one of these, or a later cumulative update."""
    confirmed: bool
    """False when `ubr` is not from the vendor or Microsoft: then the hotfix list must agree."""
    server: bool | None = None
    """Only for server (true) or client (false) editions."""


class RequirementsSpec(Spec, frozen=True, kw_only=True):
    """Lowest values that the product's document gives; None where it gives none."""

    lowest_build_client: int | None = None
    lowest_build_server: int | None = None
    cores: int | None = None
    mhz: int | None = None
    memory_mb: int | None = None
    free_mb: int | None = None
    disks: tuple[str, ...] = ()
    """Paths whose drives need the free space; with facts. The system drive is always looked at."""
    code_signing_updates: tuple[OsUpdateSpec, ...] = ()
    code_signing_native_build: int | None = None
    """From this build on no update is needed."""
    source: str = ""


class LogSpec(Spec, frozen=True, kw_only=True):
    id: str
    title: Text
    files: str
    """Path with globs; with facts."""
    when: str | None = None
    source: str = ""


class SignatureSpec(Spec, frozen=True, kw_only=True):
    """A known failure line."""

    id: str
    files: str
    """Path with globs; with facts."""
    pattern: str
    """RE2 pattern for one line."""
    meaning: Text
    fix: Text
    source: str
    confidence: Literal["confirmed", "inferred"]
    newest: int = 3
    """How many of the newest matching files are read."""


class EventSignatureSpec(Spec, frozen=True, kw_only=True):
    """A known failure in an event log of Windows; what is left out may be anything."""

    id: str
    log: str
    """The channel: `Application`, `System`, ..."""
    provider: str = ""
    ids: tuple[int, ...] = ()
    pattern: str = ""
    """RE2 pattern, found anywhere in the message."""
    meaning: Text
    fix: Text
    source: str
    confidence: Literal["confirmed", "inferred"]


class SourceKindSpec(Spec, frozen=True, kw_only=True):
    """How to tell what kind of update source an address is."""

    kind: Literal["vendor", "rollback"]
    pattern: str
    """RE2 pattern, found anywhere in the address, case ignored."""


class SecurityProductSpec(Spec, frozen=True, kw_only=True):
    name: str
    processes: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
