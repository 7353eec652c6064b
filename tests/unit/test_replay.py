from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.command_line import Cli, Ran, isolated_cli, write_machine, write_rules
from tests.unit.small_rules import FILES, FLOW, changed


@pytest.fixture
def cli(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[Cli]:
    yield from isolated_cli(tmp_path, capsysbinary, monkeypatch)


def recorded(cli: Cli, *argv: str, no_upgrade: str = "0", answer: str = "left") -> Path:
    """A finished run that is kept, with its recording."""
    out = cli.folder / "run"
    machine = write_machine(cli.folder / "pc", no_upgrade)
    ran = cli.run("--output", out, "--answer", f"answer_a={answer}", *argv, machine=machine)
    assert ran.code in {0, 1, 3}
    return out


def replayed(cli: Cli, run: Path, *argv: str) -> Ran:
    return cli("replay", run, "--rules", cli.rules, *argv)


def steps(document: str | bytes) -> list[dict[str, Any]]:
    shown = ("id", "status", "cause", "evidence", "facts", "because", "skipped_because", "unseen", "error")
    return [{name: step[name] for name in shown} for step in json.loads(document)["steps"]]


def registry_file(run: Path) -> Path:
    (file,) = (run / "machine" / "registry").iterdir()
    return file


def edit(file: Path, old: str, new: str) -> None:
    """As a person would with a text editor."""
    data = file.read_bytes()
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8"
    text = data.decode(encoding)
    assert old in text
    file.write_bytes(text.replace(old, new).encode(encoding))


@pytest.mark.parametrize(("no_upgrade", "answer"), [("0", "left"), ("1", "left"), ("0", "unknown"), ("7", "right")])
def test_a_recorded_run_replays_to_the_same_verdicts(cli: Cli, no_upgrade: str, answer: str) -> None:
    run = recorded(cli, no_upgrade=no_upgrade, answer=answer)
    again = replayed(cli, run, "--format", "json")
    before, after = json.loads((run / "result.json").read_bytes()), json.loads(again.out)
    assert steps(again.out) == steps((run / "result.json").read_bytes())
    for part in ("machine", "product", "flow", "outcome", "primary_cause", "causes", "questions", "incident"):
        if part != "machine":
            assert after[part] == before[part], part
    assert after["run"]["rules_digest"] == before["run"]["rules_digest"]
    assert after["run"]["id"] != before["run"]["id"]
    assert "every step comes out the same" in replayed(cli, run).out
    assert "すべての手順の結果は同じです" in replayed(cli, run, "--lang", "ja").out


def test_a_value_changed_by_hand_is_judged_anew_and_the_change_is_listed(cli: Cli) -> None:
    run = recorded(cli, no_upgrade="0")
    edit(registry_file(run), '"NoUpgrade"="0"', '"NoUpgrade"="1"')
    english = replayed(cli, run)
    assert english.code == 1
    assert "1 step(s) come out differently" in english.out
    assert "  scope: OK → Problem found (scope-blocked)" in english.out
    assert "  disk:" not in english.out
    japanese = replayed(cli, run, "--lang", "ja")
    assert "1 件の手順の結果が変わります" in japanese.out
    assert "  scope: 問題なし → 問題あり (scope-blocked)" in japanese.out


def test_newer_rules_are_what_a_recording_is_judged_by(cli: Cli) -> None:
    run = recorded(cli)
    more = changed("demo/update.yaml", "'evidence.enough == false'", "'evidence.lowest_free_mb < 10000'")
    write_rules(cli.rules, more)
    ran = replayed(cli, run)
    assert ran.code == 1
    assert "  disk: OK → " in ran.out


def test_a_step_that_only_one_of_the_rules_knows_counts_as_not_checked_in_the_other(cli: Cli) -> None:
    run = recorded(cli)
    renamed = changed("demo/update.yaml", "  - id: disk\n", "  - id: drive\n")
    write_rules(cli.rules, renamed)
    ran = replayed(cli, run)
    assert "2 step(s) come out differently" in ran.out
    assert "  drive: Not checked → OK" in ran.out
    assert "  disk: OK → Not checked" in ran.out


def test_steps_left_out_on_request_stay_out(cli: Cli) -> None:
    ran = replayed(cli, recorded(cli, "--skip", "disk"), "--format", "json")
    assert [step["status"] for step in steps(ran.out)] == ["pass", "not_checked"]


def test_steps_that_were_not_asked_for_stay_out(cli: Cli) -> None:
    ran = replayed(cli, recorded(cli, "--only", "disk"), "--format", "json")
    assert [step["status"] for step in steps(ran.out)] == ["not_checked", "pass"]


def test_steps_left_out_after_a_failure_are_judged_when_the_failure_is_gone(cli: Cli) -> None:
    run = recorded(cli, "--until", "first-fail", no_upgrade="1")
    assert "every step comes out the same" in replayed(cli, run).out
    edit(registry_file(run), '"NoUpgrade"="1"', '"NoUpgrade"="0"')
    ran = replayed(cli, run, "--format", "json")
    assert [step["status"] for step in steps(ran.out)] == ["pass", "pass"]


def test_steps_that_the_flow_jumped_over_are_judged_when_it_no_longer_does(cli: Cli) -> None:
    jumping = FLOW.replace("explains: [disk-full]", "goto: end")
    write_rules(cli.rules, {**FILES, "demo/update.yaml": jumping})
    run = recorded(cli, no_upgrade="1")
    assert [step["status"] for step in steps((run / "result.json").read_bytes())] == ["fail", "not_checked"]
    edit(registry_file(run), '"NoUpgrade"="1"', '"NoUpgrade"="0"')
    ran = replayed(cli, run, "--format", "json")
    assert [step["status"] for step in steps(ran.out)] == ["pass", "pass"]


def test_an_answer_that_todays_rules_do_not_know_counts_as_not_given(cli: Cli) -> None:
    run = recorded(cli)
    other = {name: text.replace('"left"', '"up"').replace("      left:", "      up:") for name, text in FILES.items()}
    write_rules(cli.rules, other)
    ran = replayed(cli, run, "--format", "json")
    assert ran.code == 3
    assert [question["answer"] for question in json.loads(ran.out)["questions"]] == ["unknown"]


def test_a_run_that_was_interrupted_is_judged_whole(cli: Cli) -> None:
    run = recorded(cli)
    result = json.loads((run / "result.json").read_bytes())
    result["run"]["interrupted"] = True
    result["steps"][1] |= {"status": "not_checked", "skipped_because": {"ja": "中断", "en": "interrupted"}}
    (run / "result.json").write_text(json.dumps(result), encoding="utf-8")
    ran = replayed(cli, run)
    assert "  disk: Not checked → OK" in ran.out
    assert ran.code == 0


def test_a_run_without_a_recording_or_of_an_unknown_product_is_refused_in_one_line(cli: Cli) -> None:
    run = recorded(cli)
    unknown = cli("replay", run)
    assert (unknown.code, unknown.out, len(unknown.lines)) == (2, "", 1)
    assert "unknown product 'demo'" in unknown.err
    (run / "machine").rename(run / "elsewhere")
    ran = replayed(cli, run)
    assert (ran.code, ran.out, len(ran.lines)) == (2, "", 1)
    assert str(run / "machine") in ran.err


def test_a_saved_run_is_shown_again_in_another_language_and_format(cli: Cli) -> None:
    run = recorded(cli, "--lang", "ja", no_upgrade="1")
    english = cli("report", run, "--lang", "en")
    assert (english.code, english.err) == (1, "")
    assert "It is blocked" in english.out
    assert "禁止されています" in cli("report", run / "result.json", "--lang", "ja", "--format", "markdown").out
