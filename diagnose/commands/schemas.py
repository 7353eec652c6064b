"""JSON Schemas of rule files and of all that the program writes, for editors and for other people's programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec

from diagnose.rules.model import BranchFile, CauseFile, EvidenceFile, Flow, Product, SignatureFile
from diagnose.run.scenarios import Case


def _schema(type_: type, title: str) -> dict[str, Any]:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **msgspec.json.schema(type_)}


def _result() -> dict[str, Any]:
    from diagnose.report.json_format import result_schema

    return result_schema()


def _manifest() -> dict[str, Any]:
    from diagnose.bundle.manifest import manifest_schema

    return manifest_schema()


def _fleet() -> dict[str, Any]:
    from diagnose.fleet.report import fleet_schema

    return fleet_schema()


def _remote() -> dict[str, Any]:
    from diagnose.remote.summary import summary_schema

    return summary_schema()


SCHEMAS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "flow": partial(_schema, Flow, "diagnose flow"),
    "product": partial(_schema, Product, "diagnose product"),
    "causes": partial(_schema, CauseFile, "diagnose causes"),
    "branches": partial(_schema, BranchFile, "diagnose shared branches"),
    "signatures": partial(_schema, SignatureFile, "diagnose failure signatures"),
    "evidence": partial(_schema, EvidenceFile, "diagnose evidence labels"),
    "case": partial(_schema, Case, "diagnose scenario"),
    "result": _result,
    "manifest": _manifest,
    "fleet": _fleet,
    "remote": _remote,
}
