# ruff: noqa: E501 - the table of mistakes reads best with one mistake a line
from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.small_rules import FILES, PRODUCT, changed, lint_lines, place_of

FILE = "demo/product.yaml"
VERSION_SOURCE = "      - registry: {key: 'HKLM\\SOFTWARE\\デモ', value: Version}\n        match: '^v?([0-9.]+)'\n"


def fact(name: str, source: str, type_: str = "string") -> str:
    return f"  {name}:\n    title: {{ja: '値', en: 'value'}}\n    type: {type_}\n    sources: [{source}]\n"


@pytest.mark.parametrize(
    ("old", "new", "at", "sentence"),
    [
        ("        match: '^v?", "        system: os_build\n        match: '^v?", "registry: {key: 'HKLM\\SOFTWARE\\デモ', value: Version", "a source names exactly one of system, registry, ini, log, command, file, security_product, answer"),
        (VERSION_SOURCE, "      - {match: '(x)'}\n", "{match", "a source names exactly one of system, registry, ini, log, command, file, security_product, answer"),
        (VERSION_SOURCE, "      - {system: os_biuld}\n", "os_biuld", "the computer has no field 'os_biuld' (did you mean 'os_build'?)"),
        ("'^v?([0-9.]+)'", "'^v?([0-9.]+'", "'^v?", "not a valid RE2 pattern: missing ): ^v?([0-9.]+"),
        ("'^v?([0-9.]+)'", "'^v?[0-9.]+'", "'^v?", "the pattern needs exactly one group"),
        ("'^v?([0-9.]+)'", "'^(v)?([0-9.]+)'", "'^(v", "the pattern needs exactly one group"),
        ("'source=(\\S+)'", "'source=(?=x)(\\S+)'", "'source=", "not a valid RE2 pattern: invalid perl operator: (?="),
        ("'source=(\\S+)'", "'source=\\S+'", "'source=", "the pattern needs exactly one group"),
        ("{agent.scope}", "{agent.scpoe}", "'C:", "unknown fact 'agent.scpoe' (did you mean 'agent.scope'?)"),
        ("version: agent.version", "version: agent.versio", "agent.versio", "unknown fact 'agent.versio' (did you mean 'agent.version'?)"),
        ("has(facts.agent.version)", "facts.agent.version", "facts.agent", "this must be true or false (bool), but it is version"),
        ("has(facts.agent.version)", "facts.agent.scope == \"alowed\"", '"alowed"', "this is never 'alowed'; it is one of: allowed, blocked (did you mean 'allowed'?)"),
        ("has(facts.agent.version)", "facts.os.build == \"x\"", "== ", "int and string can never be equal"),
        ("has(facts.agent.version)", "answers.answer_a == \"left\"", "answers.", "unknown name 'answers.answer_a'"),
        ("has(facts.agent.version)", "machine.platform == \"win\"", '"win"', "this is never 'win'; it is one of: windows, linux, macos (did you mean 'windows'?)"),
        ("platforms: [windows]", "platforms: [window]", "window]", "'window' is not an allowed value; allowed: linux, macos, windows (did you mean 'windows'?)"),
        ("value: NoUpgrade}", "valeu: NoUpgrade}", "valeu", "unknown field 'valeu' (did you mean 'value'?)"),
        ("type: version", "type: versoin", "versoin", "'versoin' is not an allowed value; allowed: bool, double, int, list, string, timestamp, version (did you mean 'version'?)"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_product_file_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, at: str, sentence: str
) -> None:
    files = changed(FILE, old, new)
    said = [line for line in lint_lines(tmp_path, files) if line.endswith(sentence)]
    assert len(said) == 1, lint_lines(tmp_path, files)
    assert said[0].startswith(f"{FILE}:{place_of(files, FILE, at)[0]}:")


@pytest.mark.parametrize(
    ("section", "at"),
    [
        ("services:\n  - {name: デモ, when: 'facts.os.build'}\n", "facts.os.build'"),
        ("endpoints:\n  - {id: e, host: h, port: 1, when: 'facts.os.build == true'}\n", "== true"),
        ("logs:\n  - {id: l, title: {ja: '記録', en: log}, files: x, when: 'facts.os.buidl > 1'}\n", "facts.os.buidl"),
    ],
)
def test_a_type_error_in_a_when_is_told_at_its_column(tmp_path: Path, section: str, at: str) -> None:
    files = {**FILES, FILE: PRODUCT + section}
    line, column = place_of(files, FILE, at)
    (said,) = lint_lines(tmp_path, files)
    assert said.startswith(f"{FILE}:{line}:{column}: ")


@pytest.mark.parametrize(
    "section",
    [
        "endpoints: [{id: e, host: '{agent.hots}', port: 1}]\n",
        "endpoints: [{id: e, host: h, port: '{agent.hots}'}]\n",
        "endpoints: [{id: e, host: h, port: 1, url: 'https://x/{agent.hots}/y'}]\n",
        "main_files: ['C:\\{agent.hots}\\x.exe']\n",
        "requirements: {disks: ['{agent.hots}']}\n",
        "logs: [{id: l, title: {ja: '記録', en: log}, files: '{agent.hots}\\*.log'}]\n",
    ],
)
def test_an_unknown_fact_in_a_path_host_or_url_is_told(tmp_path: Path, section: str) -> None:
    (said,) = lint_lines(tmp_path, {**FILES, FILE: PRODUCT + section})
    assert "unknown fact 'agent.hots'" in said
    assert said.startswith(f"{FILE}:{PRODUCT.count(chr(10)) + 1}:")


def test_facts_that_refer_to_themselves_are_told(tmp_path: Path) -> None:
    facts = (
        fact("loop.self", "{file: {path: '{loop.self}', what: size}}")
        + fact("loop.a", "{ini: {file: 'C:\\{loop.b}', section: s, key: k}}")
        + fact("loop.b", "{log: {files: '{loop.a}', pattern: '(x)'}}")
        + fact("leads.there", "{file: {path: '{loop.a}', what: exists}}", "bool")
    )
    lines = lint_lines(tmp_path, {**FILES, FILE: PRODUCT + facts})
    assert [line.partition(": ")[2] for line in lines] == [
        f"fact '{name}' refers to itself" for name in ("loop.self", "loop.a", "loop.b")
    ]


def test_a_fact_may_use_one_of_the_computer(tmp_path: Path) -> None:
    facts = fact("agent.folder", "{file: {path: 'C:\\{os.build}', what: exists}}", "bool")
    assert lint_lines(tmp_path, {**FILES, FILE: PRODUCT + facts}) == []


def test_the_output_of_a_command_needs_a_pattern_with_one_group(tmp_path: Path) -> None:
    facts = fact("agent.said", "{command: {argv: [x], pattern: 'a+'}}")
    (said,) = lint_lines(tmp_path, {**FILES, FILE: PRODUCT + facts})
    assert said.endswith("the pattern needs exactly one group")


SIGNATURES = """\
signatures:
  - id: known-line
    files: '{agent.scope}\\*.log'
    pattern: 'failed: (\\d+)'
    meaning: {ja: '失敗', en: failed}
    fix: {ja: '直す', en: mend}
    source: KA-4
    confidence: confirmed
"""


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("(\\d+)'", "(\\d+'", "not a valid RE2 pattern: missing ): failed: (\\d+"),
        ("{agent.scope}", "{agent.folder}", "unknown fact 'agent.folder'"),
        (
            "confidence: confirmed",
            "confidence: confimed",
            "'confimed' is not an allowed value; allowed: confirmed, inferred (did you mean 'confirmed'?)",
        ),
        ("    source: KA-4\n", "", "field 'source' is missing"),
    ],
)
def test_a_mistake_among_the_known_failure_lines_is_told(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert lint_lines(tmp_path / "clean", {**FILES, "demo/signatures.yaml": SIGNATURES}) == []
    broken = {**FILES, "demo/signatures.yaml": SIGNATURES.replace(old, new)}
    (said,) = lint_lines(tmp_path / "broken", broken)
    assert said.startswith("demo/signatures.yaml:")
    assert sentence in said


def test_mistakes_of_the_product_and_of_its_flow_are_told_together(tmp_path: Path) -> None:
    files = changed(FILE, "'^v?([0-9.]+)'", "'^v?([0-9.]+'") | {
        "demo/update.yaml": FILES["demo/update.yaml"].replace("check: disk", "check: dsik")
    }
    lines = lint_lines(tmp_path, files)
    assert [line.partition(":")[0] for line in lines] == [FILE, "demo/update.yaml"]


def test_a_product_without_a_flow_is_still_looked_at(tmp_path: Path) -> None:
    new = {"neu/product.yaml": PRODUCT.replace("id: demo", "id: neu").replace("'^v?([0-9.]+)'", "'('")}
    lines = lint_lines(tmp_path, {**FILES, **new})
    assert [line.partition(":")[0] for line in lines] == ["neu/product.yaml"]
