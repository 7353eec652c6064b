"""The shape of rule files: products, facts, flows, questions, causes and evidence labels, as msgspec structs.

`rules/<product>/product.yaml` is a Product, every other `rules/<product>/<flow>.yaml` with steps is a Flow,
`causes.yaml` is a CauseFile, `rules/evidence/<check>.yaml` an EvidenceFile. The linter adds what types cannot say.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from diagnose.specs import (
    CertificateSpec,
    EndpointSpec,
    EventSignatureSpec,
    LogSpec,
    RequirementsSpec,
    SecurityProductSpec,
    ServiceSpec,
    SignatureSpec,
    SourceKindSpec,
    Spec,
)
from diagnose.text import Lines, Text

Id = Annotated[str, msgspec.Meta(pattern="^[a-z0-9]+([-_.][a-z0-9]+)*$", max_length=80)]
Scalar = bool | int | float | str


class RegistrySource(Spec, frozen=True, kw_only=True):
    key: str
    value: str
    view: Literal["native", "32", "64", "both"] = "both"
    """`both`: the 32-bit side first, then the 64-bit side."""


class IniSource(Spec, frozen=True, kw_only=True):
    file: str
    section: str
    key: str


class LogSource(Spec, frozen=True, kw_only=True):
    """The value in a text file: the group of the first or last line that matches, newest file first."""

    files: str
    pattern: str
    pick: Literal["first", "last"] = "last"


class CommandSource(Spec, frozen=True, kw_only=True):
    argv: tuple[str, ...]
    json: str | None = None
    """Dotted way into JSON output, such as `license.expires`."""
    pattern: str | None = None
    exit_codes: tuple[int, ...] = (0,)
    """With which the output counts."""


class FileSource(Spec, frozen=True, kw_only=True):
    path: str
    what: Literal["exists", "modified", "size"]


class SecurityProductSource(Spec, frozen=True, kw_only=True):
    """The name under which the system lists a security product."""

    pattern: str
    """RE2 pattern, found anywhere in the name."""


class Source(Spec, frozen=True, kw_only=True):
    """One place where a fact may be read. Exactly one of the first eight is given; the rest shapes what was read."""

    system: str | None = None
    """A field of `diagnose.machine.values.System`, such as `os_build`."""

    registry: RegistrySource | None = None
    ini: IniSource | None = None
    log: LogSource | None = None
    command: CommandSource | None = None
    file: FileSource | None = None
    security_product: SecurityProductSource | None = None
    answer: Id | None = None
    """The operator's answer to this question of the flow."""
    map: dict[str, Scalar] | None = None
    """Stored value to the fact's value; a stored value that is not listed is malformed."""
    match: str | None = None
    """RE2 with one group: the part of the stored text that counts."""
    format: str | None = None
    """strptime format of a stored time."""
    zone: Literal["utc"] | None = None
    """Of a stored time that says no zone; None is the computer's own."""
    day: Literal["end"] | None = None
    """Of a stored date: it holds until its day ends, as an answered one does; None is its beginning."""
    absent: Scalar | None = None
    """The value when the place can be read and holds nothing."""


class FactSpec(Spec, frozen=True, kw_only=True):
    title: Text
    type: Literal["string", "int", "double", "bool", "timestamp", "version", "list"]
    sources: tuple[Source, ...]
    source: str = ""
    """The document that says so, and how sure it is."""


class Role(Spec, frozen=True, kw_only=True):
    id: Id
    title: Text
    when: str


class FormField(Spec, frozen=True, kw_only=True):
    """One field of the incident form."""

    id: Id
    title: Text
    help: Text | None = None
    type: Literal["choice", "number", "date", "text"] = "text"
    choices: dict[str, Text] = {}
    for_the_vendor: bool = False
    """It goes into the ticket as it was written, names included: the vendor is meant to answer to them."""


class Product(Spec, frozen=True, kw_only=True):
    id: Id
    name: Text
    platforms: tuple[Literal["windows", "linux", "macos"], ...]
    version: str | None = None
    """The fact that holds the product's version."""
    roles: tuple[Role, ...] = ()
    part_of_system: bool = False
    """It comes with the system, so that any other product that is detected is meant first."""
    default_flow: Id | None = None
    """The flow that `diagnose run <product>` means."""
    facts: dict[str, FactSpec] = {}
    services: tuple[ServiceSpec, ...] = ()
    endpoints: tuple[EndpointSpec, ...] = ()
    certificates: tuple[CertificateSpec, ...] = ()
    signed_files: tuple[str, ...] = ()
    main_files: tuple[str, ...] = ()
    requirements: RequirementsSpec = RequirementsSpec()
    logs: tuple[LogSpec, ...] = ()
    source_kinds: tuple[SourceKindSpec, ...] = ()
    public_domains: tuple[str, ...] = ()
    """Domains that stay readable in a bundle, with every name in them: the vendor's, and those its product uses."""
    own_names: tuple[str, ...] = ()
    """Name parts by which Windows lists this product among security products."""
    other_security_software: tuple[SecurityProductSpec, ...] = ()
    incident: tuple[FormField, ...] = ()


class Question(Spec, frozen=True, kw_only=True):
    title: Text
    """A short label."""
    text: Text
    help: Text
    """How the operator finds out."""
    type: Literal["choice", "number", "date", "text", "secret"]
    choices: dict[str, Text] = {}
    minimum: float | None = None
    maximum: float | None = None


class Branch(Spec, frozen=True, kw_only=True):
    """One outcome of a step. The first branch whose condition is true wins; an unknown condition never does."""

    when: str
    then: Literal["pass", "not_applicable", "unknown", "blocked"] | dict[Literal["fail", "warn"], Id]
    because: Text | None = None
    """What was seen and what it means; causes bring their own."""
    with_: dict[str, str] = msgspec.field(name="with", default={})
    """Values for the placeholders of the texts: name to expression."""
    explains: tuple[Id, ...] = ()
    """Causes that follow from this one, wherever they are found in this run."""
    goto: Id | None = None
    """The step to go on with, or `end`."""


class Step(Spec, frozen=True, kw_only=True):
    id: Id
    title: Text
    why: Text
    check: str | tuple[str, ...] = ()
    with_: dict[str, Any] = msgspec.field(name="with", default={})
    calculate: str | None = None
    """A calculation, worked out when the step is judged."""
    given: dict[str, str] = {}
    """Its inputs: name to expression."""
    source: str = ""
    ask: tuple[Id, ...] = ()
    show: tuple[str, ...] = ()
    """Facts that belong to this step's picture."""
    decide: tuple[Branch, ...] = ()
    otherwise: Id | None = None
    """Branches of branches.yaml that come after these."""
    explains: tuple[Id, ...] = ()
    """Causes of this flow that follow from whatever those branches find."""


class Flow(Spec, frozen=True, kw_only=True):
    id: Id
    title: Text
    source: str
    symptoms: tuple[Text, ...] = ()
    """What somebody would say who needs this flow; searched on the first screen."""
    questions: dict[Id, Question] = {}
    steps: tuple[Step, ...]


class Cause(Spec, frozen=True, kw_only=True):
    id: Id
    title: Text
    values: tuple[str, ...] = ()
    because: Text
    remedy: Lines
    source: str


class CauseFile(Spec, frozen=True, kw_only=True):
    causes: tuple[Cause, ...]


class BranchFile(Spec, frozen=True, kw_only=True):
    """Branches that steps of several flows share: what a check sees means the same everywhere."""

    branches: dict[Id, tuple[Branch, ...]]


class SignatureFile(Spec, frozen=True, kw_only=True):
    signatures: tuple[SignatureSpec, ...] = ()
    event_signatures: tuple[EventSignatureSpec, ...] = ()


class EvidenceField(Spec, frozen=True, kw_only=True):
    title: Text
    values: dict[str, Text] = {}


class EvidenceFile(Spec, frozen=True, kw_only=True):
    evidence: dict[str, EvidenceField]
