from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import checks
import diagnose
from diagnose.diagnostics import one_line
from diagnose.machine.values import Reason
from diagnose.message_catalogue import SENTENCES
from diagnose.messages import Message, catalogue, did_you_mean, message
from diagnose.rules.model import Question
from diagnose.run.reasons import reason_text
from diagnose.text import Language, Text

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
QUESTION_TYPES = ("choice", "number", "date", "text", "secret")
ONLY_VALUES = {"usage"}
"""Sentences that only put values together."""


def sources() -> Iterator[tuple[str, ast.Module]]:
    for package in (diagnose, checks):
        root = Path(str(package.__file__)).parent
        for file in root.rglob("*.py"):
            if file.name != "message_catalogue.py":
                yield str(file.relative_to(root.parent)), ast.parse(file.read_text(encoding="utf-8"))


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def calls(tree: ast.Module, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            yield node


def test_every_message_in_the_code_has_a_sentence_and_gives_the_values_that_it_names() -> None:
    found = 0
    for file, tree in sources():
        for call in calls(tree, "message"):
            first = call.args[0]
            if not isinstance(first, ast.Constant):
                continue
            found += 1
            place = f"{file}:{call.lineno} {first.value!r}"
            assert first.value in SENTENCES, place
            given = {keyword.arg for keyword in call.keywords}
            assert None in given or given == placeholders(SENTENCES[str(first.value)][0]), place
    assert found > 80


def test_every_sentence_is_used_and_every_help_id_exists() -> None:
    words = {
        node.value
        for _, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    prompts = {f"prompt-{type_}" for type_ in QUESTION_TYPES}
    assert set(Question.__annotations__) >= {"type", "choices"}
    assert set(SENTENCES) - words - prompts == set()
    assert prompts <= set(SENTENCES)
    named = {word for word in words if re.fullmatch(r"(?:help|expr|yaml|reg|recording|answer)-[a-z-]+", word)}
    assert named - set(SENTENCES) <= {"reg-query"}


@pytest.mark.parametrize("id_", sorted(SENTENCES))
def test_a_sentence_stands_in_both_languages_with_the_same_values(id_: str) -> None:
    ja, en = SENTENCES[id_]
    assert placeholders(ja) == placeholders(en)
    assert all(name.isidentifier() for name in placeholders(ja) | placeholders(en))
    assert ja.strip() and en.strip()
    assert not JAPANESE.search(en)
    assert JAPANESE.search(ja) or id_ in ONLY_VALUES
    assert not re.search(r"\.\s*$", ja), "a Japanese sentence ends with 。 or nothing"


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_words_in_both_languages(reason: Reason) -> None:
    text = reason_text(reason)
    assert JAPANESE.search(text.ja)
    assert not JAPANESE.search(text.en)


def test_a_hint_stands_behind_the_sentence_in_the_brackets_of_its_language() -> None:
    said = message("unknown-step", did_you_mean("disk"), name="dsik")
    assert said.in_language(Language.EN) == "unknown step 'dsik' (did you mean 'disk'?)"
    assert said.in_language(Language.JA) == "「dsik」という手順はありません（「disk」ではありませんか）"
    assert did_you_mean(None) is None


def test_values_may_be_messages_and_texts_and_hold_braces() -> None:
    inner = message("answer-number", value="{x}")
    said = Message("answer-wrong", {"name": Text(ja="質問", en="question"), "reason": inner})
    assert said.in_language(Language.EN) == "question 'question': '{x}' is not a number"
    assert said.in_language(Language.JA) == "質問「質問」: 「{x}」は数値ではありません"


def test_the_catalogue_gives_texts() -> None:
    assert set(catalogue()) == set(SENTENCES)
    assert catalogue()["file-not-found"] == Text(*SENTENCES["file-not-found"])


@pytest.mark.parametrize("text", ["a\nb", "a\x1b[2Jb", "a\x07b", "a\u2028b", "a\u202eb", "a\rb"])
def test_what_is_shown_on_a_terminal_cannot_break_out_of_its_line(text: str) -> None:
    assert one_line(text).startswith("a ")
    assert one_line(text).isprintable()
    assert one_line("日本語 ～（）") == "日本語 ～（）"
