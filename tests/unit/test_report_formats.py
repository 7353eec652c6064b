from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema  # type: ignore[import-untyped, unused-ignore]
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace

from diagnose.errors import InputError
from diagnose.report.formats import visible
from diagnose.report.json_format import parse_result, render_json, result_schema
from diagnose.report.junit import render_junit
from diagnose.report.markdown import code, escaped, render_markdown
from diagnose.report.plain import render_text
from diagnose.report.words import (
    ASCII_GLYPHS,
    WORDS,
)
from diagnose.report.wrapping import display_width
from diagnose.run import result as result_module
from diagnose.run.result import RunResult, Status
from diagnose.text import Language
from tests.unit import sample_results as sample
from tests.unit.sample_results import every_kind_of_result as every_kind
from tests.unit.sample_results import every_language

SCHEMA_FILE = "result.schema.json"


# --- plain text ----------------------------------------------------------------------------------------------------


@every_kind
@every_language
@pytest.mark.parametrize("width", [40, 60, 80])
def test_no_line_of_the_plain_text_is_too_wide_or_holds_a_control_character(
    result: RunResult, language: Language, width: int
) -> None:
    text = render_text(result, language, width)
    assert text.endswith("\n")
    lines = text.removesuffix("\n").split("\n")
    assert max(map(display_width, lines)) <= width
    assert not [character for line in lines for character in line if ord(character) < 32]
    assert not [line for line in lines if line.lstrip().startswith(tuple("、。」）"))]


def test_the_plain_text_starts_with_the_verdict_and_lists_causes_steps_and_unseen_things() -> None:
    lines = render_text(sample.two_causes(), Language.EN).split("\n")
    assert lines[0] == "Problem found: Title of clock-wrong"
    expected = ["✕ Title of clock-wrong [clock-wrong]", "    - Title of tls-untrusted [tls-untrusted]"]
    expected += [
        "Other causes",
        "! Title of disk-below-minimum [disk-below-minimum]",
        "✓ OK               Licence state",
    ]
    assert [line for line in lines if line in expected] == expected
    unseen = render_text(sample.undecided(), Language.JA)
    assert "質問への回答がありません" in unseen and "TmuDump.txt]" in unseen


def test_the_plain_text_can_do_without_special_signs() -> None:
    text = render_text(sample.two_causes(), Language.EN, glyphs=ASCII_GLYPHS)
    assert "x Problem found" in text
    assert not set(text) & set("✓✕⊘※")


# --- Markdown ------------------------------------------------------------------------------------------------------


@every_language
def test_hostile_values_format_nothing_in_markdown(language: Language) -> None:
    tokens = MarkdownIt("gfm-like").parse(render_markdown(sample.hostile(), language))
    inline = [child for token in tokens for child in token.children or ()]
    kinds = {token.type for token in (*tokens, *inline)}
    assert not {
        kind for kind in kinds if kind.startswith(("html", "link", "image", "em_", "s_", "fence", "code_block"))
    }
    strong = [inline[place + 1].content for place, one in enumerate(inline) if one.type == "strong_open"]
    assert set(strong) <= {
        label for text in WORDS.values() for label in (text.ja + "：", text.en + ":", text.ja, text.en)
    }
    assert visible(sample.HOSTILE).strip() in {token.content for token in inline if token.type == "code_inline"}


def test_the_tables_of_the_markdown_keep_their_columns() -> None:
    tokens = MarkdownIt("gfm-like").parse(render_markdown(sample.hostile(), Language.JA))
    columns = [0]
    for token in tokens:
        if token.type == "tr_open":
            columns.append(0)
        columns[-1] += token.type in ("th_open", "td_open")
    assert len(columns) > 8 and set(columns[1:]) == {3, 4}


@given(st.text(min_size=1))
@settings(max_examples=40)
def test_escaped_text_reads_as_it_was_and_formats_nothing(text: str) -> None:
    parser = MarkdownIt("commonmark")
    tokens = parser.parse(escaped(text))
    plain = "".join(child.content for token in tokens for child in token.children or ())
    assert plain == " ".join(visible(text).split())
    spans = parser.parseInline(code("x" + text + "x"))
    assert [child.type for token in spans for child in token.children or ()] == ["code_inline"]


def test_the_markdown_holds_the_verdict_the_remedy_and_the_evidence() -> None:
    text = render_markdown(sample.failing(), Language.JA)
    assert text.startswith("# ✕ 問題が見つかりました：アップデート設定で")
    assert "1. [ ] Web コンソールで" in text
    assert f"| プログラムのアップグレード | `ブロック (blocked)` | `{sample.MISC}` |" in text


# --- JUnit ---------------------------------------------------------------------------------------------------------


@every_kind
@every_language
def test_the_junit_report_is_xml_with_one_case_for_each_step(result: RunResult, language: Language) -> None:
    root = ET.fromstring(render_junit(result, language))
    suite = root[0]
    cases = suite.findall("testcase")
    assert len(cases) == len(result.steps) == int(suite.attrib["tests"])
    for kind, count in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert len(suite.findall(f"testcase/{kind}")) == int(suite.attrib[count])


def test_each_status_becomes_its_junit_kind() -> None:
    steps = [sample.step(f"s-{status}", status) for status in Status]
    result = replace(sample.healthy(), steps=tuple(steps))
    cases = ET.fromstring(render_junit(result, Language.JA))[0].findall("testcase")
    kinds = {case.attrib["name"].split(":")[0][2:]: [child.tag for child in case] for case in cases}
    skipped = {name: ["skipped"] for name in ("unknown", "blocked", "not_applicable", "not_checked")}
    assert kinds == {"pass": [], "warn": ["system-out"], "fail": ["failure"], "error": ["error"], **skipped}


def test_a_junit_failure_carries_the_cause_and_what_to_do() -> None:
    failure = ET.fromstring(render_junit(sample.failing(), Language.EN)).find(".//failure")
    assert failure is not None
    assert failure.attrib == {
        "message": "The update settings leave the program out",
        "type": "update-scope-excludes-program",
    }
    assert "1. In the web console" in (failure.text or "") and sample.MISC in (failure.text or "")


# --- JSON ----------------------------------------------------------------------------------------------------------


@every_kind
def test_a_result_survives_json_and_follows_the_schema(result: RunResult) -> None:
    if any(step.id == sample.HOSTILE for step in result.steps):
        result = parse_result(render_json(result), "x")  # lone surrogates are lost once
    data = render_json(result)
    assert parse_result(data, "result.json") == result
    assert data.endswith(b"}\n") and data.startswith(b'{\n  "schema": "diagnose.result/1"')
    jsonschema.Draft202012Validator(result_schema()).validate(json.loads(data))


def test_times_in_json_keep_their_offset() -> None:
    assert json.loads(render_json(sample.healthy()))["run"]["started"] == "2026-11-21T09:00:12+09:00"


def test_the_committed_schema_is_the_one_of_the_code() -> None:
    committed = Path(result_module.__file__).with_name(SCHEMA_FILE)
    assert json.loads(committed.read_bytes()) == result_schema(), (
        "write it again: python -c 'import json, diagnose.report.json_format as f; "
        f"print(json.dumps(f.result_schema(), indent=2, ensure_ascii=False))' > diagnose/run/{SCHEMA_FILE}"
    )
    jsonschema.Draft202012Validator.check_schema(result_schema())


def test_the_schema_refuses_an_unknown_status() -> None:
    document = json.loads(render_json(sample.failing()))
    document["steps"][0]["status"] = "broken"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(result_schema()).validate(document)


def test_fields_of_a_later_version_are_left_out() -> None:
    document = json.loads(render_json(sample.failing()))
    document["future"] = {"深い": [1]}
    document["run"]["future"] = document["steps"][0]["future"] = 1
    assert parse_result(json.dumps(document).encode(), "x") == sample.failing()


def _refusal(data: bytes) -> tuple[str, str, str]:
    with pytest.raises(InputError) as caught:
        parse_result(data, "結果/result.json")
    problem = caught.value.problems[0]
    assert all(problem.message.in_language(language) for language in Language)
    return problem.message.id, str(problem.place), problem.message.in_language(Language.EN)


def test_a_file_that_is_not_json_is_refused_with_its_line() -> None:
    assert _refusal(b'{\n "schema": nonsense}')[:2] == ("result-not-json", "結果/result.json:2")
    assert _refusal(b"")[0] == "result-not-json"
    assert _refusal(b'{"schema": "\xff"}')[0] == "result-not-json"
    assert _refusal(b'{"schema":"diagnose.result/1","x":' + b"[" * 100_000)[0] == "result-not-json"


def test_a_file_with_another_schema_is_refused_by_the_name_of_it() -> None:
    message_id, place, sentence = _refusal(b'{"schema": "diagnose.result/2"}')
    assert (message_id, place) == ("result-other-schema", "結果/result.json")
    assert "diagnose.result/2" in sentence and "diagnose.result/1" in sentence
    assert {_refusal(data)[0] for data in (b"[]", b"{}", b'{"schema": 1}', b'"x"')} == {"result-no-schema"}


def test_a_wrong_value_is_refused_with_its_path() -> None:
    document = json.loads(render_json(sample.failing()))
    document["steps"][2]["status"] = "壊れた"
    message_id, _, sentence = _refusal(json.dumps(document).encode())
    assert message_id == "result-invalid"
    assert "$.steps[2].status" in sentence


def test_a_byte_order_mark_does_no_harm() -> None:
    assert parse_result(b"\xef\xbb\xbf" + render_json(sample.healthy()), "x") == sample.healthy()


@given(st.binary(max_size=200) | st.recursive(st.none() | st.text(), st.lists).map(msgspec.json.encode))
@settings(max_examples=40)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for whole in (data, b'{"schema":"diagnose.result/1","run":' + data + b"}"):
        with pytest.raises(InputError):
            parse_result(whole, "x")
