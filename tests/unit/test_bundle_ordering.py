"""A bundle ordered, looked at and made without a command line, and without a word on the terminal."""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import msgspec
import pytest

from diagnose.bundle import assemble, ordering
from diagnose.bundle.encryption import Seal, decrypt_file
from diagnose.bundle.incident import From
from diagnose.bundle.manifest import LeftOutReason, manifest_schema
from diagnose.bundle.ordering import (
    Order,
    Prepared,
    bundle_name,
    incident,
    keep_map,
    make,
    maps_folder,
    open_run,
    prepare,
    preview,
)
from diagnose.bundle.plan import SourceState, Take
from diagnose.bundle.private_map import open_map
from diagnose.bundle.run_names import names_in_recording
from diagnose.bundle.verify import verify
from diagnose.errors import InputError
from diagnose.machine.interface import Machine
from diagnose.machine.values import Platform, System
from diagnose.run.clock import SystemClock
from diagnose.run.opening import open_computer
from diagnose.run.replaying import judge_again
from diagnose.run.runner import RunPlan, run_flow
from diagnose.run.store import RunFolder, SavedRun, saved_run
from diagnose.text import Language
from tests.unit.command_line import ROOT
from tests.unit.fake_machine import FakeMachine
from tests.unit.typed_codes import CODE

SCENARIO = ROOT / "tests" / "scenarios" / "apex-one" / "log-failure-lines" / "machine"
AGENT = "files/C/Program Files (x86)/Trend Micro/Security Agent"
UPGRADE = r"C:\Program Files (x86)\Trend Micro\Security Agent\Temp\upgrade_20261119221503.log"
PATCH = r"C:\TmPatch.log"
KEY = bytes(range(32))
CLOCK = SystemClock()
PUBLIC = "age1fg4kc4ulg8uj3wzz5dawqhjqfjjxxkzsgeq2mda80lmtx8lmw5lspyrkm9"
SECRET = "AGE-SECRET-KEY-1NCDWEHF7L29XV0R3S8M5LQ6LCT2GLS36UHQW45SY6HFYD0AXVV8S6TYH84"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on a recorded PC, kept."""
    folder = tmp_path_factory.mktemp("finished")
    machine = folder / "recorded"
    shutil.copytree(SCENARIO, machine)
    text = (machine / "machine.yaml").read_text(encoding="utf-8").replace("営業-PC0423", "KEIRI-PC-077")
    (machine / "machine.yaml").write_text(text, encoding="utf-8")
    with (machine / AGENT / "Temp" / "upgrade_20261119221503.log").open("ab") as log:
        log.write(b"2026/11/19 22:20:02 connect keiri-pc-077 at 10.77.3.21\r\n")
    computer = open_computer(machine, ())
    flow = computer.flow("apex-one", "agent-upgrade")
    plan = RunPlan(id="run-1", flow=flow, machine=computer.recorder, clock=CLOCK, language=Language.EN)
    kept = RunFolder.create(folder / "run")
    kept.save_result(run_flow(plan, lambda _: None))
    kept.save_machine(computer.recorder)
    return kept.path


@pytest.fixture
def run(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of it, and everything that a bundle could leave lies below `tmp_path`."""
    shutil.copytree(finished, tmp_path / "run")
    (tmp_path / "temp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temp"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    yield tmp_path / "run"
    assert not list((tmp_path / "temp").iterdir())


def plant(run: Path, data: bytes) -> None:
    """The patch log of the recorded PC."""
    (run / "machine" / "files" / "C" / "TmPatch.log").write_bytes(data)


def order_of(run: Path | SavedRun, **changes: Any) -> Order:
    folder = run if isinstance(run, Path) else run.recording.parent
    order = Order(run=run, target=folder.parent / "ticket.zip", language=Language.EN, key=KEY)
    return replace(order, **changes)


def members(archive: Path) -> dict[str, str]:
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name).decode(errors="replace") for name in opened.namelist()}


def quiet(done: int, total: int) -> None:
    assert 0 <= done <= total


def tree(folder: Path) -> list[tuple[Path, int]]:
    return [(path, path.stat().st_mtime_ns) for path in sorted(folder.rglob("*"))]


def taken(prepared: Prepared) -> dict[str, Take]:
    return {file.path: file.take for file in prepared.plan.files}


def refused(run: Path, **changes: Any) -> str:
    with pytest.raises(InputError) as told:
        prepare(order_of(run, **changes))
    return told.value.problems[0].message.id


# Prepare


def test_an_order_is_planned_and_nothing_written_or_said(
    run: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def learnt(*_: object) -> None:
        raise AssertionError("names are learnt when they are needed")

    monkeypatch.setattr(ordering, "names_in_recording", learnt)
    before = tree(tmp_path)
    prepared = prepare(order_of(run))
    assert taken(prepared)[UPGRADE] is Take.WHOLE
    assert prepared.result.run.id == "run-1"
    assert prepared.flow.id == "apex-one/agent-upgrade"
    assert prepared.source is prepared.opened.recorded
    assert tree(tmp_path) == before
    assert capfd.readouterr() == ("", "")
    assert "00010203" not in repr(prepared.order)
    assert KEY.hex() not in repr(prepared.order)


def test_a_run_that_is_open_already_serves_other_orders(run: Path) -> None:
    opened = open_run(saved_run(run))
    shutil.rmtree(run / "machine" / "registry")
    (run / "result.json").unlink()
    first = prepare(order_of(run), opened)
    second = prepare(replace(first.order, left_out=frozenset({"upgrade"})), first.opened)
    assert (taken(first)[UPGRADE], taken(second)[UPGRADE]) == (Take.WHOLE, Take.LEFT_OUT)


def test_a_run_without_its_recording_is_refused(run: Path, tmp_path: Path) -> None:
    shutil.rmtree(run / "machine")
    assert refused(run) == "no-recording"
    assert refused(run / "result.json") == "no-recording"
    assert refused(tmp_path / "nowhere") == "file-not-found"


def test_rules_that_are_none_are_refused(run: Path, tmp_path: Path) -> None:
    assert refused(run, rules=(tmp_path / "nowhere",)) != ""


@pytest.mark.parametrize(
    ("recorded", "hostname", "platform", "lives"),
    [
        (False, "KEIRI-PC-077", Platform.WINDOWS, True),
        (False, "OTHER", Platform.WINDOWS, False),
        (False, "KEIRI-PC-077", Platform.LINUX, False),
        (True, "KEIRI-PC-077", Platform.WINDOWS, False),
    ],
)
def test_logs_are_read_from_this_computer_when_the_run_was_made_on_it(
    run: Path, monkeypatch: pytest.MonkeyPatch, recorded: bool, hostname: str, platform: Platform, lives: bool
) -> None:
    live = FakeMachine(platform=platform, system=System(hostname=hostname), files={PATCH: b"live\n"})

    def opened(_: object) -> Machine:
        return live

    monkeypatch.setattr(ordering, "open_live_machine", opened)
    saved = saved_run(run)
    machine = msgspec.structs.replace(saved.result.machine, recorded=recorded)
    saved = replace(saved, result=msgspec.structs.replace(saved.result, machine=machine))
    prepared = prepare(order_of(saved))
    assert (prepared.source is live) is lives
    assert (PATCH in taken(prepared)) is lives


def test_the_form_is_what_was_typed_and_what_the_run_knows(run: Path) -> None:
    form = incident(prepare(order_of(run, form={"affected_count": 12})))
    assert form.fields[0].value == 12
    assert form.fields[0].given_by is From.FORM
    assert [field.id for field in form.missing][:2] == ["total_count", "update_agent_upgraded"]


def test_what_is_meant_for_the_vendor_keeps_names_and_loses_secrets(run: Path) -> None:
    typed = f"山田 KEIRI-PC-077 yamada@example.co.jp 03-1234-5678\nパスワード: Himitsu2026\nAC: {CODE}"
    form: dict[str, str | float] = {"contact": typed, "what_changed": f"KEIRI-PC-077 pwd=Hunter2xyz {CODE}"}
    prepared = prepare(order_of(run, form=form))
    made = make(prepared, CLOCK, quiet)
    texts = members(prepared.order.target)
    fields = {one["id"]: one["value"] for one in msgspec.json.decode(texts["incident.json"])["fields"]}
    contact = fields["contact"].splitlines()
    assert contact[0] == typed.splitlines()[0]
    assert contact[1] == "パスワード: secret-removed"
    assert contact[2].startswith("AC: lic-")
    assert "keiri" not in fields["what_changed"].lower()
    for name, text in texts.items():
        for secret in ("himitsu2026", "hunter2", *CODE.lower().split("-")[1:]):
            assert secret not in text.lower(), name
    assert "yamada@example.co.jp" in texts["ticket.ja.txt"]
    assert made.manifest.redaction.proof is not None


# Sources left out


def test_a_source_that_is_left_out_is_shown_and_not_taken(run: Path) -> None:
    plant(run, b"2026/11/20 10:00:00 patched\n")
    every = prepare(order_of(run))
    fewer = prepare(order_of(run, left_out=frozenset({"upgrade", "debug"})), every.opened)
    file = next(file for file in every.plan.files if file.path == UPGRADE)
    same = next(file for file in fewer.plan.files if file.path == UPGRADE)
    assert (same.take, same.size, same.modified, same.taken, same.wanted) == (
        Take.LEFT_OUT,
        file.size,
        file.modified,
        0,
        False,
    )
    assert every.plan.taken_bytes - fewer.plan.taken_bytes == file.size
    assert every.plan.found_bytes == fewer.plan.found_bytes
    assert [source.id for source in fewer.plan.sources if source.left_out] == ["upgrade", "debug"]
    assert fewer.plan.sources[-1].state is not SourceState.FOUND
    made = make(fewer, CLOCK, quiet)
    (left_out,) = [one for one in made.manifest.left_out if one.reason is LeftOutReason.OPERATOR]
    assert left_out.path == UPGRADE
    texts = members(fewer.order.target)
    assert [name for name in texts if name.endswith("TmPatch.log")] == ["logs/C/TmPatch.log"]
    assert not [name for name in texts if name.startswith("logs/") and "upgrade" in name]
    jsonschema.validate(msgspec.json.decode(texts["manifest.json"]), manifest_schema())
    assert verify(fewer.order.target).problems == ()
    assert sum(1 for line in texts["ticket.en.txt"].splitlines() if "(left out by the operator)" in line) == 1


@pytest.mark.parametrize(
    ("language", "note"),
    [
        (Language.JA, "アップグレードのログ: {}（操作者が採取対象から除外）"),
        (Language.EN, "Upgrade logs: {} (left out by the operator)"),
    ],
)
def test_the_ticket_says_what_was_left_out_on_purpose(run: Path, language: Language, note: str) -> None:
    prepared = prepare(order_of(run, language=language, left_out=frozenset({"upgrade"})))
    make(prepared, CLOCK, quiet)
    shown = members(prepared.order.target)[f"ticket.{language}.txt"]
    assert note.format(UPGRADE.replace("20261119221503", "*")) in shown


# Preview


@pytest.mark.parametrize("encoding", ["cp932", "utf-16-le", "utf-16", "utf-8"])
def test_what_is_previewed_is_what_leaves(run: Path, encoding: str) -> None:
    text = "".join(f"2026/11/20 10:00:{number % 60:02} 経理 KEIRI-PC-077 10.77.3.{number}\n" for number in range(100))
    plant(run, text.encode(encoding))
    prepared = prepare(order_of(run))
    shown = preview(prepared, PATCH, 20)
    assert [line.before for line in shown] == text.splitlines()[-20:]
    assert all("経理 host-" in line.after and "10.77" not in line.after for line in shown)
    make(prepared, CLOCK, quiet)
    assert [line.after for line in shown] == members(prepared.order.target)["logs/C/TmPatch.log"].splitlines()[-20:]
    assert len(preview(prepared, PATCH)) == 40


def test_names_are_learnt_once_for_all_that_is_previewed_and_made(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []
    really = names_in_recording

    def counted(recording: Path, domains: tuple[str, ...]) -> object:
        asked.append(recording)
        return really(recording, domains)

    monkeypatch.setattr(ordering, "names_in_recording", counted)
    prepared = prepare(order_of(run))
    assert preview(prepared, UPGRADE)[-1].after.startswith("2026/11/19 22:20:02 connect host-")
    preview(prepare(prepared.order, prepared.opened), UPGRADE)
    make(prepared, CLOCK, quiet)
    assert asked == [run / "machine"]


def test_a_file_that_is_no_text_or_not_planned_is_told_and_not_shown(run: Path) -> None:
    plant(run, bytes(range(256)) * 64)
    prepared = prepare(order_of(run))
    for path, said in ((PATCH, "preview-not-text"), (r"C:\Windows\win.ini", "preview-unplanned")):
        with pytest.raises(InputError) as told:
            preview(prepared, path)
        assert told.value.problems[0].message.id == said
    plant(run, b"")
    assert preview(prepared, PATCH) == ()
    (run / "machine" / "files" / "C" / "TmPatch.log").unlink()
    with pytest.raises(InputError):
        preview(prepared, PATCH)


# Make


def test_a_bundle_is_made_proven_and_its_map_kept(run: Path, capfd: pytest.CaptureFixture[str]) -> None:
    prepared = prepare(order_of(run))
    made = make(prepared, CLOCK, quiet)
    assert made.size == prepared.order.target.stat().st_size
    assert made.manifest.redaction.proof is not None
    assert made.manifest.redaction.proof is not None
    assert verify(prepared.order.target).problems == ()
    assert maps_folder().is_relative_to(run.parent / "state") or sys.platform != "linux"
    path = keep_map(made, run.parent / "maps")
    assert open_map(path) == made.private
    assert bytes.fromhex(open_map(path).key) == KEY
    assert path.name.endswith("-ticket.json")
    assert path.stat().st_mode & 0o077 == 0 or os.name == "nt"
    assert capfd.readouterr() == ("", "")


def test_a_map_that_cannot_be_kept_is_told(run: Path, tmp_path: Path) -> None:
    made = make(prepare(order_of(run)), CLOCK, quiet)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError):
        keep_map(made, tmp_path / "file")


def test_what_came_out_too_large_is_made_again_with_less_and_without_what_was_left_out(run: Path) -> None:
    digits = random.Random(7)
    plant(run, b"".join(b"2026/11/20 10:00:00 %0200x\n" % digits.getrandbits(800) for _ in range(8_000)))
    told: list[int] = []
    prepared = prepare(
        order_of(run, fit=450_000, left_out=frozenset({"upgrade", "active-update", "settings", "sources"}))
    )
    made = make(prepared, CLOCK, quiet, told.append)
    assert told
    assert min(told) > 450_000
    assert made.size <= 450_000
    assert made.manifest.limits.ticket == 450_000
    assert made.manifest.limits.fits is True
    left_out = [one.path for one in made.manifest.left_out if one.reason is LeftOutReason.OPERATOR]
    assert UPGRADE in left_out
    assert PATCH not in left_out


def test_a_sealed_bundle_is_for_the_owner_of_the_key_alone(run: Path, tmp_path: Path) -> None:
    seal = Seal(recipients=(PUBLIC,))
    name = bundle_name(saved_run(run).result, seal)
    assert (name, bundle_name(saved_run(run).result)) == ("diagnose-run-1.zip.age", "diagnose-run-1.zip")
    order = order_of(run, seal=seal, target=tmp_path / name, fit=10_000_000)
    made = make(prepare(order), CLOCK, quiet)
    assert order.room is not None
    assert made.manifest.limits.ticket == order.room < 10_000_000
    assert made.size == order.target.stat().st_size
    assert order.target.read_bytes().startswith(b"age-encryption.org/v1\n")
    assert [path.name for path in tmp_path.iterdir() if "zip" in path.name] == [name]
    assert keep_map(made, tmp_path / "maps").name.endswith("-diagnose-run-1.json")
    (tmp_path / "key.txt").write_text(SECRET, encoding="ascii")
    decrypt_file(order.target, tmp_path / "plain.zip", identity=tmp_path / "key.txt")
    assert verify(tmp_path / "plain.zip").problems == ()


def test_a_key_that_is_none_leaves_nothing(run: Path, tmp_path: Path) -> None:
    before = tree(tmp_path)
    with pytest.raises(InputError):
        make(prepare(order_of(run, seal=Seal(recipients=("age1xyz",)))), CLOCK, quiet)
    assert [path for path, _ in tree(tmp_path)] == [path for path, _ in before]


@pytest.mark.parametrize("seal", [None, Seal(recipients=(PUBLIC,))])
@pytest.mark.parametrize("at", ["the first bytes", "the end of the logs", "the second attempt"])
def test_ctrl_c_leaves_nothing(run: Path, tmp_path: Path, seal: Seal | None, at: str) -> None:
    plant(run, os.urandom(60_000).hex().encode() + b"\n")

    def stopping(done: int, total: int) -> None:
        if at == "the first bytes" or (at == "the end of the logs" and done == total):
            raise KeyboardInterrupt

    def smaller(size: int) -> None:
        raise KeyboardInterrupt

    before = tree(tmp_path)
    fit = 40_000 if at == "the second attempt" else None
    with pytest.raises(KeyboardInterrupt):
        make(prepare(order_of(run, seal=seal, fit=fit)), CLOCK, stopping, smaller)
    assert [path for path, _ in tree(tmp_path)] == [path for path, _ in before]


def test_ctrl_c_while_the_run_is_judged_again_leaves_nothing(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = judge_again

    def interrupted(*args: Any, **options: Any) -> object:
        judged = really(*args, **options)
        return msgspec.structs.replace(judged, run=msgspec.structs.replace(judged.run, interrupted=True))

    monkeypatch.setattr(assemble, "judge_again", interrupted)
    with pytest.raises(KeyboardInterrupt):
        make(prepare(order_of(run)), CLOCK, quiet)
    assert not list(tmp_path.glob("ticket*"))
