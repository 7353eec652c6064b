"""Logs on their way into a bundle: redacted while they are read, and whatever cannot be redacted stays out."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from diagnose.bundle.archive import BundleWriter
from diagnose.bundle.logs import LogMembers
from diagnose.bundle.manifest import LeftOut, LeftOutReason, Manifest, Truncation
from diagnose.bundle.plan import Limits
from diagnose.bundle.planning import make_plan
from diagnose.bundle.proof import Search
from diagnose.machine.file_reader import FileReader, LockedFile
from diagnose.machine.values import Absent, Platform, Reason, Unseen
from diagnose.redaction.engine import Redactor
from diagnose.redaction.names import Names
from diagnose.redaction.tokens import Pseudonyms
from diagnose.specs import LogSpec
from diagnose.text import Language, Text
from tests.unit.fake_context import FakeContext
from tests.unit.fake_machine import FakeMachine

NOW = datetime(2026, 11, 21, tzinfo=UTC)
LINE = b"2026-11-20 10:00:00 SAKURA-PC-7 version 14.0.0.12345\n"
NAMES = Names(hosts=frozenset({"SAKURA-PC-7"}))


class Turning(FakeMachine):
    """A computer on which the second opening of a file, that of the collection, can get another answer."""

    def __init__(self, files: Mapping[str, bytes | Unseen], then: Mapping[str, Absent | Unseen] | None = None) -> None:
        super().__init__(files=files, platform=Platform.LINUX, now=NOW)
        self._then = dict(then or {})
        self._opened: set[str] = set()
        self.planted = tuple(files)

    def open_file(self, path: str) -> FileReader | Absent | Unseen:
        if path in self._opened and path in self._then:
            return self._then[path]
        self._opened.add(path)
        return super().open_file(path)


def bundled(
    tmp_path: Path, machine: Turning, limits: Limits | None = None
) -> tuple[Manifest, dict[str, bytes], list[LeftOut]]:
    files = [str(path) for path in machine.planted]
    specs = [LogSpec(id=f"log-{path[1:2]}", title=Text("ログ", "Log"), files=path) for path in files]
    plan = make_plan(FakeContext(machine, now=NOW), specs, limits)
    redactor = Redactor(NAMES, Pseudonyms(b"k" * 32, NAMES.domains, NAMES.keep_hosts))
    logs = LogMembers(plan, machine, redactor, redactor.redact_text)
    target = tmp_path / "t.zip"
    with BundleWriter.create(target, collected=NOW) as writer:
        refused = list(logs.write(writer, lambda done, total: None))
        empty = Manifest(tool_version="1", rules_digest="d", created=NOW, run_id="r", language="en")
        manifest = writer.finish(empty, Search.of_values(()))
    with zipfile.ZipFile(target) as opened:
        members = {name: opened.read(name) for name in opened.namelist() if name != "manifest.json"}
    assert all(line.startswith("Log: ") for line in logs.attached(Language.EN))
    return manifest, members, refused


def test_a_log_is_redacted_and_described(tmp_path: Path) -> None:
    manifest, members, refused = bundled(tmp_path, Turning({"/a.log": LINE * 3}))
    assert refused == []
    (member,) = manifest.members
    assert member.name == "logs/a.log"
    assert member.source_size == len(LINE) * 3
    assert member.redactions == {"host": 3}
    assert member.truncation is None
    assert b"SAKURA" not in members["logs/a.log"]
    assert members["logs/a.log"].count(b"14.0.0.12345") == 3


def test_beginning_and_end_of_a_large_log_are_counted(tmp_path: Path) -> None:
    data = b"".join(b"2026-11-20 10:00:00 line %07d\n" % number for number in range(20_000))
    manifest, members, _ = bundled(tmp_path, Turning({"/a.log": data}), limits=Limits(per_file=300_000))
    found = manifest.members[0].truncation
    assert isinstance(found, Truncation)
    assert found.head > 0
    assert found.tail > found.head
    assert found.window == 0
    assert found.head + found.tail + found.left_out == len(data)
    assert members["logs/a.log"].startswith(data[:40])
    assert members["logs/a.log"].endswith(data[-40:])


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (Absent("/b.log"), LeftOutReason.VANISHED),
        (Unseen(Reason.DENIED, "/b.log"), LeftOutReason.DENIED),
        (Unseen(Reason.NOT_A_FILE, "/b.log"), LeftOutReason.NOT_A_FILE),
        (Unseen(Reason.FAILED, "/b.log"), LeftOutReason.UNREADABLE),
    ],
)
def test_a_file_that_changes_its_mind_is_left_out(
    tmp_path: Path, problem: Absent | Unseen, reason: LeftOutReason
) -> None:
    machine = Turning({"/a.log": LINE, "/b.log": LINE}, {"/b.log": problem})
    manifest, _, refused = bundled(tmp_path, machine)
    assert [member.name for member in manifest.members] == ["logs/a.log"]
    assert [(one.path, one.reason) for one in refused] == [("/b.log", reason)]


def test_a_locked_file_and_one_that_is_no_text_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diagnose.bundle.collect.PAUSES_S", ())
    locked = LockedFile(Reason.DENIED, "/b.log", "used by another process")
    machine = Turning({"/a.log": LINE, "/b.log": locked, "/c.log": bytes(range(256)) * 64})
    manifest, _, refused = bundled(tmp_path, machine)
    assert [member.name for member in manifest.members] == ["logs/a.log"]
    assert {one.path: one.reason for one in refused} == {
        "/b.log": LeftOutReason.LOCKED,
        "/c.log": LeftOutReason.NOT_TEXT,
    }


def test_what_fails_while_it_is_redacted_does_not_leave_and_is_not_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_: object) -> Iterator[bytes]:
        yield b"half of it"
        raise ValueError("SAKURA-PC-7")

    monkeypatch.setattr("diagnose.bundle.logs.RedactedStream.pieces", lambda stream, read_out: failing(stream))
    manifest, members, refused = bundled(tmp_path, Turning({"/a.log": LINE}))
    assert manifest.members == ()
    assert members == {}
    assert refused == [LeftOut(path="/a.log", reason=LeftOutReason.REDACTION_FAILED, detail="ValueError")]
