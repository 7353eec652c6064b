"""Each known failure line of a log knows a line that was seen (or published), and is silent about one like it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from diagnose.patterns import compile_pattern
from diagnose.resources import rules_folder
from diagnose.yaml_file import load_yaml

LINES: dict[str, dict[str, dict[str, str]]] = load_yaml(Path(__file__).parent / "data" / "known-lines.yaml").data
CASES = [(product, id_) for product, lines in LINES.items() for id_ in lines]


def known(product: str) -> dict[str, str]:
    """Id to pattern, of log lines and of events."""
    data: dict[str, Any] = load_yaml(rules_folder() / product / "signatures.yaml").data
    listed = (*data.get("signatures", ()), *data.get("event_signatures", ()))
    return {signature["id"]: signature["pattern"] for signature in listed if "pattern" in signature}


@pytest.mark.parametrize(("product", "id_"), CASES)
def test_a_known_line_fires_and_one_like_it_does_not(product: str, id_: str) -> None:
    pattern, lines = compile_pattern(known(product)[id_]), LINES[product][id_]
    assert pattern.search(lines["fires"])
    assert not pattern.search(lines["silent"])


@pytest.mark.parametrize("product", list(LINES))
def test_no_known_line_is_without_an_example(product: str) -> None:
    assert set(known(product)) == set(LINES[product])
