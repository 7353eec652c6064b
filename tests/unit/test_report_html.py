from __future__ import annotations

import re
from html.parser import HTMLParser

from msgspec.structs import replace

from diagnose.report.content import report_content
from diagnose.report.formats import visible
from diagnose.report.html import render_html
from diagnose.report.junit import render_junit
from diagnose.report.markdown import render_markdown
from diagnose.report.plain import render_text
from diagnose.report.words import (
    STATUS_WORDS,
    outcome_sentence,
    word,
)
from diagnose.run.result import Outcome, RunResult
from diagnose.text import Language
from tests.unit import sample_results as sample
from tests.unit.sample_results import every_kind_of_result as every_kind
from tests.unit.sample_results import every_language


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
