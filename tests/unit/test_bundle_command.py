"""`diagnose bundle`, `verify` and `replay` of a bundle, from the command line to the archive and back."""

from __future__ import annotations

import io
import json
import shutil
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest

from diagnose.diagnostics import Exit
from tests.unit.command_line import ROOT, Cli, isolated_cli

SCENARIO = ROOT / "tests" / "scenarios" / "apex-one" / "log-failure-lines" / "machine"
SECRETS = ("KEIRI-PC-077", "yamashita", "10.77.3.21", "keiri.example.lan")
LOG = "files/C/Program Files (x86)/Trend Micro/Security Agent/Temp/upgrade_20261119221503.log"


@pytest.fixture
def cli(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[Cli]:
    yield from isolated_cli(tmp_path, capfdbinary, monkeypatch)


@pytest.fixture
def run(cli: Cli, tmp_path: Path) -> Path:
    """A finished run on a recorded PC in whose log people and computers are named."""
    machine = tmp_path / "recorded"
    shutil.copytree(SCENARIO, machine)
    text = (machine / "machine.yaml").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.startswith("hostname:")]
    (machine / "machine.yaml").write_text("\n".join([*kept, "hostname: KEIRI-PC-077", ""]), encoding="utf-8")
    with (machine / LOG).open("ab") as log:
        log.write(
            b"2026/11/19 22:20:01 user KEIRI-PC-077\\yamashita at 10.77.3.21 C:\\Users\\yamashita\\AppData\\x.tmp\r\n"
            b"2026/11/19 22:20:02 connect keiri-pc-077.keiri.example.lan version 14.0.0.12345 error 0x80072EE7\r\n"
            b"2026/11/19 22:20:03 user=tr logged on\r\n"
        )
    folder = tmp_path / "run"
    ran = cli("run", "apex-one", "--machine", machine, "--output", folder, "--no-input")
    assert ran.code == Exit.FOUND, ran.err
    return folder


def texts_of(archive: Path) -> dict[str, str]:
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name).decode(errors="replace") for name in opened.namelist()}


def test_a_bundle_holds_logs_verdicts_and_ticket_and_no_name(cli: Cli, run: Path, tmp_path: Path) -> None:
    target = tmp_path / "ticket.zip"
    made = cli("bundle", run, "--output", target, "--incident", "affected_count=12")
    assert made.code == Exit.PASS, made.err
    assert made.out.strip() == str(target)
    texts = texts_of(target)
    for name, text in texts.items():
        for secret in SECRETS:
            assert secret.lower() not in (name + text).lower(), (name, secret)
    log = next(text for name, text in texts.items() if name.endswith("upgrade_20261119221503.log"))
    assert "14.0.0.12345" in log
    assert "0x80072EE7" in log
    assert {"manifest.json", "result.json", "report.html", "incident.json", "ticket.ja.md", "ticket.en.txt"} <= set(
        texts
    )
    assert "12" in texts["ticket.en.md"]
    manifest = json.loads(texts["manifest.json"])
    proof = manifest["redaction"]["proof"]
    assert proof["hits"] == 0
    # A name that is a word of the page itself is replaced beside its label, and throws nothing out.
    assert "user=tr" not in log
    assert not [one for one in manifest["left_out"] if one["reason"] == "proof_failed"]
    assert proof["values"] >= len(SECRETS)
    assert any(absent["path"].endswith("ofcdebug.log") for absent in manifest["absent"])
    assert not list(tmp_path.glob("*.partial"))


def test_a_bundle_is_verified_and_judged_as_the_run_was(cli: Cli, run: Path, tmp_path: Path) -> None:
    target = tmp_path / "ticket.zip"
    assert cli("bundle", run, "--output", target).code == Exit.PASS
    verified = cli("verify", target)
    assert verified.code == Exit.PASS, verified.out
    replayed = cli("replay", target, "--format", "json")
    assert replayed.code == Exit.FOUND
    before = json.loads((run / "result.json").read_bytes())
    after = json.loads(replayed.out)
    assert [(step["id"], step["status"], step.get("cause")) for step in after["steps"]] == [
        (step["id"], step["status"], step.get("cause")) for step in before["steps"]
    ]
    for secret in SECRETS:
        assert secret.lower() not in replayed.out.lower()


def test_the_manifest_is_what_its_schema_says(cli: Cli, run: Path, tmp_path: Path) -> None:
    target = tmp_path / "ticket.zip"
    assert cli("bundle", run, "--output", target).code == Exit.PASS
    schema = json.loads(cli("rules", "schema", "manifest").out)
    jsonschema.validate(json.loads(texts_of(target)["manifest.json"]), schema)


def test_a_changed_byte_is_found(cli: Cli, run: Path, tmp_path: Path) -> None:
    target = tmp_path / "ticket.zip"
    assert cli("bundle", run, "--output", target).code == Exit.PASS
    data = bytearray(target.read_bytes())
    data[len(data) // 2] ^= 1
    target.write_bytes(data)
    verified = cli("verify", target)
    assert verified.code == Exit.FOUND
    assert "problem" in verified.out


def test_a_pseudonym_in_an_answer_is_turned_back(cli: Cli, run: Path, tmp_path: Path) -> None:
    target = tmp_path / "ticket.zip"
    assert cli("bundle", run, "--output", target).code == Exit.PASS
    log = next(text for name, text in texts_of(target).items() if name.endswith("upgrade_20261119221503.log"))
    line = next(line for line in log.splitlines() if "22:20:01" in line)
    (tmp_path / "answer.txt").write_text(f"Look at: {line}", encoding="utf-8")
    revealed = cli("bundle", "--reveal", tmp_path / "answer.txt")
    assert revealed.code == Exit.PASS
    assert "keiri-pc-077\\yamashita" in revealed.out.lower()
    assert "10.77.3.21" in revealed.out


def test_two_bundles_share_their_pseudonyms_only_on_request(cli: Cli, run: Path, tmp_path: Path) -> None:
    first, second, third = (tmp_path / f"{name}.zip" for name in "abc")
    assert cli("bundle", run, "--output", first).code == Exit.PASS
    kept = next((tmp_path / "state").rglob("*-a.json"))
    assert kept.stat().st_mode & 0o077 == 0 or sys.platform == "win32"
    assert cli("bundle", run, "--output", second, "--map", kept).code == Exit.PASS
    assert cli("bundle", run, "--output", third).code == Exit.PASS
    logs = [
        next(text for name, text in texts_of(path).items() if name.endswith("upgrade_20261119221503.log"))
        for path in (first, second, third)
    ]
    assert logs[0] == logs[1]
    assert logs[0] != logs[2]


def test_the_plan_is_shown_and_nothing_written(cli: Cli, run: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    for language, absent in (("en", "not there"), ("ja", "ありません")):
        listed = cli("bundle", run, "--list", "--lang", language, "--fit", "25MB")
        assert listed.code == Exit.PASS, listed.err
        assert "upgrade_20261119221503.log" in listed.out
        assert absent in listed.out
    assert sorted(tmp_path.rglob("*")) == before


def test_a_bundle_is_encrypted_to_a_passphrase_and_never_left_in_clear(
    cli: Cli, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "ticket.zip.age"

    def typed(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    typed("correct horse\n")
    made = cli("bundle", run, "--output", target, "--passphrase")
    assert made.code == Exit.PASS, made.err
    assert target.read_bytes().startswith(b"age-encryption.org/v1\n")
    assert sorted(path.name for path in tmp_path.glob("ticket*")) == ["ticket.zip.age"]
    typed("correct horse\n")
    assert cli("verify", target, "--passphrase").code == Exit.PASS
    typed("correct horse\n")
    assert cli("replay", target, "--passphrase").code == Exit.FOUND
    typed("wrong\n")
    refused = cli("verify", target, "--passphrase")
    assert refused.code == Exit.USAGE
    assert "Traceback" not in refused.err
    without = cli("replay", target)
    assert without.code == Exit.USAGE
    assert "age" in without.err


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--fit", "much"], "25MB"),
        (["--fit", "0"], "25MB"),
        (["--around", "soon"], "2026-11-20"),
        (["--incident", "affected_count=many"], "affected_count"),
        (["--incident", "nobody_asked=1"], "nobody_asked"),
        (["--encrypt-to", "age1xyz"], "age1xyz"),
        (["--form", "absent.yaml"], "absent.yaml"),
        (["--map", "absent.json"], "absent.json"),
        (["--output", "no/such/folder/t.zip"], "t.zip"),
        (["--output", "/"], "/"),
        (["--output", ".."], ".."),
    ],
)
def test_a_mistake_is_told_in_one_line_and_leaves_nothing(
    cli: Cli, run: Path, tmp_path: Path, argv: list[str], said: str
) -> None:
    before = sorted(path for path in tmp_path.rglob("*") if path.suffix in {".zip", ".age", ".partial"})
    refused = cli("bundle", run, *argv)
    assert refused.code == Exit.USAGE, refused.err
    assert said in refused.err
    assert "Traceback" not in refused.err
    assert len(refused.lines) == 1, refused.err
    assert sorted(path for path in tmp_path.rglob("*") if path.suffix in {".zip", ".age", ".partial"}) == before


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"{}", b"PK\x05\x06" + bytes(18), b"age-encryption.org/v1\nx"])
def test_what_is_no_bundle_is_told(cli: Cli, tmp_path: Path, content: bytes) -> None:
    wrong = tmp_path / "wrong.zip"
    wrong.write_bytes(content)
    assert cli("verify", wrong).code == Exit.FOUND
    replayed = cli("replay", wrong)
    assert replayed.code == Exit.USAGE
    assert "Traceback" not in replayed.err


@pytest.mark.parametrize(("language", "said"), [("en", "has no recording"), ("ja", "記録（machine フォルダ）がない")])
@pytest.mark.parametrize("named", ["", "result.json"])
def test_a_run_that_was_saved_without_its_recording_is_refused_in_one_line(
    cli: Cli, run: Path, tmp_path: Path, named: str, language: str, said: str
) -> None:
    shutil.rmtree(run / "machine")
    refused = cli("bundle", run / named, "--lang", language, "--output", tmp_path / "ticket.zip")
    assert (refused.code, refused.out, len(refused.lines)) == (Exit.USAGE, "", 1), refused.err
    assert refused.err.startswith(f"{run / 'machine'}: ")
    assert said in refused.err
    assert not list(tmp_path.glob("ticket*"))


def test_without_a_run_it_is_told_where_runs_are_kept(cli: Cli) -> None:
    refused = cli("bundle")
    assert refused.code == Exit.USAGE
    assert "diagnose" in refused.err
