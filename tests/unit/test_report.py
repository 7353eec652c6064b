from __future__ import annotations

import json
import re
import string
import time
from html.parser import HTMLParser
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
from diagnose.machine.values import Reason
from diagnose.message_catalogue import SENTENCES
from diagnose.report.causes import cause_groups
from diagnose.report.content import report_content
from diagnose.report.formats import duration_text, time_text, value_text, visible
from diagnose.report.html import render_html
from diagnose.report.json_format import parse_result, render_json, result_schema
from diagnose.report.junit import render_junit
from diagnose.report.markdown import code, escaped, render_markdown
from diagnose.report.plain import render_text
from diagnose.report.words import (
    ANSWERED_BY_WORDS,
    ASCII_GLYPHS,
    GLYPHS,
    INCIDENT_WORDS,
    STATUS_WORDS,
    UNSEEN_MEANING,
    WORDS,
    outcome_sentence,
    word,
)
from diagnose.report.wrapping import display_width, wrapped
from diagnose.resources import rules_folder, templates_folder
from diagnose.run import result as result_module
from diagnose.run.reasons import reason_text
from diagnose.run.result import AnsweredBy, CauseResult, Outcome, RunResult, Status
from diagnose.text import Language, Text
from tests.unit import sample_results as sample

KINDS = sample.every_kind()
every_kind = pytest.mark.parametrize("result", KINDS.values(), ids=KINDS.keys())
every_language = pytest.mark.parametrize("language", list(Language))
SCHEMA_FILE = "result.schema.json"


class Page(HTMLParser):
    """The elements of a document, and the text of each language's page."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, str] = {"ja": "", "en": ""}
        self.open: list[str] = []
        self.language = ""
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        if "page" in (attributes.get("class") or "").split():
            self.language = attributes["lang"] or ""
        if tag not in ("meta", "input", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.language:
            self.text[self.language] += data

    def values_of(self, attribute: str) -> list[str]:
        return [value for _, attributes in self.elements if (value := attributes.get(attribute))]


# --- words ---------------------------------------------------------------------------------------------------------


def test_every_fixed_word_exists_in_both_languages_with_the_same_places_to_fill() -> None:
    tables = (WORDS, STATUS_WORDS, ANSWERED_BY_WORDS, UNSEEN_MEANING, INCIDENT_WORDS)
    texts = [text for table in tables for text in table.values()] + [reason_text(reason) for reason in Reason]
    for text in texts:
        assert text.ja.strip() and text.en.strip()
        assert text.ja != text.en or text.en == "OS"
        places = [sorted(name or "" for _, name, _, _ in string.Formatter().parse(one)) for one in (text.ja, text.en)]
        assert {name for name in places[0] if name} == {name for name in places[1] if name}


def test_every_status_outcome_and_answerer_has_its_word_and_its_own_glyph() -> None:
    assert set(STATUS_WORDS) == set(GLYPHS) == set(ASCII_GLYPHS) == set(Status)
    assert set(UNSEEN_MEANING) == set(Outcome)
    assert set(ANSWERED_BY_WORDS) == set(AnsweredBy)
    for glyphs in (GLYPHS, ASCII_GLYPHS):
        assert len(set(glyphs.values())) == len(Status)
    assert all(glyph.isascii() for glyph in ASCII_GLYPHS.values())


def test_the_messages_about_result_files_exist_in_both_languages() -> None:
    own = {name: texts for name, texts in SENTENCES.items() if name.startswith("result-")}
    assert len(own) == 5
    assert all(ja and en and ja != en for ja, en in own.values())


def test_the_outcome_sentence_names_the_primary_cause() -> None:
    assert outcome_sentence(sample.failing(), Language.JA) == (
        "問題が見つかりました：アップデート設定でプログラムの更新が除外されています"
    )
    assert outcome_sentence(sample.two_causes(), Language.EN) == "Problem found: Title of clock-wrong"
    assert outcome_sentence(sample.healthy(), Language.EN) == "No problem was found"


def test_a_failed_step_without_a_cause_lends_its_title_to_the_outcome_sentence() -> None:
    result = sample.with_steps(sample.healthy(), Outcome.WARN, [], sample.step("license", Status.WARN))
    assert outcome_sentence(result, Language.JA) == "注意が必要です：ライセンスの状態"


def test_an_unfinished_run_never_says_flatly_that_nothing_was_found() -> None:
    assert outcome_sentence(sample.interrupted(), Language.EN) == (
        "No problem was found in what was checked so far (the run did not finish)"
    )
    killed = replace(sample.failing(), run=replace(sample.failing().run, finished=None))
    assert outcome_sentence(killed, Language.JA).endswith("（診断は途中で終わっています）")


def test_an_unfinished_run_does_not_show_the_sign_of_a_pass() -> None:
    content = report_content(sample.interrupted(), Language.EN)
    assert content.status.id is Status.UNKNOWN
    assert content.unseen_meaning == "In the steps that ran, everything could be seen."
    assert report_content(sample.healthy(), Language.EN).status.id is Status.PASS


def test_a_run_without_a_verdict_never_says_that_everything_was_seen() -> None:
    result = replace(sample.healthy(), outcome=Outcome.UNKNOWN)
    assert report_content(result, Language.EN).unseen_meaning == "The results step by step say why there is no verdict."


# --- causes --------------------------------------------------------------------------------------------------------


def _ids(*causes: CauseResult, primary: str | None = None) -> list[tuple[str, list[str]]]:
    result = replace(sample.healthy(), causes=causes, primary_cause=primary)
    return [(group.leader.id, [one.id for one in group.explained]) for group in cause_groups(result)]


def test_the_primary_cause_leads_and_has_what_it_explains_through_others_under_it() -> None:
    causes = (
        sample.cause("a", "x", explained_by="b"),
        sample.cause("other", "x"),
        sample.cause("b", "x", explained_by="c"),
        sample.cause("c", "x"),
    )
    assert _ids(*causes, primary="c") == [("c", ["a", "b"]), ("other", [])]


def test_causes_that_explain_each_other_in_a_circle_are_all_listed_once() -> None:
    causes = [sample.cause(name, "x", explained_by=by) for name, by in (("a", "b"), ("b", "c"), ("c", "b"), ("d", "d"))]
    groups = _ids(*causes)
    assert sorted(name for leader, explained in groups for name in (leader, *explained)) == ["a", "b", "c", "d"]


def test_a_cause_explained_by_one_that_is_not_there_leads_itself() -> None:
    assert _ids(sample.cause("a", "x", explained_by="gone")) == [("a", [])]


def test_one_cause_found_in_two_steps_lists_what_it_explains_once() -> None:
    causes = (sample.cause("a", "x"), sample.cause("a", "y"), sample.cause("b", "x", explained_by="a"))
    assert _ids(*causes, primary="a") == [("a", ["b"])]


# --- values --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("a\u202eexe", "a[U+202E]exe"),
        ("\x00\ud800\u200b\uffff", "[U+0000][U+D800][U+200B][U+FFFF]"),
        ("a\r\nb\rc\td", "a\nb\nc\td"),
        ("か\u3099漢字", "か\u3099漢字"),
    ],
)
def test_hidden_characters_are_spelled_out(hidden: str, shown: str) -> None:
    assert visible(hidden) == shown


@given(st.text())
def test_visible_text_can_be_written_as_utf_8_and_xml(text: str) -> None:
    shown = visible(text)
    shown.encode()
    element = ET.Element("a")
    element.text = shown
    assert ET.fromstring(ET.tostring(element)).text == (shown or None)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "不明"),
        (True, "はい"),
        (0, "0"),
        (1.5, "1.5"),
        (["あ", 2, False], "あ、2、いいえ"),
        ({"鍵": [1]}, '{"鍵":[1]}'),
    ],
)
def test_json_values_are_shown_in_words(value: object, shown: str) -> None:
    assert value_text(value, Language.JA) == shown


def test_times_keep_their_offset_and_durations_are_readable() -> None:
    assert time_text(sample.STARTED) == "2026-11-21 09:00:12 (UTC+09:00)"
    assert time_text(sample.STARTED.replace(tzinfo=None)) == "2026-11-21 09:00:12"
    assert [duration_text(one, Language.EN) for one in (0.04, 12.4, 125.0, -1.0)] == [
        "0.0 s",
        "12 s",
        "2 min 5 s",
        "0.0 s",
    ]


# --- wrapping ------------------------------------------------------------------------------------------------------

_JAPANESE = st.text(alphabet="設定を確認します。、」）「（ｱｲｳabc /\\0123 \u3099ー", max_size=200)


@given(_JAPANESE | st.text(max_size=100), st.integers(min_value=4, max_value=60))
def test_wrapped_lines_fit_and_lose_nothing_but_blanks(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert all(display_width(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(st.text(alphabet="設定を確認します漢字かな。、」）「（", max_size=200), st.integers(min_value=16, max_value=60))
def test_no_line_starts_or_ends_with_a_mark_that_may_not_stand_there(text: str, width: int) -> None:
    text = re.sub("[。、」）「（]+", lambda marks: marks[0][0], text)
    lines = wrapped(text, width)
    assert not [line for line in lines[1:] if line[0] in "。、」）"]
    assert not [line for line in lines[:-1] if line[-1] in "「（"]


def test_a_long_path_is_broken_behind_a_separator() -> None:
    lines = wrapped("場所: C:\\ProgramData\\TrendMicro\\" + "x" * 30, 20, "- ")
    assert lines == ["- 場所:", "  C:\\ProgramData\\", "  TrendMicro\\", "  " + "x" * 18, "  " + "x" * 12]


# --- HTML ----------------------------------------------------------------------------------------------------------


@every_kind
@every_language
def test_the_html_holds_both_languages_with_the_asked_one_selected(result: RunResult, language: Language) -> None:
    page = Page(render_html(result, language))
    assert page.open == []
    root = next(attributes for tag, attributes in page.elements if tag == "html")
    checked = [attributes["id"] for _, attributes in page.elements if "checked" in attributes]
    assert (root["lang"], checked) == (language.value, [f"show-{language}"])
    for shown in Language:
        content = report_content(result, shown)
        text = page.text[shown]
        assert content.verdict in text
        assert content.unseen_meaning in text
        for step in result.steps:
            assert STATUS_WORDS[step.status].in_language(shown) in text
        for name in ("steps", "not-seen", "run", "questions"):
            assert word(name, shown) in text


@every_kind
def test_the_html_refers_to_nothing_outside_and_runs_nothing(result: RunResult) -> None:
    document = render_html(result, Language.JA)
    page = Page(document)
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "base", "form", "svg", "video", "audio"}
    assert not page.values_of("src") and not page.values_of("style") and not page.values_of("srcset")
    assert all(re.fullmatch(r"#(ja|en)-[\w-]+", href) for href in page.values_of("href"))
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    style = document[document.index("<style>") : document.index("</style>")]
    assert "url(" not in style and "@import" not in style
    policy = page.elements[3][1]
    assert policy["http-equiv"] == "Content-Security-Policy"
    assert (policy["content"] or "").startswith("default-src 'none'; style-src 'unsafe-inline'")


def test_hostile_values_stay_text() -> None:
    page = Page(render_html(sample.hostile(), Language.JA))
    shown = visible(sample.HOSTILE)
    for language in ("ja", "en"):
        assert page.text[language].count(shown) > 10
        assert "{{ 7*7 }}" in page.text[language]
    assert not re.search("[\x00\x1b\u202e\ud800]", "".join(page.text.values()))


def test_every_link_leads_to_one_place_and_every_id_is_used_once() -> None:
    page = Page(render_html(sample.two_causes(), Language.JA))
    ids = page.values_of("id")
    assert len(ids) == len(set(ids))
    assert {href[1:] for href in page.values_of("href")} <= set(ids)
    assert set(page.values_of("aria-labelledby")) <= set(ids)
    assert set(page.values_of("for")) == {"show-ja", "show-en"} <= set(ids)


@every_language
def test_the_verdict_comes_before_the_causes_and_these_before_the_steps(language: Language) -> None:
    result = sample.two_causes()
    text = Page(render_html(result, language)).text[language]
    order = [outcome_sentence(result, language), *(word(name, language) for name in ("primary-cause", "other-causes"))]
    order += [word(name, language) for name in ("steps", "not-seen", "questions", "run")]
    places = [text.index(one) for one in order]
    assert places == sorted(places)


def test_the_primary_cause_shows_what_was_seen_where_and_what_to_do() -> None:
    text = Page(render_html(sample.failing(), Language.JA)).text["ja"]
    cause = text[text.index("主な原因") : text.index("各ステップの結果")]
    for part in (
        "ブロック (blocked)",
        sample.MISC,
        "14.0.0.11110",
        "TmListen_Ver",
        "すべてのコンポーネント",
        "KA-0009550",
    ):
        assert part in cause
    assert "server.name" not in text


def test_measured_values_without_a_label_are_shown_too() -> None:
    text = Page(render_html(sample.failing(), Language.EN)).text["en"]
    assert "10.1.2.3, 10.1.2.4" in text
    assert "program_upgrade" not in text


def test_a_very_long_value_is_shortened_with_the_full_one_behind_it_and_bounded() -> None:
    document = render_html(sample.hostile(), Language.JA)
    assert "値" * 299 + "…" in document
    assert "全文を表示（30,000 文字）" in document
    assert "（以下 10,000 文字は result.json にあります）" in document
    assert len(document) < 400_000


def test_an_unfinished_run_has_a_banner_and_a_finished_one_has_none() -> None:
    assert "banner" in Page(render_html(sample.interrupted(), Language.JA)).values_of("class")
    assert "banner" not in Page(render_html(sample.failing(), Language.JA)).values_of("class")


def test_what_could_not_be_seen_says_why_where_and_how_to_see_it() -> None:
    text = Page(render_html(sample.undecided(), Language.EN)).text["en"]
    section = text[text.index("Without the items below") :]
    for part in ("Access was denied", "TmuDump.txt", "[WinError 5]", "there is no verdict", "as administrator"):
        assert part in section


def test_a_broken_check_does_not_read_as_a_broken_pc() -> None:
    text = Page(render_html(sample.undecided(), Language.JA)).text["ja"]
    assert "PC に問題があるという意味ではありません" in text
    assert "時間内に応答がありませんでした：deadline 20 s" in text


def test_questions_say_who_answered() -> None:
    text = Page(render_html(sample.healthy(), Language.JA)).text["ja"]
    assert re.search(r"ライセンスの状態は？\s*有効\s*操作者", text)
    assert re.search(r"何時間経過しましたか？\s*わからない\s*回答なし", text)


def test_a_result_without_steps_or_names_can_be_rendered() -> None:
    bare = replace(
        sample.healthy(),
        steps=(),
        questions=(),
        outcome=Outcome.FAIL,
        primary_cause="gone",
        machine=replace(sample.healthy().machine, hostname=None, elevated=None, architecture=None),
        product=replace(sample.healthy().product, role=None, role_title=None, version=None),
        causes=(sample.cause("clock-wrong", "no-such-step"),),
    )
    for language in Language:
        assert word("other-causes", language) in render_html(bare, language)
        assert render_text(bare, language) and render_markdown(bare, language) and render_junit(bare, language)


def test_rendering_is_quick_enough_for_many_results() -> None:
    render_html(sample.failing(), Language.JA)
    started = time.process_time()
    render_html(sample.failing(), Language.JA)
    assert time.process_time() - started < 0.06


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


# --- resources -----------------------------------------------------------------------------------------------------


def test_the_data_folders_are_found() -> None:
    assert (templates_folder() / "report.html.j2").is_file()
    assert rules_folder().name == "rules"


def test_text_in_both_languages_is_what_the_samples_hold() -> None:
    for result in KINDS.values():
        texts = [
            text for step in result.steps for text in (step.title, step.because, step.why) if isinstance(text, Text)
        ]
        assert texts and all(text.ja and text.en for text in texts)
