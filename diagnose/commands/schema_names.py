"""The names that `diagnose rules schema` and `graph` know, apart from the rest so that help needs no imports."""

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
GRAPH_FORMATS = ("mermaid", "dot")
