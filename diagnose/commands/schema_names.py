"""The names that `diagnose rules schema` knows, apart from the schemas so that help needs no imports."""

from __future__ import annotations

SCHEMA_NAMES = (
    "flow",
    "product",
    "causes",
    "branches",
    "signatures",
    "evidence",
    "case",
    "result",
    "manifest",
    "fleet",
    "remote",
)
