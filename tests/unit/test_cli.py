from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped, unused-ignore]
import pytest

from diagnose.report.json_format import result_schema
from tests.unit.command_line import MACHINE_YAML, Cli, isolated_cli, write_machine, write_rules
from tests.unit.small_rules import changed

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
ENGLISH = re.compile(r"\b[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}\b")
"""Three English words in a row."""


@pytest.fixture
def cli(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[Cli]:
    yield from isolated_cli(tmp_path, capsysbinary, monkeypatch)


@pytest.mark.parametrize(
    ("no_upgrade", "answer", "code", "outcome"),
    [("0", "left", 0, "pass"), ("1", "left", 1, "fail"), ("0", "unknown", 3, "unknown"), ("7", "left", 3, "unknown")],
)
def test_the_exit_code_follows_the_outcome(cli: Cli, no_upgrade: str, answer: str, code: int, outcome: str) -> None:
    machine = write_machine(cli.folder / "pc", no_upgrade)
    ran = cli.run("--answer", f"answer_a={answer}", "--format", "json", machine=machine)
    assert (ran.code, json.loads(ran.out)["outcome"]) == (code, outcome)


def test_a_warning_exits_as_a_failure_does(cli: Cli) -> None:
    full = MACHINE_YAML.replace("free_mb: 9000", "free_mb: 90")
    machine = write_machine(cli.folder / "pc", "0", full)
    ran = cli.run("--answer", "answer_a=left", "--format", "json", machine=machine)
    assert (ran.code, json.loads(ran.out)["outcome"]) == (1, "warn")


def test_json_is_one_document_of_the_schema_and_everything_else_goes_to_stderr(cli: Cli) -> None:
    ran = cli.run("--format", "json", "--lang", "ja")
    result = json.loads(ran.out)
    jsonschema.validate(result, result_schema())
    assert result["machine"]["hostname"] == "経理-01"
    assert "経理-01" in ran.out, "readable, not escaped"
    assert len(ran.lines) == 2
    assert ran.out.endswith("}\n")


@pytest.mark.parametrize("format_", ["text", "json", "html", "markdown", "junit"])
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_format_is_written_in_both_languages(cli: Cli, format_: str, lang: str) -> None:
    ran = cli.run("--format", format_, "--lang", lang)
    assert ran.code == 1
    both = format_ in {"json", "html"}
    assert ("禁止されています" in ran.out) == (lang == "ja" or both)
    assert ("It is blocked" in ran.out) == (lang == "en" or both)
    assert format_ != "html" or f'<html lang="{lang}">' in ran.out
    if lang == "ja" and format_ == "text":
        assert not ENGLISH.search(ran.out + ran.err)
    if lang == "en" and format_ == "text":
        assert not JAPANESE.search((ran.out + ran.err).replace("経理", "").replace("デモ", ""))


def test_the_output_folder_holds_result_report_and_recording(cli: Cli) -> None:
    out = cli.folder / "支店" / "結果"
    ran = cli.run("--output", out, "--lang", "ja")
    assert {path.name for path in out.iterdir()} == {"result.json", "report.html", "machine"}
    saved = json.loads((out / "result.json").read_bytes())
    assert not saved["run"]["interrupted"]
    assert saved["run"]["language"] == "ja"
    assert str(out) in ran.err
    assert cli("report", out, "--format", "json").out == (out / "result.json").read_text(encoding="utf-8")


def test_a_run_over_a_recording_writes_nothing_unless_it_is_told_to(cli: Cli) -> None:
    before = sorted(cli.folder.rglob("*"))
    cli.run()
    assert sorted(cli.folder.rglob("*")) == before


def test_a_recording_is_written_where_it_is_asked_for(cli: Cli) -> None:
    again = cli.folder / "記録"
    first = cli.run("--record", again, "--format", "json")
    second = cli.run("--format", "json", machine=again)
    assert [step["status"] for step in json.loads(second.out)["steps"]] == [
        step["status"] for step in json.loads(first.out)["steps"]
    ]


def test_two_targets_that_overlap_or_a_bad_second_one_leave_the_first_alone(cli: Cli) -> None:
    out = cli.folder / "結果"
    assert cli.run("--output", out, "--record", out).code == 2
    assert not out.exists()
    cli.run("--output", out)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    notes = cli.folder / "覚書"
    notes.mkdir()
    (notes / "x").write_bytes(b"x")
    assert cli.run("--output", out, "--record", notes).code == 2
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_a_run_that_looks_at_nothing_or_at_a_foreign_product_is_refused(cli: Cli) -> None:
    ran = cli.run("--only", "scope", "--skip", "scope")
    assert (ran.code, ran.lines) == (2, ["diagnose: no step is left to look at"])
    ran = cli("run", "demo", "--rules", cli.rules)
    assert ran.code == 2
    assert "product 'demo' is for windows" in ran.lines[0]


def test_a_home_that_cannot_be_written_to_does_not_keep_anybody_from_an_answer(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/nothing")
    ran = cli("run", "machine/health", "--only", "disk", "--no-input")
    assert ran.code in {0, 1}
    assert "this run is not kept" in ran.err


def test_steps_that_were_left_out_are_counted_beside_a_clean_verdict(cli: Cli) -> None:
    ran = cli.run("--skip", "scope")
    assert ran.code == 0
    assert ran.out.splitlines()[0] == "No problem was found in the steps that were checked (1 left out)"


def test_a_run_folder_or_a_scenario_may_be_named_instead_of_the_recording_in_it(cli: Cli) -> None:
    out = cli.folder / "結果"
    first = cli.run("--output", out, "--format", "json")
    second = cli.run("--format", "json", machine=out)
    assert json.loads(second.out)["primary_cause"] == json.loads(first.out)["primary_cause"]


def test_the_recording_that_is_judged_is_never_replaced(cli: Cli) -> None:
    out = cli.folder / "run"
    machine = write_machine(out / "machine")
    ran = cli.run("--output", out, machine=machine)
    assert (ran.code, ran.out, len(ran.lines)) == (2, "", 1)
    assert (machine / "machine.yaml").read_text(encoding="utf-8") == MACHINE_YAML
    ours = cli.folder / "ours"
    cli.run("--output", ours)
    before = {path: path.read_bytes() for path in ours.rglob("*") if path.is_file()}
    refused = [
        *(("--output", ours, ours / part) for part in ("machine", ".")),
        ("--record", ours / "machine", ours),
        ("--record", ours, ours / "machine"),
        ("--record", ours / "machine" / "more", ours),
    ]
    for option, target, folder in refused:
        again = cli.run(option, target, machine=folder)
        assert (again.code, again.out, len(again.lines)) == (2, "", 1), (option, target, folder)
    assert {path: path.read_bytes() for path in ours.rglob("*") if path.is_file()} == before


def test_a_full_disk_does_not_end_the_run(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("diagnose.run.store.write_whole_file", full)
    ran = cli.run("--output", cli.folder / "out", "--format", "json")
    assert ran.code == 1
    assert json.loads(ran.out)["outcome"] == "fail"
    assert sum("No space left on device" in line for line in ran.lines) == 1


WRONG: dict[str, tuple[list[str], str]] = {
    "command": (["rnu"], "no such command: rnu (did you mean 'run'?)"),
    "subcommand": (["rules", "lnt"], "no such command: lnt (did you mean 'lint'?)"),
    "no subcommand": (["rules"], "COMMAND is missing"),
    "option": (["run", "--anwser", "a=b"], "no such option: --anwser (did you mean '--answer'?)"),
    "main option": (["--lagn", "ja"], "no such option: --lagn (did you mean '--lang'?)"),
    "option without value": (["report", "--format"], "option --format needs a value"),
    "too many words": (["flows", "a", "b", "c"], "unexpected: b c"),
    "missing argument": (["report"], "RUN is missing"),
    "format": (["run", "--format", "pdf"], "--format takes one of: text, json, html, markdown, junit"),
    "language": (["run", "--lang", "fr"], "--lang takes one of: ja, en"),
    "schema": (
        ["rules", "schema", "flo"],
        "takes one of: flow, product, causes, branches, signatures, evidence, case, result",
    ),
    "until": (["run", "--until", "fail"], "--until takes one of: first-fail"),
    "timeout": (["run", "--timeout", "soon"], "--timeout takes a number from 1 to 86400"),
    "timeout of nothing": (["run", "--timeout", "0"], "--timeout takes a number from 1 to 86400"),
    "timeout nan": (["run", "--timeout", "nan"], "--timeout takes a number from 1 to 86400"),
    "product": (["run", "dem", "RULES", "OUT"], "unknown product 'dem' (did you mean 'demo'?)"),
    "flow": (["run", "demo/updat", "RULES", "OUT"], "product 'demo' has no flow 'updat' (did you mean 'update'?)"),
    "empty flow": (["run", "demo/", "RULES", "OUT"], "product 'demo' has no flow ''"),
    "product of flows": (["flows", "dem", "RULES"], "unknown product 'dem' (did you mean 'demo'?)"),
    "step": (["run", "demo", "RULES", "OUT", "--only", "dsk"], "unknown step 'dsk' (did you mean 'disk'?)"),
    "skip": (["run", "demo", "RULES", "OUT", "--skip", "scop"], "unknown step 'scop' (did you mean 'scope'?)"),
    "answer form": (["run", "demo", "RULES", "OUT", "--answer", "left"], "write an answer as KEY=VALUE: left"),
    "answer key": (["run", "demo", "RULES", "OUT", "--answer", "answr=left"], "unknown question 'answr' (did you mean"),
    "answer choice": (
        ["run", "demo", "RULES", "OUT", "--answer", "answer_a=lefft"],
        "'lefft' is not one of the choices (left, right, unknown) (did you mean 'left'?)",
    ),
    "answers file": (["run", "demo", "RULES", "OUT", "--answers", "ない.yaml"], "ない.yaml: no such file"),
    "rules folder": (["run", "demo", "OUT", "--rules", "ない"], "ない: no such folder"),
    "machine folder": (["run", "demo", "RULES", "OUT", "--machine", "ない"], "ない: no such folder of a recorded"),
    "output": (
        ["run", "demo", "RULES", "--output", "規則/causes.yaml"],
        "規則/causes.yaml: cannot write to this folder",
    ),
    "result": (["report", "ない"], "ない: no such file"),
    "replay": (["replay", "ない"], "ない: no such file"),
    "cases": (["rules", "test", "規則"], "規則: no scenario (case.yaml) here"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_word_is_one_clear_line_and_leaves_nothing_behind(cli: Cli, name: str) -> None:
    argv, sentence = WRONG[name]
    words: list[str] = []
    for word in argv:
        words += {"RULES": ["--rules", "規則"], "OUT": ["--output", "結果"]}.get(word, [word])
    if "--machine" not in words and words[0] == "run":
        words += ["--machine", "機械"]
    before = sorted(cli.folder.rglob("*"))
    english = cli(*words)
    japanese = cli(*words, *([] if name in {"language", "option without value"} else ["--lang", "ja"]))
    for ran in (english, japanese):
        assert (ran.code, ran.out, len(ran.lines)) == (2, "", 1), ran
    assert sentence in english.err
    if name not in {"language", "option without value"}:
        assert JAPANESE.search(japanese.err.replace("ない", "").replace("規則", "").replace("機械", ""))
        assert not ENGLISH.search(japanese.err)
    assert sorted(cli.folder.rglob("*")) == before


REG = "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\X]\r\n"


@pytest.mark.parametrize(
    ("file", "content", "place"),
    [
        ("machine.yaml", "platform: windows\nhostnam: x\n", "machine.yaml:2:1: "),
        ("machine.yaml", "platform: window\n", "machine.yaml:1:11: "),
        ("machine.yaml", "platform: windows\nos: [\n", "machine.yaml:3:1: "),
        ("machine.yaml", "platform: windows\nnow: 昨日\n", "machine.yaml:2:6: "),
        ("machine.yaml", "", "machine.yaml: "),
        ("registry/a.reg", REG + '"a"=dword:zz\r\n', "registry/a.reg:4:"),
        ("registry/a.reg", "何か\n", "registry/a.reg:1"),
        ("commands.yaml", "- argv: []\n", "commands.yaml:1:"),
        ("network.yaml", "dns:\n  - {name: a, resolver: system, answers: maybe}\n", "network.yaml:2:"),
        ("certificates/ROOT/a.cer", "何か", "certificates/ROOT/a.cer: "),
        ("certificates/ROOT/a\x1b[2J.cer", "何か", "certificates/ROOT/a [2J.cer: "),
    ],
)
def test_a_malformed_recording_is_one_line_with_file_and_line(cli: Cli, file: str, content: str, place: str) -> None:
    path = cli.machine / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8", newline="")
    ran = cli.run("--output", cli.folder / "結果")
    assert (ran.code, ran.out, len(ran.lines)) == (2, "", 1)
    assert ran.err.startswith(f"{cli.machine}/{place}")
    assert not (cli.folder / "結果").exists()


def test_malformed_rules_are_one_line_for_each_mistake(cli: Cli) -> None:
    files = changed("demo/update.yaml", "check: disk", "check: dsik")
    files["demo/update.yaml"] = files["demo/update.yaml"].replace("ask: [answer_a]", "ask: [answer_b]")
    cli.rules = write_rules(cli.folder / "悪い規則", files)
    ran = cli.run("--output", cli.folder / "結果")
    assert (ran.code, ran.out) == (2, "")
    assert all(re.match(rf"{cli.rules}/demo/update.yaml:\d+:\d+: ", line) for line in ran.lines)
    assert len(ran.lines) == 3
    assert cli("rules", "lint", "--rules", cli.rules).code == 2
    assert not (cli.folder / "結果").exists()


def test_malformed_answers_are_one_line_with_file_and_line(cli: Cli) -> None:
    (cli.folder / "回答.yaml").write_text("answer_a: left\nb: 1\n", encoding="utf-8")
    ran = cli.run("--answers", "回答.yaml", "--output", "結果")
    assert (ran.code, ran.out, len(ran.lines)) == (2, "", 1)
    assert ran.err.startswith("回答.yaml:2:1: ")
    assert not (cli.folder / "結果").exists()


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("words", [[], ["run"], ["rules"], ["rules", "lint"], ["products"], ["report"], ["replay"]])
def test_help_is_in_the_language_of_the_reader(cli: Cli, lang: str, words: list[str]) -> None:
    ran = cli(*words, "--help", "--lang", lang)
    assert (ran.code, ran.err) == (0, "")
    if lang == "ja":
        assert JAPANESE.search(ran.out)
        assert not ENGLISH.search(re.sub(r"diagnose( [a-z/-]+)*", "", ran.out))
    else:
        assert not JAPANESE.search(ran.out)
    if words in ([], ["run"]):
        assert ("例:" if lang == "ja" else "Examples:") in ran.out
        assert "diagnose run apex-one" in ran.out


@pytest.mark.parametrize(
    ("variables", "japanese"),
    [
        ({"LANG": "ja_JP.UTF-8"}, True),
        ({"LANG": "en_US.UTF-8"}, False),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": "C"}, False),
        ({"LANG": "C", "DIAGNOSE_LANG": "ja"}, True),
        ({"LANG": "fr_FR.UTF-8"}, False),
    ],
)
def test_the_environment_names_the_language_when_no_option_does(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], japanese: bool
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert bool(JAPANESE.search(cli("rnu").err)) is japanese
    assert JAPANESE.search(cli("--lang=ja", "rnu").err)
    assert not JAPANESE.search(cli("--lang", "en", "rnu").err)


def test_products_and_flows_are_listed(cli: Cli) -> None:
    listed = json.loads(cli("products", "--machine", cli.machine, "--rules", cli.rules, "--format", "json").out)
    demo = next(product for product in listed["products"] if product["id"] == "demo")
    assert (demo["roles"], demo["flows"]) == (["agent"], ["demo/update"])
    text = cli("products", "--machine", cli.machine, "--rules", cli.rules, "--lang", "ja").out
    assert "demo  デモ製品: 検出されました（エージェント）" in text
    assert "demo/update  更新できない" in cli("flows", "--rules", cli.rules, "--lang", "ja").out
    assert cli("flows", "demo", "--rules", cli.rules).out == "demo/update  Does not update\n"


def test_without_a_target_the_detected_product_is_run_and_else_the_computer_itself(cli: Cli) -> None:
    found = cli("run", "--rules", cli.rules, "--machine", cli.machine, "--format", "json", "--no-input")
    assert json.loads(found.out)["product"]["id"] == "demo"
    assert json.loads(found.out)["product"]["role"] == "agent"
    bare = cli("run", "--machine", cli.machine, "--format", "json", "--no-input")
    assert (json.loads(bare.out)["product"]["id"], json.loads(bare.out)["flow"]["id"]) == ("machine", "health")


def test_only_skip_and_until_reach_the_run(cli: Cli) -> None:
    def steps(*argv: str) -> list[str]:
        return [step["status"] for step in json.loads(cli.run("--format", "json", *argv).out)["steps"]]

    assert steps() == ["fail", "pass"]
    assert steps("--only", "disk") == ["not_checked", "pass"]
    assert steps("--skip", "disk") == ["fail", "not_checked"]
    assert steps("--until", "first-fail") == ["fail", "not_checked"]


def test_every_schema_is_shown_as_json(cli: Cli) -> None:
    for name in ("flow", "product", "causes", "signatures", "evidence", "case", "result"):
        jsonschema.Draft202012Validator.check_schema(json.loads(cli("rules", "schema", name).out))


def test_a_bug_of_ours_is_one_line_without_what_was_read(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("秘密の値")

    monkeypatch.setattr("diagnose.commands.running.choose", broken)
    ran = cli.run()
    assert (ran.code, ran.out, len(ran.lines)) == (70, "", 1)
    assert "RuntimeError" in ran.err
    assert "秘密の値" not in ran.err
