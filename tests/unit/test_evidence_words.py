"""What the program writes as a word of its own is read in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import diagnose.network.http_probe
from diagnose.network.failures import Failure
from diagnose.resources import rules_folder
from diagnose.rules.folders import open_rule_folders

FIELDS = {"published_index": "http_error", "download_size": "transfer_error"}


def words_of_the_probe() -> set[str]:
    """Those it takes from the system's errors, and those that stand in its source."""
    source = Path(diagnose.network.http_probe.__file__).read_text(encoding="utf-8")
    own = re.findall(r"(?:error =|return|else) \"([a-z-]+)\"", source)
    return {*own, *(failure.value for failure in Failure if failure is not Failure.OTHER)}


def test_the_words_are_found() -> None:
    assert {"timeout", "tls", "protocol", "stalled", "proxy-unreachable", "denied"} <= words_of_the_probe()


@pytest.mark.parametrize(("check", "field"), FIELDS.items())
def test_why_no_answer_came_is_said_in_both_languages(check: str, field: str) -> None:
    loaded = open_rule_folders(rules_folder(), ()).evidence(check)
    assert loaded is not None
    labels = loaded.value.evidence[field].values
    assert words_of_the_probe() <= labels.keys()
    assert all(label.ja != label.en for label in labels.values())
