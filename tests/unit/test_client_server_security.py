"""The activation code decides, and is found nowhere afterwards; computers of this product are no Apex One."""

from __future__ import annotations

import json
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from diagnose.diagnostics import Exit
from diagnose.machine.recorded import RecordedMachine
from diagnose.resources import rules_folder
from diagnose.rules.folders import open_rule_folders
from diagnose.run.choosing import choose, detect
from tests.unit.command_line import ROOT, Cli, isolated_cli
from tests.unit.typed_codes import CODE, KEY

SCENARIOS = ROOT / "tests" / "scenarios"
SERVER = SCENARIOS / "client-server-security" / "healthy-server" / "machine"
WIDE = "".join(chr(ord(char) + 0xFEE0) for char in CODE)
PIECES = {group for group in CODE.split("-") if len(group) > 3}
"""Pieces of the code: of the registration key the longer ones are pieces, too."""
SEPARATORS = re.compile(r"[\s\-‐-―−ー]+")


@pytest.fixture
def cli(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[Cli]:
    yield from isolated_cli(tmp_path, capfdbinary, monkeypatch)


def plain(text: str) -> str:
    """Half-width capitals without what may stand between groups."""
    return SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()


def leaks(text: str) -> list[str]:
    found = plain(text)
    return [piece for piece in PIECES if piece in found]


def run_with(cli: Cli, folder: Path, code: str, **more: str) -> tuple[Path, str]:
    answers = {"activation_code": code, "code_message": "invalid", **more}
    file = folder / "answers.json"
    file.write_text(json.dumps(answers, ensure_ascii=False), encoding="utf-8")
    run = folder / "run"
    ran = cli("run", "client-server-security", "--machine", SERVER, "--answers", file, "--no-input", "--output", run)
    file.unlink()
    assert ran.code == Exit.FOUND, ran.err
    return run, ran.out + ran.err


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (CODE, "activation-code-rejected"),
        (WIDE, "activation-code-rejected"),
        (CODE.replace("-", "").lower(), "activation-code-rejected"),
        (CODE.replace("9TCVE", "9TC?E"), "activation-code-malformed"),
        (CODE.replace("9TCVE", "9TCV"), "activation-code-malformed"),
        (CODE.replace("4R2MX-9TCVE", "4R2MX9-TCVE"), "activation-code-malformed"),
        (KEY, "activation-code-is-registration-key"),
        ("🙂" + CODE * 50, "activation-code-malformed"),
    ],
)
def test_the_code_is_in_no_file_of_the_run_and_on_no_screen(cli: Cli, tmp_path: Path, code: str, cause: str) -> None:
    run, said = run_with(cli, tmp_path, code)
    result = json.loads((run / "result.json").read_text(encoding="utf-8"))
    assert result["causes"][0]["id"] == cause
    assert not leaks(said)
    files = [file for file in run.rglob("*") if file.is_file()]
    assert {"result.json", "report.html"} <= {file.name for file in files}
    for file in files:
        assert not leaks(file.read_bytes().decode("utf-8", "replace")), file
    for form in ("text", "markdown", "junit", "json", "html"):
        shown = cli("report", run, "--format", form)
        assert not leaks(shown.out + shown.err), form


@pytest.mark.parametrize("noted", [CODE, WIDE, CODE.replace("-", "–"), CODE.replace("-", ""), KEY])
def test_a_bundle_holds_no_code_even_where_the_operator_wrote_it_down(cli: Cli, tmp_path: Path, noted: str) -> None:
    run, _ = run_with(cli, tmp_path, CODE, what_changed=f"コードは{noted}です")
    target = tmp_path / "ticket.zip"
    made = cli("bundle", run, "--output", target, "--incident", "contact=山田")
    assert made.code == Exit.PASS, made.err
    with zipfile.ZipFile(target) as opened:
        texts = {name: opened.read(name).decode(errors="replace") for name in opened.namelist()}
    assert not [name for name, text in texts.items() if leaks(text)]
    assert "lic-" in texts["ticket.ja.md"]
    assert json.loads(texts["result.json"])["causes"][0]["id"] == "activation-code-rejected"


def test_a_replay_without_the_code_comes_to_the_same_verdict(cli: Cli, tmp_path: Path) -> None:
    run, _ = run_with(cli, tmp_path, CODE.replace("9TCVE", "9TC?E"))
    again = cli("replay", run, "--format", "json")
    assert not leaks(again.out + again.err)
    step = next(step for step in json.loads(again.out)["steps"] if step["id"] == "activation-code")
    assert (step["status"], step["cause"]) == ("fail", "activation-code-malformed")
    assert "group 4, character 4" in step["because"]["en"]


@pytest.mark.parametrize(
    ("scenario", "product", "roles"),
    [
        ("client-server-security/healthy-server", "client-server-security", ["server", "client"]),
        ("client-server-security/healthy-client", "client-server-security", ["client"]),
        ("client-server-security/healthy-business-security-client", "client-server-security", ["client"]),
        ("apex-one/healthy-windows-10", "apex-one", ["agent"]),
        ("apex-one/healthy-agent-on-its-own-server", "apex-one", ["agent", "server"]),
    ],
)
def test_a_computer_is_of_one_of_the_two_products(scenario: str, product: str, roles: list[str]) -> None:
    folders = open_rule_folders(rules_folder())
    machine = RecordedMachine.open(SCENARIOS / scenario / "machine")
    now = machine.now()
    assert choose(folders, None, machine, now)[0] == product
    assert [role.id for role in detect(folders, product, machine, now).roles] == roles
    other = {"client-server-security": "apex-one", "apex-one": "client-server-security"}[product]
    assert not detect(folders, other, machine, now).roles
