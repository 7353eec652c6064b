# ruff: noqa: E501 - the table of mistakes reads best with one mistake a line
from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diagnose.errors import InputError, Place
from diagnose.resources import rules_folder
from diagnose.rules.compiler import compile_flow
from diagnose.rules.folders import RuleFolders, open_rule_folders
from diagnose.rules.lint import lint
from diagnose.run.result import Status
from diagnose.text import Language
from diagnose.yaml_file import load_yaml
from tests.unit.small_rules import CAUSES, FILES, FLOW, changed, lint_lines, place_of, write_files

UPDATE = "demo/update.yaml"
PASS = "then: pass\n        because: {ja: '許可されています。', en: 'It is allowed.'}"
DISK_STEP = "  - id: disk\n    title: {ja: 'ディスク'"


def test_the_small_rule_folder_of_these_tests_is_clean(tmp_path: Path) -> None:
    assert lint_lines(tmp_path, dict(FILES)) == []


def test_the_rules_that_ship_with_the_program_are_clean() -> None:
    folders = open_rule_folders(rules_folder())
    assert [f"{p.place} {p.message.in_language(Language.EN)}" for p in lint(folders)] == []
    assert {"machine", "apex-one"} <= set(folders.product_ids())


IN_JAPANESE_ONLY = {"nifty-security24"}
"""Products without an English edition: English texts quote their name and the words on their screens."""
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uff01-\uff65]+")


def test_every_shipped_text_is_japanese_in_ja_and_has_no_japanese_in_en() -> None:
    found = 0
    for file in rules_folder().rglob("*.yaml"):
        for path, ja, en in texts(load_yaml(file).data):
            found += 1
            place = f"{file.name}: {path}"
            assert ja.strip() and en.strip(), place
            quoted = [words for words in JAPANESE.findall(en) if file.parent.name in IN_JAPANESE_ONLY and words in ja]
            assert JAPANESE.findall(en) == quoted, (place, en)
            assert ja == en or JAPANESE.search(ja) or re.fullmatch("[A-Z]{2,5}", ja), (place, ja)
    assert found > 500


def texts(value: Any, path: str = "") -> list[tuple[str, str, str]]:
    """Every pair of sentences; a pair of lists is taken line by line."""
    if isinstance(value, list):
        return [pair for index, item in enumerate(value) for pair in texts(item, f"{path}[{index}]")]
    if not isinstance(value, dict):
        return []
    if value.keys() == {"ja", "en"}:
        if isinstance(value["ja"], str):
            return [(path, value["ja"], value["en"])]
        return [(path, ja, en) for ja, en in zip(value["ja"], value["en"], strict=True)]
    return [pair for key, item in value.items() for pair in texts(item, f"{path}.{key}")]


@pytest.mark.parametrize(
    ("file", "old", "new", "at", "sentence"),
    [
        (UPDATE, "ask: [answer_a]", "aks: [answer_a]", "aks", "unknown field 'aks' (did you mean 'ask'?)"),
        (UPDATE, "help: {ja: '画面", "halp: {ja: '画面", "halp", "unknown field 'halp' (did you mean 'help'?)"),
        (UPDATE, "check: disk", "check: dsik", "dsik", "unknown check 'dsik' (did you mean 'disk'?)"),
        (UPDATE, "{fail: scope-blocked}", "{fail: scope-bloked}", "scope-bloked", "unknown cause 'scope-bloked' (did you mean 'scope-blocked'?)"),
        (UPDATE, "explains: [disk-full]", "explains: [disk-ful]", "disk-ful]", "unknown cause 'disk-ful' (did you mean 'disk-full'?)"),
        (UPDATE, "{warn: disk-full}", "{wran: disk-full}", "{wran", "'wran' is not an allowed value; allowed: blocked, not_applicable, pass, unknown, fail, warn (did you mean 'warn'?)"),
        (UPDATE, "show: [agent.version]", "show: [agent.versoin]", "agent.versoin", "unknown fact 'agent.versoin' (did you mean 'agent.version'?)"),
        (UPDATE, "program_upgrade: agent.scope", "program_upgrade: agent.scop", "agent.scop}", "unknown fact 'agent.scop' (did you mean 'agent.scope'?)"),
        (UPDATE, "{program_upgrade: agent", "{program_upgrad: agent", "program_upgrad:", "no check of this step takes 'program_upgrad' (did you mean 'program_upgrade'?)"),
        (UPDATE, "{free_mb: 500}", "{free_mb: viele}", "viele", "expected a whole number, got text"),
        (UPDATE, "{free_mb: 500}", "{free_mb: product.service}", "product.service", "the product file has no part 'service' (did you mean 'services'?)"),
        (UPDATE, "ask: [answer_a]", "ask: [answer_a, answer_b]", "answer_b", "unknown question 'answer_b' (did you mean 'answer_a'?)"),
        (UPDATE, "    ask: [answer_a]\n", "", "title: {ja: '質問'", "no step asks question 'answer_a'"),
        (UPDATE, "then: {warn: disk-full}", "then: {warn: disk-full}\n        goto: scope", "scope\n      - when: 'evidence.enough'", "goto leads only forward ('scope' stands before this step)"),
        (UPDATE, "then: {warn: disk-full}", "then: {warn: disk-full}\n        goto: disk", "disk\n      - when: 'evidence.enough'", "goto leads only forward ('disk' stands before this step)"),
        (UPDATE, "explains: [disk-full]", "goto: dikk", "dikk", "unknown step 'dikk' (did you mean 'disk'?)"),
        (UPDATE, "'evidence.enough == false'", "'evidence.lowest_free_mb == \"x\"'", '== "x"', "int and string can never be equal"),
        (UPDATE, "'evidence.enough == false'", "'evidence.lowest_free_mb'", "evidence.lowest_free_mb", "this must be true or false (bool), but it is int"),
        (UPDATE, "'evidence.enough == false'", "'evidence.enugh == false'", "evidence.enugh", "unknown name 'evidence.enugh' (did you mean 'evidence.enough'?)"),
        (UPDATE, "== \"blocked\"'", "== \"bloked\"'", '"bloked"', "this is never 'bloked'; it is one of: allowed, blocked (did you mean 'blocked'?)"),
        (UPDATE, '== "left"', '== "up"', '"up"', "this is never 'up'; it is one of: left, right"),
        (UPDATE, "'evidence.enough == false'", "'evidence.enough =='", "'evidence.enough ==", "the expression ends too early"),
        (UPDATE, "{scope: evidence.program_upgrade}", "{scope: evidence.program}", "evidence.program}", "unknown name 'evidence.program' (did you mean 'evidence.program_upgrade'?)"),
        (UPDATE, "        with: {scope: evidence.program_upgrade}\n", "", "when: 'evidence.program_upgrade == ", "cause 'scope-blocked' needs the value 'scope'; give it under with:"),
        (UPDATE, "en: '{evidence.disk} has room.'", "en: 'There is room.'", "{ja: '{evidence.disk}", "the Japanese and the English text use different values: evidence.disk"),
        (UPDATE, "en: '{evidence.disk} has room.'", "en: '{evidence.disc} has room.'", "evidence.disc", "unknown name 'evidence.disc' (did you mean 'evidence.disk'?)"),
        (UPDATE, "{ja: '{evidence.disk} に空きがあります。', en: '{evidence.disk} has room.'}", "{en: 'There is room.'}", "{en: 'There is room.'}", "field 'ja' is missing"),
        (UPDATE, "title: {ja: 'ディスク', en: 'Disk'}", "title: {ja: 'ディスク'}", "{ja: 'ディスク'}", "field 'en' is missing"),
        (UPDATE, "'evidence.enough'\n", "'true'\n", "'true'", "pass needs a condition on something that was seen"),
        (UPDATE, "'evidence.enough'\n", "'(true)'\n", "'(true)'", "pass needs a condition on something that was seen"),
        (UPDATE, "'evidence.enough'\n", "'2 > 1'\n", "'2 > 1'", "pass needs a condition on something that was seen"),
        (UPDATE, PASS, "then: pass", "when: 'answers.answer_a", "a branch that names no cause needs a because"),
        (UPDATE, "{fail: scope-blocked}", "{fail: scope-blocked, warn: disk-full}", "{fail: scope-blocked,", "then takes one of fail and warn"),
        (UPDATE, "id: disk\n", "id: scope\n", "scope\n    title: {ja: 'ディスク'", "id 'scope' is used twice"),
        (UPDATE, "    type: choice\n", "    type: number\n", "title: {ja: '質問'", "choices belong to questions of type choice, and only to them ('answer_a')"),
        (UPDATE, "      left: {ja: '左', en: 'left'}\n      right: {ja: '右', en: 'right'}\n", "      {}\n", "title: {ja: '質問'", "choices belong to questions of type choice, and only to them ('answer_a')"),
        (UPDATE, "id: update\n", "id: upgrade\n", "upgrade", "id 'upgrade' differs from the file's name"),
        (UPDATE, "check: disk\n", "check: [disk, disk]\n", "[disk, disk]", "disk, disks, enough, lowest_free_mb, required_free_mb, total_mb of check 'disk' is also given by another check of this step"),
        ("demo/product.yaml", "id: demo\n", "id: dmeo\n", "dmeo", "id 'dmeo' differs from the folder's name"),
        ("causes.yaml", "'{scope} を確認します。'", "'設定を確認します。', '再起動します。'", "ja: ['設定を変え", "a remedy needs at least one step and as many in Japanese (3) as in English (2)"),
        ("causes.yaml", "{ja: ['空きを作ります。'], en: ['Make room.']}", "{ja: [], en: []}", "{ja: [], en: []}", "a remedy needs at least one step and as many in Japanese (0) as in English (0)"),
        ("causes.yaml", "'Look at {scope} again.'", "'Look at {scop} again.'", "scop}", "unknown name 'scop' (did you mean 'scope'?)"),
        ("causes.yaml", "values: [lowest_free_mb]", "values: [lowest_free_mb, size]", "", "cause 'disk-full' needs the value 'size'; give it under with:"),
        ("causes.yaml", "id: disk-full", "id: scope-blocked", "scope-blocked\n    title: {ja: '空き", "id 'scope-blocked' is used twice"),
        ("causes.yaml", "'範囲は {scope} です。'", "'範囲は {scope です。'", "{scope です", "this '{' is not closed by '}' (write '{{' for the character itself)"),
        ("evidence/disk.yaml", "  enough: {title: {ja: '項目', en: 'field'}}\n", "", "", "enough of check 'disk' has no label in rules/evidence"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place_and_the_nearest_name(
    tmp_path: Path, file: str, old: str, new: str, at: str, sentence: str
) -> None:
    files = changed(file, old, new)
    lines = lint_lines(tmp_path, files)
    said = [line for line in lines if line.endswith(f": {sentence}")]
    assert len(said) == 1, lines
    if at:
        line, column = place_of(files, file, at)
        assert said[0].startswith(f"{file}:{line}:"), said
        exact = at not in {"{wran"} and not at.startswith(("'", "when", "title"))
        assert not exact or said[0].startswith(f"{file}:{line}:{column}: ")


IRREGULAR: dict[str, tuple[str, Callable[[Path], object]]] = {
    "no file": ("file-not-found", lambda path: path.symlink_to("ない")),
    "a folder": ("file-not-regular", lambda path: path.mkdir()),
    "a pipe": ("file-not-regular", os.mkfifo),
}


@pytest.mark.skipif(os.name == "nt", reason="pipes and links need a POSIX file system")
@pytest.mark.parametrize("file", ["demo/product.yaml", UPDATE, "demo/causes.yaml", "causes.yaml", "demo/signatures.yaml", "evidence/disk.yaml"])  # fmt: skip
@pytest.mark.parametrize("kind", IRREGULAR)
def test_a_rule_file_that_is_no_file_is_told_and_never_passed_over(tmp_path: Path, file: str, kind: str) -> None:
    folders = write_files(
        tmp_path, {**FILES, "demo/signatures.yaml": "signatures: []\n", "demo/causes.yaml": "causes: []\n"}
    )
    (tmp_path / file).unlink()
    id_, put = IRREGULAR[kind]
    put(tmp_path / file)
    with pytest.raises(InputError) as caught:
        folders.signatures("demo")
        compile_flow(folders, "demo", "update")
    problem = caught.value.problems[0]
    assert (problem.message.id, problem.place) == (id_, Place(str(tmp_path / file)))


@pytest.mark.parametrize("product", ["デモ", "..", "", "a" * 300, "demo\0", "demo/../demo"])
def test_a_product_id_that_no_folder_can_have_is_an_unknown_product(tmp_path: Path, product: str) -> None:
    with pytest.raises(InputError) as caught:
        write_files(tmp_path, FILES).product(product)
    assert caught.value.problems[0].message.id == "unknown-product"


def test_a_rule_folder_that_we_may_not_list_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = write_files(tmp_path, FILES)

    def no(self: Path) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", no)
    with pytest.raises(InputError) as caught:
        folders.product_ids()
    assert caught.value.problems[0].place == Place(str(tmp_path))


def test_what_a_file_manager_hides_in_a_product_folder_is_no_flow(tmp_path: Path) -> None:
    folders = write_files(tmp_path, {**FILES, "demo/._update.yaml": "\0\0", "demo/update-b.yaml": ""})
    assert folders.flow_ids("demo") == ("update", "update-b")


def test_a_condition_that_is_no_yaml_comes_with_advice(tmp_path: Path) -> None:
    (line,) = lint_lines(tmp_path, changed(UPDATE, "'evidence.enough == false'", "{evidence.enough == false"))
    assert "put conditions in single quotes" in line


SECRET = """\
  code:
    title: {ja: 'コード', en: 'Code'}
    text: {ja: 'コードは。', en: 'Which code?'}
    help: {ja: '証書にあります。', en: 'On the certificate.'}
    type: secret
steps:
"""


@pytest.mark.parametrize("told", ["answers.code", "facts.agent.code"])
def test_no_sentence_can_name_a_secret_answer(tmp_path: Path, told: str) -> None:
    files = changed(UPDATE, "with: {scope: evidence.program_upgrade}", f"with: {{scope: {told}}}")
    files[UPDATE] = files[UPDATE].replace("steps:\n", SECRET).replace("ask: [answer_a]", "ask: [answer_a, code]")
    files["demo/product.yaml"] += (
        "  agent.code:\n    title: {ja: 'コード', en: 'Code'}\n    type: string\n    sources: [{answer: code}]\n"
    )
    (line,) = lint_lines(tmp_path, files)
    assert f"unknown name '{told}'" in line


def test_the_incident_form_has_no_field_of_a_secret_questions_name(tmp_path: Path) -> None:
    files = dict(FILES)
    files[UPDATE] = files[UPDATE].replace("steps:\n", SECRET).replace("ask: [answer_a]", "ask: [answer_a, code]")
    files["demo/product.yaml"] += "incident: [{id: code, title: {ja: 'コード', en: 'Code'}}]\n"
    (line,) = lint_lines(tmp_path, files)
    assert "the incident form must not have a field" in line


def test_a_default_flow_must_exist_and_ids_of_a_list_differ(tmp_path: Path) -> None:
    role = "{id: agent, title: {ja: 'エージェント', en: 'agent'}, when: 'has(facts.agent.version)'}"
    files = changed("demo/product.yaml", f"  - {role}\n", f"  - {role}\n  - {role}\n")
    files["demo/product.yaml"] += "default_flow: updat\n"
    lines = lint_lines(tmp_path, files)
    assert [line.split(": ", 1)[1] for line in lines] == [
        "id 'agent' is used twice",
        "product 'demo' has no flow 'updat' (did you mean 'update'?)",
    ]


def test_a_wrong_type_in_a_long_folded_condition_is_told_at_its_line_and_column(tmp_path: Path) -> None:
    files = changed(
        UPDATE, "'evidence.enough == false'", ">-\n          evidence.enough == false\n          && evidence.disk == 3"
    )
    line, column = place_of(files, UPDATE, "== 3")
    assert lint_lines(tmp_path, files) == [f"{UPDATE}:{line}:{column}: string and int can never be equal"]


def test_a_step_that_a_jump_always_passes_over_is_unreachable(tmp_path: Path) -> None:
    always = "      - {when: 'true', then: unknown, because: {ja: '終了', en: 'end'}, goto: end}\n"
    before_disk = FILES[UPDATE].replace(DISK_STEP, always + DISK_STEP)
    lines = lint_lines(tmp_path / "a", {**FILES, UPDATE: before_disk})
    assert lines == [], "the first branch falls through to the step"
    closed = before_disk.replace("explains: [disk-full]", "goto: end").replace(PASS, PASS + "\n        goto: end")
    lines = lint_lines(tmp_path / "b", {**FILES, UPDATE: closed})
    assert [line.partition(": ")[2] for line in lines] == ["step 'disk' cannot be reached"]


def test_a_step_without_branches_is_a_mistake(tmp_path: Path) -> None:
    start = FLOW.rindex("    decide:")
    lines = lint_lines(tmp_path, {**FILES, UPDATE: FLOW[:start]})
    assert any(line.endswith(": decide has no branches") for line in lines)


def test_all_mistakes_are_told_at_once_sorted_by_place_each_once(tmp_path: Path) -> None:
    flow = FLOW.replace("check: disk", "check: dsik").replace('== "blocked"\'', '== "bloked"\'')
    flow = flow.replace("show: [agent.version]", "show: [agent.versio]").replace("explains: [disk-", "explains: [disc-")
    causes = CAUSES.replace("Look at {scope} again.", "Look at {scop} again.")
    second = flow.replace("id: update\n", "id: other\n")
    lines = lint_lines(tmp_path, {**FILES, UPDATE: flow, "demo/other.yaml": second, "causes.yaml": causes})
    places = [re.match(r"(\S+?):(\d+):(\d+):", line) for line in lines]
    keys = [(match[1], int(match[2]), int(match[3])) for match in places if match]
    assert keys == sorted(keys)
    assert len(keys) == len(set(keys)) == len(lines)
    files = [key[0] for key in keys]
    assert files.count("causes.yaml") == 1
    assert files.count(UPDATE) == files.count("demo/other.yaml") >= 3


def test_mistakes_of_shape_and_of_conditions_are_told_together(tmp_path: Path) -> None:
    flow = FLOW.replace("ask: [answer_a]", "aks: [answer_a]").replace("evidence.enough'", "evidence.enugh'")
    lines = "\n".join(lint_lines(tmp_path, {**FILES, UPDATE: flow}))
    assert "unknown field 'aks'" in lines
    assert "unknown name 'evidence.enugh'" in lines


PARTS = st.sampled_from(
    ["x", "disk", "", "null", "5", "1.5", "[]", "{}", "[1]", "{a: 1}", "[[disk]]", "{ja: 1}", "[{}]"]
)
FIELDS = re.findall(r"^ *(?:- )?[a-z_]+: ", FLOW, re.MULTILINE)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(FIELDS) - 1), PARTS)
def test_any_value_anywhere_in_a_flow_is_an_input_error_and_never_a_crash(
    tmp_path: Path, position: int, part: str
) -> None:
    lines = FLOW.splitlines(keepends=True)
    index = [number for number, line in enumerate(lines) if re.match(r" *(?:- )?[a-z_]+: ", line)][position]
    head = re.match(r" *(?:- )?[a-z_]+: ", lines[index])
    assert head is not None
    text = "".join([*lines[:index], head[0] + part + "\n", *lines[index + 1 :]])
    for problem in lint(write_files(tmp_path, {**FILES, UPDATE: text})):
        assert all(problem.message.in_language(language) for language in Language)


@pytest.mark.parametrize("block", ["questions", "steps", "decide", "check", "with"])
@pytest.mark.parametrize("value", ["5", "x", "[a]", "{a: 1}", "[[a]]", "null", "[{a: [b]}]"])
def test_a_block_of_the_wrong_shape_is_an_input_error(tmp_path: Path, block: str, value: str) -> None:
    head = "id: update\ntitle: {ja: 題, en: t}\nsource: s\n"
    parts = {"questions": "{}", "steps": "[]"}
    step = "[{id: s, title: {ja: 題, en: t}, why: {ja: 題, en: t}, check: CHECK, decide: DECIDE, with: WITH}]"
    if block in parts:
        parts[block] = value
    else:
        given_ = {"CHECK": "disk", "DECIDE": "[]", "WITH": "{}", block.upper(): value}
        for name, written in given_.items():
            step = step.replace(name, written)
        parts["steps"] = step
    text = head + "".join(f"{name}: {written}\n" for name, written in parts.items())
    assert isinstance(lint_lines(tmp_path, {**FILES, UPDATE: text}), list)


def test_a_missing_value_of_a_cause_comes_from_the_evidence_of_the_same_name(tmp_path: Path) -> None:
    flow = compile_flow(write_files(tmp_path, FILES), "demo", "update")
    branch = flow.steps[1].branches[0]
    assert branch.status is Status.WARN
    assert branch.values["lowest_free_mb"].source == "evidence.lowest_free_mb"


def test_a_product_says_a_generic_cause_in_its_own_words(tmp_path: Path) -> None:
    own = CAUSES.replace("'No room'", "'Own words'")
    flow = compile_flow(write_files(tmp_path, {**FILES, "demo/causes.yaml": own}), "demo", "update")
    cause = flow.steps[1].branches[0].cause
    assert cause is not None
    assert cause.spec.title.en == "Own words"


def test_the_first_folder_that_has_a_product_gives_it(tmp_path: Path) -> None:
    write_files(
        tmp_path / "own", {"machine/product.yaml": FILES["machine/product.yaml"].replace("computer", "COMPUTER")}
    )
    write_files(tmp_path / "built-in", FILES)
    folders = open_rule_folders(tmp_path / "built-in", (tmp_path / "own",))
    assert folders.product("machine").value.name.en == "This COMPUTER"
    assert compile_flow(folders, "demo", "update").id == "demo/update"


def problem_of(error: InputError) -> str:
    return error.problems[0].message.in_language(Language.EN)


@pytest.mark.parametrize("name", ["demoo", "..", "", "/", "demo/..", ".", "machine/../demo"])
def test_an_unknown_product_is_refused(tmp_path: Path, name: str) -> None:
    folders = write_files(tmp_path / "rules", FILES)
    write_files(tmp_path, {"product.yaml": FILES["demo/product.yaml"]})
    with pytest.raises(InputError) as caught:
        folders.product(name)
    assert problem_of(caught.value).startswith(f"unknown product '{name}'")


@pytest.mark.parametrize("name", ["updat", "product", "causes", "../demo/update", ""])
def test_an_unknown_flow_is_refused(tmp_path: Path, name: str) -> None:
    folders = write_files(tmp_path, {**FILES, "demo/causes.yaml": CAUSES})
    with pytest.raises(InputError) as caught:
        folders.flow("demo", name)
    assert problem_of(caught.value).startswith(f"product 'demo' has no flow '{name}'")


def test_a_missing_rules_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        open_rule_folders(rules_folder(), (tmp_path / "ない",))


def test_the_digest_changes_with_the_rules_and_with_nothing_else(tmp_path: Path) -> None:
    def digest(folder: str, files: dict[str, str]) -> str:
        return compile_flow(write_files(tmp_path / folder, files), "demo", "update").rules_digest

    same = digest("a", dict(FILES))
    assert digest("b", dict(FILES)) == same
    assert digest("c", changed("causes.yaml", "'No room'", "'No space'")) != same
    assert digest("d", changed("evidence/update_scope.yaml", "permission", "Permission")) != same


def test_the_digest_does_not_depend_on_which_other_products_were_looked_at(tmp_path: Path) -> None:
    other = {"other/product.yaml": FILES["demo/product.yaml"].replace("id: demo", "id: other")}
    folders = write_files(tmp_path, {**FILES, **other})
    alone = compile_flow(RuleFolders((tmp_path,)), "demo", "update").rules_digest
    folders.product("other")
    assert compile_flow(folders, "demo", "update").rules_digest == alone
