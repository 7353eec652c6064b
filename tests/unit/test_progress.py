from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from diagnose.commands.progress import Progress
from diagnose.rules.model import Question
from diagnose.run.answers import AnswerValue
from diagnose.run.events import QuestionAsked, Reply, StillRunning
from diagnose.text import Language, Text
from tests.unit.fake_machine import NOON
from tests.unit.small_rules import question

Ask = Callable[..., tuple[AnswerValue | None, str]]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Asks one question; gives the answer and what was shown."""

    def asked(typed: str, language: Language = Language.JA, **given: Any) -> tuple[AnswerValue | None, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        reply = Reply()
        spec = msgspec.convert(question(**given), Question)
        Progress(language, NOON.tzinfo).show(QuestionAsked("q", "s", spec, reply))
        assert reply.wait(0), "every question gets its answer"
        out, err = capsys.readouterr()
        assert out == ""
        return reply.value, err

    return asked


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("1\n", "left"),
        ("2\n", "right"),
        (" 2 \r\n", "right"),
        ("right\n", "right"),
        ("\n", None),
        ("unknown\n", None),
        ("", None),
        ("3\n1\n", "left"),
        ("0\n\n", None),
        ("-1\n２\n", "right"),
        ("?\n1\n", "left"),
        ("\x00\x1b[2J\n", None),
    ],
)
def test_a_choice_is_answered_by_number_word_or_enter(ask: Ask, typed: str, answer: str | None) -> None:
    assert ask(typed, choices=["left", "right"])[0] == answer


def test_the_operator_sees_question_choices_help_and_what_was_wrong(ask: Ask) -> None:
    _, shown = ask("?\nlefft\n1\n", choices=["left", "right"])
    for part in (
        "日本語 q",
        "  1) 日本語 left",
        "  2) 日本語 right",
        "日本語 h",
        "「left」ではありませんか",
        "番号を入力",
    ):
        assert part in shown
    _, shown = ask("1\n", Language.EN, choices=["left", "right"])
    assert "日本語" not in shown


@pytest.mark.parametrize(
    ("type_", "typed", "answer"),
    [
        ("number", "abc\n1e999\n5\n", 5.0),
        ("number", "101\n100\n", 100.0),
        ("date", "あした\n2026/11/21\n", NOON.replace(hour=23, minute=59, second=59)),
        ("text", "  情シス 山田 \n", "情シス 山田"),
        ("text", "長" * 3000 + "\n短い\n", "短い"),
        ("number", "abc\n", None),
    ],
)
def test_a_wrong_answer_is_asked_again_until_the_input_ends(
    ask: Ask, type_: str, typed: str, answer: AnswerValue | None
) -> None:
    limits = {"minimum": 0, "maximum": 100} if type_ == "number" else {}
    assert ask(typed, type=type_, **limits)[0] == answer


def test_a_secret_is_not_echoed_and_may_be_left_out(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getpass", lambda *_, **__: " ABC-1 ")
    answer, shown = ask("", type="secret")
    assert answer == "ABC-1"
    assert "ABC-1" not in shown

    def ended(*_: object, **__: object) -> str:
        raise EOFError

    monkeypatch.setattr("getpass.getpass", ended)
    assert ask("", type="secret")[0] is None


def test_a_long_wait_says_what_is_waited_for_and_how_long(capsys: pytest.CaptureFixture[str]) -> None:
    waiting = StillRunning("clock", Text(ja="時計", en="Clock"), ("clock",), 3.4, 11.6)
    Progress(Language.JA, None).show(waiting)
    Progress(Language.EN, None).show(waiting)
    japanese, english = capsys.readouterr().err.splitlines()
    assert japanese == "… 時計: 確認中です（3 秒経過、あと 12 秒で打ち切ります）"
    assert english == "... Clock: still looking (3 s so far, given up in 12 s)"
