"""Work is bounded by the size of the text, counted in calls and not in seconds."""

from __future__ import annotations

import sys
from types import FrameType
from typing import TYPE_CHECKING

import pytest

from diagnose.redaction.engine import Redactor
from diagnose.redaction.names import Names
from diagnose.redaction.tokens import Pseudonyms
from tests.unit.redaction_hostile import hostile_texts

if TYPE_CHECKING:
    from _typeshed import TraceFunction

NAMES = Names(
    users=frozenset({"zqname", "山田太郎"}),
    domains=frozenset({"corp.example.co.jp"}),
    netbios_domains=frozenset({"KAISHA"}),
)
SMALL, FACTOR = 3000, 4


def lines_run(data: bytes) -> int:
    """Lines of Python that redacting takes; a loop over a loop shows as a square."""
    redactor = Redactor(NAMES, Pseudonyms(b"k" * 32), accelerator=False)
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> TraceFunction:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        redactor.redact(data)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("at", range(len(hostile_texts(1))))
def test_work_grows_with_the_text_and_no_faster(at: int) -> None:
    name, small = hostile_texts(SMALL)[at]
    _, large = hostile_texts(SMALL * FACTOR)[at]
    assert lines_run(large) < lines_run(small) * FACTOR * 1.6 + 3000, name


@pytest.mark.parametrize("at", range(len(hostile_texts(1))))
def test_both_scanners_agree_on_hostile_texts(at: int) -> None:
    pytest.importorskip("ahocorasick_rs")
    _, data = hostile_texts(2000)[at]
    made = [Redactor(NAMES, Pseudonyms(b"k" * 32), accelerator=wheel).redact(data) for wheel in (True, False)]
    assert made[0] == made[1]
