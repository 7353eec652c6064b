"""What every product may show names no product; a product says generic causes in its own words where it has more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from diagnose.resources import rules_folder
from diagnose.rules.compiler import compile_flow
from diagnose.rules.folders import open_rule_folders
from diagnose.yaml_file import load_yaml
from tests.unit.test_rule_compiler import texts

RULES = rules_folder()
GENERIC = (RULES / "causes.yaml", RULES / "branches.yaml", *sorted((RULES / "machine").glob("*.yaml")))
PRODUCTS = re.compile(
    r"(?i)apex|trend ?micro|officescan|c/s sec|クライアント/サーバ|client/server|ウイルスバスター|activeupdate"
    r"|ビジネスセキュリティ|eset|kaspersky|カスペルスキー|clamav|clamd|freshclam|defender|nifty"
    r"|セキュリティ24|security 24"
)
FOLDERS = open_rule_folders(RULES)


def names_of(product: str) -> tuple[str, str]:
    name = FOLDERS.product(product).value.name
    return name.ja, name.en


def test_every_product_would_be_noticed() -> None:
    others = [product for product in FOLDERS.product_ids() if product != "machine"]
    assert others
    assert [product for product in others if not all(map(PRODUCTS.search, names_of(product)))] == []


@pytest.mark.parametrize("file", GENERIC, ids=lambda file: file.relative_to(RULES).as_posix())
def test_no_generic_text_names_a_product(file: Path) -> None:
    found = texts(load_yaml(file).data)
    assert found
    assert [(path, text) for path, *pair in found for text in pair if PRODUCTS.search(text)] == []


@pytest.mark.parametrize(
    "product", sorted({"defender", "clamav", "eset", "kaspersky-cloud"} & {*FOLDERS.product_ids()})
)
def test_no_report_of_another_product_names_apex_one(product: str) -> None:
    named = [
        (cause.spec.id, text)
        for flow in FOLDERS.flow_ids(product)
        for step in compile_flow(FOLDERS, product, flow).steps
        for branch in step.branches
        if (cause := branch.cause) is not None
        for pair in (cause.spec.title, cause.spec.because, cause.spec.remedy)
        for text in (str(pair.ja), str(pair.en))
    ]
    assert named
    assert [one for one in named if re.search(r"(?i)apex one|trend micro|officescan|c/s sec", one[1])] == []


def test_apex_one_says_generic_causes_in_its_own_words() -> None:
    steps = compile_flow(FOLDERS, "apex-one", "agent-upgrade").steps
    causes = {branch.cause.spec.id: branch.cause.spec for step in steps for branch in step.branches if branch.cause}
    assert "Apex One" in causes["proxy-required"].remedy.en[0]
    assert "Apex One" in causes["license-status-not-refreshed"].remedy.ja[2]
