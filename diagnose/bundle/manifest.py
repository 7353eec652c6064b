"""`manifest.json`: what lies in a bundle, where it is from, what was left out, why (schema `diagnose.bundle/1`)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

import msgspec

SCHEMA: Literal["diagnose.bundle/1"] = "diagnose.bundle/1"
MANIFEST = "manifest.json"
LARGEST_MANIFEST = 32_000_000
"""Bytes."""


class Kind(StrEnum):
    """What a member is."""

    LOG = "log"
    RECORDING = "recording"
    REPORT = "report"
    RESULT = "result"
    INCIDENT = "incident"
    TICKET = "ticket"


class LeftOutReason(StrEnum):
    """Why something that was wanted is not in the bundle."""

    LOCKED = "locked"
    DENIED = "denied"
    NOT_TEXT = "not_text"
    NOT_A_FILE = "not_a_file"
    REDACTION_FAILED = "redaction_failed"
    PROOF_FAILED = "proof_failed"
    TOO_LARGE = "too_large"
    LIMIT = "limit"
    OPERATOR = "operator"
    """Whoever made the bundle did not want it."""
    VANISHED = "vanished"
    UNREADABLE = "unreadable"


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """The first and the last time that stand in the content."""

    start: datetime | None = None
    end: datetime | None = None


class Truncation(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes of the source that were kept and left out."""

    head: int = 0
    tail: int = 0
    window: int = 0
    """Around the time of the incident."""
    left_out: int


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What the collector knows of a member."""

    kind: Kind
    source: str = ""
    """Path on the computer, redacted; empty for what the program made itself."""
    source_size: int | None = None
    """Bytes when it was opened."""
    encoding: str = ""
    """Of the source; the member is UTF-8."""
    modified: datetime | None = None
    period: Period | None = None
    truncation: Truncation | None = None
    short_read: bool = False
    """It held less than it had promised."""
    growing: bool = False
    """It held more when it was closed than when it was opened."""
    redactions: dict[str, int] = {}
    """Replacements of each kind."""


class Member(About, frozen=True, kw_only=True):
    """One file of the archive; `size` and `sha256` (hexadecimal) are those of its content."""

    name: str
    asked_name: str = ""
    """The name that was wanted, where the archive needed another."""
    size: int
    sha256: str


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    path: str
    """Redacted."""
    reason: LeftOutReason
    detail: str = ""


class AbsentSource(msgspec.Struct, frozen=True, kw_only=True):
    """A source of the product that is not there."""

    path: str
    detail: str = ""


class BundleLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes."""

    file: int | None = None
    total: int | None = None
    ticket: int | None = None
    """What the vendor's ticket system takes."""
    fits: bool | None = None
    """Whether the archive fits the ticket; the writer fills it in."""


class CheckTime(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    duration_s: float | None


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """The written archive was searched for every original value."""

    values: int
    """Distinct original values."""
    patterns: int
    """Their spellings in all encodings."""
    encodings: tuple[str, ...]
    members: int
    bytes_searched: int
    hits: int


class Redaction(msgspec.Struct, frozen=True, kw_only=True):
    originals: dict[str, int] = {}
    """Distinct original values of each kind."""
    proof: Proof | None = None
    """The writer fills it in."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    schema: Literal["diagnose.bundle/1"] = SCHEMA
    tool_version: str
    rules_digest: str
    created: datetime
    run_id: str
    language: str
    members: tuple[Member, ...] = ()
    """All but the manifest; the writer fills it in."""
    left_out: tuple[LeftOut, ...] = ()
    absent: tuple[AbsentSource, ...] = ()
    limits: BundleLimits = BundleLimits()
    checks: tuple[CheckTime, ...] = ()
    redaction: Redaction = Redaction()


def manifest_bytes(manifest: Manifest) -> bytes:
    """UTF-8 JSON, the same for the same manifest."""
    encoded = msgspec.json.encode(manifest, order="deterministic")
    return msgspec.json.format(encoded, indent=1) + b"\n"


def manifest_schema() -> dict[str, Any]:
    title = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "diagnose bundle manifest"}
    return {**title, **msgspec.json.schema(Manifest)}
