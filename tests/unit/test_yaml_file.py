from __future__ import annotations

import json
from enum import Enum
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from diagnose.errors import InputError, Place
from diagnose.messages import message
from diagnose.rules.model import CauseFile, Flow
from diagnose.text import Language
from diagnose.yaml_file import MAX_DEPTH, Document, Path_, convert, load_yaml, parse_yaml, plain_scalar

FILE = "規則.yaml"


def parsed(text: str) -> Document:
    return parse_yaml(text.encode(), FILE)


def problems(data: bytes | str) -> list[tuple[str, int, int]]:
    with pytest.raises(InputError) as caught:
        parse_yaml(data if isinstance(data, bytes) else data.encode(), FILE)
    found = []
    for problem in caught.value.problems:
        assert problem.place is not None
        assert problem.place.file == FILE
        assert problem.message.in_language(Language.JA) != problem.message.in_language(Language.EN)
        found.append((problem.message.id, problem.place.line, problem.place.column))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: &x 1", ("yaml-alias", 1, 4)),
        ("a: 1\nb: *x", ("yaml-alias", 2, 4)),
        ("a: &x {b: 1}", ("yaml-alias", 1, 4)),
        ("- &x [1]", ("yaml-alias", 1, 3)),
        ("<<: *base", ("yaml-alias", 1, 5)),
        ("*a : 1", ("yaml-key", 1, 1)),
        ("&a k: 1", ("yaml-key", 1, 1)),
        ("!!str k: 1", ("yaml-key", 1, 1)),
        ("? [a]\n: 1", ("yaml-key", 1, 3)),
        ("a: !!str 1", ("yaml-tag", 1, 4)),
        ("a: !!python/object/apply:os.system ['true']", ("yaml-tag", 1, 4)),
        ("a: ! 1", ("yaml-tag", 1, 4)),
        ("a: !x {b: 1}", ("yaml-tag", 1, 4)),
        ("a: 1\nb: 2\na: 3", ("yaml-key-twice", 3, 1)),
        ("a:\n  キー: 1\n  'キー': 2", ("yaml-key-twice", 3, 3)),
        ("--- 1\n--- 2", ("yaml-several-documents", 2, 1)),
        ("a: [1, 2\n", ("yaml-syntax", 2, 1)),
        ("\ta: 1", ("yaml-syntax", 1, 1)),
        ("a: b: c", ("yaml-syntax", 1, 5)),
        ('"日本語', ("yaml-syntax", 1, 5)),
    ],
)
def test_what_is_refused_is_named_with_its_line_and_column(text: str, expected: tuple[str, int, int]) -> None:
    assert problems(text) == [expected]


def test_a_merge_key_without_an_alias_is_an_ordinary_key() -> None:
    assert parsed("<<: {a: 1}").data == {"<<": {"a": 1}}


def test_all_keys_that_stand_twice_are_told_at_once_and_together_with_what_ends_the_reading() -> None:
    assert problems("a: 1\na: 2\nb: 1\nb: 2\nc: *x") == [
        ("yaml-key-twice", 2, 1),
        ("yaml-key-twice", 4, 1),
        ("yaml-alias", 5, 4),
    ]


@pytest.mark.parametrize("text", ["[" * 40_000, "{a: " * 40_000, "- " * 40_000, "[{a: " * 20_000])
def test_brackets_without_end_are_refused_at_the_depth_limit(text: str) -> None:
    ((id_, line, _),) = problems(text)
    assert (id_, line) == ("yaml-too-deep", 1)


def test_the_depth_limit_is_inclusive() -> None:
    assert parsed("[" * MAX_DEPTH + "]" * MAX_DEPTH).data
    assert problems("[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2))[0][0] == "yaml-too-deep"


def test_a_file_of_very_many_values_is_refused() -> None:
    data = b"[" + b"1," * 300 + b"]"
    assert parse_yaml(data, FILE, max_values=301).data == [1] * 300
    with pytest.raises(InputError) as caught:
        parse_yaml(data, FILE, max_values=300)
    assert caught.value.problems[0].message.in_language(Language.EN) == "too many values (limit: 300)"
    assert problems("[" + "1," * 250_000 + "]")[0][0] == "yaml-too-many-values"


def test_a_file_of_two_megabytes_is_refused_unless_more_is_allowed(tmp_path: Path) -> None:
    data = b"a: " + b"x" * 2_000_000
    assert problems(data) == [("file-too-large", 0, 0)]
    file = tmp_path / "大.yaml"
    file.write_bytes(data)
    with pytest.raises(InputError):
        load_yaml(file)
    assert len(load_yaml(file, max_bytes=3_000_000).data["a"]) == 2_000_000


def test_bytes_that_are_no_utf8_are_refused_with_their_line() -> None:
    assert problems("a: 1\nb: 日本".encode("cp932")) == [("not-utf8", 2, 0)]
    assert problems("a: 1".encode("utf-16")) == [("not-utf8", 1, 0)]


@pytest.mark.parametrize(
    ("text", "line", "column"), [("a: \0", 1, 4), ("日本: 語\nb: 'é\x07'", 2, 6), ("\n\n\ufffe", 3, 1)]
)
def test_a_control_character_is_refused_with_its_place(text: str, line: int, column: int) -> None:
    assert problems(text) == [("yaml-character", line, column)]


def test_advice_is_given_only_where_the_reader_of_the_file_has_some() -> None:
    advice = message("yaml-quote-hint")
    for hint in (None, advice):
        with pytest.raises(InputError) as caught:
            parse_yaml(b"a: [", FILE, hint=hint)
        assert caught.value.problems[0].message.hint is hint


@pytest.mark.parametrize("data", [b"\xef\xbb\xbfa: 1\nb: \xe6\x97\xa5\n", b"a: 1\r\nb: \xe6\x97\xa5\r\n"])
def test_a_byte_order_mark_and_windows_line_ends_change_nothing(data: bytes) -> None:
    document = parse_yaml(data, FILE)
    assert document.data == {"a": 1, "b": "日"}
    assert document.place(("b",)) == Place(FILE, 2, 4)


@pytest.mark.parametrize("text", ["", "\n", "# 注釈だけ\n", "---\n...\n", "~"])
def test_an_empty_file_holds_nothing(text: str) -> None:
    assert parsed(text).data is None


def test_a_missing_file_and_a_folder_are_input_errors(tmp_path: Path) -> None:
    for path in (tmp_path / "ない.yaml", tmp_path):
        with pytest.raises(InputError) as caught:
            load_yaml(path)
        assert caught.value.problems[0].place == Place(str(path))


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("no", "no"),
        ("Yes", "Yes"),
        ("on", "on"),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("null", None),
        ("012", 12),
        ("0o17", 15),
        ("0x1F", 31),
        ("+12", 12),
        ("1:30", "1:30"),
        ("190:20:30", "190:20:30"),
        ("2026-11-21", "2026-11-21"),
        ("2026-11-21T09:00:00Z", "2026-11-21T09:00:00Z"),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1.", 1.0),
        (".nan", ".nan"),
        ("１２", "１２"),
        ("14.0.12033", "14.0.12033"),
        ("=", "="),
    ],
)
def test_plain_words_are_read_as_yaml_1_2(word: str, value: object) -> None:
    read = parsed(f"a: {word}").data["a"]
    assert read == value
    assert type(read) is type(value)


def test_quoted_words_stay_text() -> None:
    assert parsed("['12', \"true\", '', \"~\"]").data == ["12", "true", "", "~"]


def test_a_very_long_number_costs_no_time_and_no_exception() -> None:
    assert plain_scalar("0x" + "f" * 4000) == 16**4000 - 1
    assert plain_scalar("9" * 4000) == 10**4000 - 1
    assert isinstance(plain_scalar("9" * 4001), str | float)


QUOTED = """\
steps:
  - plain: evidence.a == 日本
    single: 'it''s "日本" here'
    double: "tab\\t \\u65e5本 \\"x\\" end"
    block: |
      一行目 one
        two 二行目

      three
    folded: >-
      evidence.a == 1
      && evidence.二 == 2
      || evidence.c == 3
    long: 'first half
      second half'
    flow: {key: 'value'}
"""


@pytest.mark.parametrize(
    ("key", "part"),
    [
        ("plain", "evidence.a"),
        ("plain", "日本"),
        ("single", "it"),
        ("single", '"日本'),
        ("single", "here"),
        ("double", "本"),
        ("double", "end"),
        ("block", "一行目"),
        ("block", "one"),
        ("block", "two"),
        ("block", "二行目"),
        ("block", "three"),
        ("folded", "evidence.a"),
        ("folded", "evidence.二"),
        ("folded", "evidence.c"),
        ("folded", "== 3"),
        ("long", "first"),
        ("long", "second"),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_character_of_a_value_has_the_place_where_it_stands_in_the_file(key: str, part: str, line_end: str) -> None:
    document = parse_yaml(QUOTED.replace("\n", line_end).encode(), FILE)
    value = document.data["steps"][0][key]
    lines = QUOTED.split("\n")
    first = next(number for number, line in enumerate(lines) if f" {key}:" in line)
    line = next(number for number in range(first, len(lines)) if part in lines[number].partition(f"{key}:")[2] + (
        lines[number] if number > first else ""
    ))  # fmt: skip
    found = document.place_in_text(("steps", 0, key), value.index(part))
    assert (found.line, found.column) == (line + 1, lines[line].rindex(part) + 1)


def test_the_end_of_a_value_has_a_place_too() -> None:
    document = parsed("a: 'x &&'")
    assert document.place_in_text(("a",), 4) == Place(FILE, 1, 9)


def test_values_keys_and_items_have_places_and_what_has_none_takes_the_one_around_it() -> None:
    document = parsed(QUOTED)
    assert document.place(("steps", 0)) == Place(FILE, 2, 5)
    assert document.place(("steps", 0, "flow", "key")) == Place(FILE, 16, 17)
    assert document.key_place(("steps", 0, "flow", "key")) == Place(FILE, 16, 12)
    assert document.place(("steps", 0, "flow", "key", "nothing")) == Place(FILE, 16, 17)
    assert document.place(("nothing",)) == Place(FILE, 1, 1)


def conversion_problem(text: str, type_: type) -> tuple[str, int, int]:
    document = parsed(text)
    with pytest.raises(InputError) as caught:
        convert(document, (), type_)
    (problem,) = caught.value.problems
    assert problem.place is not None
    return problem.message.in_language(Language.EN), problem.place.line, problem.place.column


def test_a_wrong_shape_is_told_with_place_and_nearest_name() -> None:
    head = "id: f\ntitle: {ja: 題, en: t}\nsource: s\n"
    step = "steps:\n  - id: s\n    title: {ja: 題, en: t}\n    why: {ja: 題, en: t}\n    check: disk\n"
    decide = "    decide:\n      - when: 'true'\n        then: "
    misspelt = "unknown field '{}' (did you mean '{}'?)"
    assert conversion_problem(head + "stesp: []\nsteps: []\n", Flow) == (misspelt.format("stesp", "steps"), 4, 1)
    assert conversion_problem(head, Flow) == ("field 'steps' is missing", 1, 1)
    assert conversion_problem(head + "steps: 5\n", Flow) == ("expected a list, got a whole number", 4, 8)
    assert conversion_problem(head + step + "    whyy: x\n", Flow) == (misspelt.format("whyy", "why"), 9, 5)
    for word, said in (("pas", "pass"), ("{fial: x}", "fail")):
        sentence, line, column = conversion_problem(head + step + decide + word, Flow)
        assert f"(did you mean '{said}'?)" in sentence
        assert (line, column) == (11, 15)
    assert conversion_problem("causes:\n- {id: 大文字}\n", CauseFile)[1:] == (2, 8)


def test_kinds_of_values_are_told_in_words_for_people_in_both_languages() -> None:
    class Kinds(msgspec.Struct):
        text: str | None = None
        number: float = 0
        yes: bool = False
        mapping: dict[str, int] = {}

    said = {
        "text: 5": ("expected text or nothing, got a whole number", "文字列、空 が必要ですが、整数 が書かれています"),
        "number: []": ("expected a number, got a list", "数値 が必要ですが、リスト が書かれています"),
        "yes: 0.5": ("expected true or false, got a number", "true または false が必要ですが、数値 が書かれています"),
        "mapping: ~": (
            "expected a mapping of keys to values, got nothing",
            "キーと値の組 が必要ですが、空 が書かれています",
        ),
    }
    for text, (english, japanese) in said.items():
        with pytest.raises(InputError) as caught:
            convert(parsed(text), (), Kinds)
        told = caught.value.problems[0].message
        assert told.in_language(Language.EN) == english
        assert told.in_language(Language.JA) == japanese


@pytest.mark.parametrize(("words", "listed"), [(12, True), (13, False)])
def test_the_allowed_values_are_listed_when_they_are_few(words: int, listed: bool) -> None:
    names = {f"w{number:02}": f"w{number:02}" for number in range(words)}
    choice = msgspec.defstruct("Choice", [("one", Enum("Words", names))])
    (sentence, *_) = conversion_problem("one: w0", choice)
    assert ("allowed: w00, w01, " in sentence) is listed
    assert "'w0' is not an allowed value" in sentence


def test_numbers_that_no_type_holds_are_a_wrong_shape() -> None:
    class Numbers(msgspec.Struct):
        small: float = 0
        whole: int = 0

    for value in ("9" * 4000, "0x" + "f" * 4000):
        assert "range" in conversion_problem(f"small: {value}", Numbers)[0]


YAML_LIKE = st.text(alphabet=" \n\r\t-:?,[]{}#&*!|>'\"%@`\\0aん~.é\ufeff\u2028\x00\x85x/", max_size=80)


@given(st.one_of(st.binary(max_size=200), YAML_LIKE.map(str.encode)))
@example(b"\xef\xbb\xbf")
@example(b"- \n- |\n -\n- >2\n")
@example(b'"\\ud800"')
@example(b"? ")
def test_any_bytes_are_a_document_or_an_input_error(data: bytes) -> None:
    try:
        document = parse_yaml(data, FILE)
    except InputError as error:
        assert error.problems
        assert all(problem.message.in_language(language) for problem in error.problems for language in Language)
        return
    for path, value in walk(document.data):
        place = document.place(path)
        assert (place.line >= 1 and place.column >= 1) or document.data is None
        if isinstance(value, str):
            inside = document.place_in_text(path, len(value))
            assert inside.line >= place.line


def walk(value: Any, path: Path_ = ()) -> list[tuple[Path_, Any]]:
    found: list[tuple[Path_, Any]] = [(path, value)]
    if isinstance(value, dict):
        for key, item in value.items():
            found += walk(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found += walk(item, (*path, index))
    return found


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co", "Zl", "Zp"], exclude_characters="\ufeff"))
DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=15,
)


@given(DATA)
def test_json_is_yaml_and_keeps_its_values_and_types(data: Any) -> None:
    text = json.dumps(data, ensure_ascii=False)
    read = parsed(text).data
    assert read == data
    assert json.dumps(read, ensure_ascii=False) == text
