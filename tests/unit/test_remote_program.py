"""What is put on a host: the file, what carries out the order there, and what watches over it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from diagnose.bundle.verify import verify
from diagnose.commands import remote_target
from diagnose.errors import InputError
from diagnose.remote import supervisor
from diagnose.remote.order import About, BundleOrder, Order
from diagnose.remote.outcomes import Reason, State
from diagnose.remote.program import LARGEST, MANIFEST, Kind, can_save_program, open_program, save_program
from diagnose.run.result import Outcome
from diagnose.run.store import open_result
from diagnose.text import Language
from tests.unit.command_line import write_machine, write_rules
from tests.unit.remote_hosts import Hosts, make_hosts, small_program, small_windows_program

pytestmark = pytest.mark.skipif(not can_save_program(), reason="this Python cannot be put on another computer")


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("program") / "program.zip"
    save_program(path)
    return path


@pytest.fixture
def hosts(tmp_path: Path, real: Path) -> Iterator[Hosts]:
    yield replace(make_hosts(tmp_path), programs=(open_program(real),))


def order(tmp_path: Path, **changes: Any) -> Order:
    """`demo/update` on its recorded PC, with rules that travel along."""
    rules = write_rules(tmp_path / "rules")
    files = {path.relative_to(rules).as_posix(): path.read_text(encoding="utf-8") for path in rules.rglob("*.yaml")}
    plain: dict[str, Any] = {
        "id": "",
        "target": "demo/update",
        "language": Language.JA,
        "answers": {},
        "machine": str(write_machine(tmp_path / "machine")),
        "rules": (files,),
        "timeout_s": 30.0,
    }
    return Order(**{**plain, **changes})


def test_our_own_program_runs_without_anything_of_the_host(hosts: Hosts, tmp_path: Path) -> None:
    plan = hosts.plan("pc-1", order=order(tmp_path, bundle=BundleOrder()))
    (record,) = hosts.run(plan).hosts
    assert (record.state, record.detail, record.left) == (State.DONE, "", "")
    assert record.verdict is not None
    assert record.verdict.outcome is Outcome.FAIL
    result = open_result(hosts.output / "pc-1")
    assert (result.machine.hostname, result.product.id, result.run.language) == ("経理-01", "demo", "ja")
    assert record.bundle is not None, record.bundle_problem
    assert verify(hosts.output / "pc-1" / record.bundle).ok
    assert hosts.left_on("pc-1") == []


def test_an_order_that_cannot_be_carried_out_is_refused_in_one_line(hosts: Hosts, tmp_path: Path) -> None:
    (record,) = hosts.run(hosts.plan("pc-1", order=order(tmp_path, target="demo/nothing"))).hosts
    assert (record.state, record.reason) == (State.TOOL_FAILED, Reason.REFUSED_ORDER)
    assert "nothing" in record.detail
    assert "\n" not in record.detail


def test_what_no_system_takes_as_a_name_stays_there(tmp_path: Path) -> None:
    run = tmp_path / "run"
    (run / "machine" / "files").mkdir(parents=True)
    (run / "result.json").write_text("{}")
    for name in ("a.txt", "A.TXT", "con", "b:c", "end.", "x" * 230):
        (run / "machine" / "files" / name).write_text(name)
    (run / "machine" / "link").symlink_to("/etc/passwd")
    remote_target._pack(tmp_path, About(order="x", exit_code=0), run)
    with zipfile.ZipFile(tmp_path / "answer.zip") as archive:
        assert archive.namelist() == ["about.json", "result.json", "machine/files/A.TXT"]
        assert json.loads(archive.read("about.json"))["left_out"] == 6


def test_a_program_says_where_it_runs(real: Path) -> None:
    program = open_program(real)
    assert program.kind is Kind.POSIX
    assert program.fits(sys.platform, os.uname().machine, sys.version_info[:2])
    assert not program.fits(sys.platform, os.uname().machine, (3, 8))
    assert not program.fits("darwin", "arm64", sys.version_info[:2])
    with zipfile.ZipFile(real) as archive:
        names = archive.namelist()
    assert not [name for name in names if name.endswith(".py") or "textual" in name or "/tui/" in name]
    assert {"diagnose/_data/rules/machine/product.yaml", "diagnose/_data/report_templates/report.css"} <= set(names)


def test_what_is_no_program_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.zip"

    def refused(data: bytes) -> str:
        file.write_bytes(data)
        with pytest.raises(InputError) as error:
            open_program(file)
        return error.value.problems[0].message.id

    assert refused(b"") == refused(b"PK\x03\x04") == "program-not-one"
    for manifest in (b"{}", b"[" * 9000, b"\xff", b"x" * 20_000):
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(MANIFEST, manifest)
        assert refused(file.read_bytes()) == "program-not-one"
    os.truncate(file, LARGEST + 1)
    with pytest.raises(InputError):
        open_program(file)
    assert open_program(small_windows_program(tmp_path)).kind is Kind.WINDOWS


def test_a_host_with_another_python_needs_another_program(tmp_path: Path) -> None:
    made = make_hosts(tmp_path)
    other = open_program(small_program(tmp_path, python=(3, 99)))
    # Our own fits, so it is taken in place of the one that does not.
    (record,) = made.run(replace(made.plan("pc-1", order=order(tmp_path)), programs=(other,))).hosts
    assert record.state is State.DONE
    assert "python3.99" in made.calls("pc-1")[0][-1]


class Talk:
    """A supervisor on this computer, and our end of its connection."""

    def __init__(self, folder: Path) -> None:
        source = (Path(supervisor.__file__)).read_bytes()
        code = f"import sys;exec(sys.stdin.buffer.read({len(source)}))"
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", code, "mark"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "TMPDIR": str(folder)},
        )
        self.send(source)

    def send(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def frame(self) -> tuple[str, Any]:
        assert self.process.stdout is not None
        _, kind, size = self.process.stdout.readline().split()
        data = self.process.stdout.read(int(size))
        return kind.decode(), data if kind == b"answer" else json.loads(data)

    def order(self, program: Path, sha256: str | None = None, act: str = "hang", room: int = 0) -> None:
        data = json.dumps({"id": "x", "answers": {"act": act}}).encode()
        wanted = {
            "order": len(data),
            "program": program.stat().st_size,
            "sha256": sha256 or open_program(program).sha256,
            "room": room,
            "deadline_s": 0.5 if act == "hang" else 30,
        }
        self.send(json.dumps(wanted).encode() + b"\n" + data + program.read_bytes())

    def end(self) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(20)


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    (tmp_path / "tmp").mkdir()
    opened = Talk(tmp_path / "tmp")
    yield opened
    opened.process.kill()
    opened.end()


def _left(tmp_path: Path) -> list[str]:
    return [path.name for path in (tmp_path / "tmp").iterdir()]


def test_a_supervisor_ends_what_is_late_and_removes_it(talk: Talk, tmp_path: Path) -> None:
    assert talk.frame()[0] == "hello"
    talk.order(small_program(tmp_path))
    kinds = [talk.frame() for _ in range(3)]
    assert [kind for kind, _ in kinds] == ["folder", "started", "done"]
    assert kinds[0][1]["folder"].startswith(str(tmp_path / "tmp" / supervisor.PREFIX))
    assert (kinds[2][1]["problem"], kinds[2][1]["removed"]) == ("late", True)
    assert _left(tmp_path) == []


@pytest.mark.parametrize("way", ["input", "SIGTERM", "SIGHUP"])
def test_a_supervisor_removes_everything_when_nobody_waits(talk: Talk, tmp_path: Path, way: str) -> None:
    talk.frame()
    program = small_program(tmp_path)
    data = json.dumps({"order": 2, "program": program.stat().st_size, "sha256": "", "room": 0, "deadline_s": 9})
    talk.send(data.encode() + b"\n{}PK")
    assert talk.frame()[0] == "folder"
    assert len(_left(tmp_path)) == 1
    if way == "input":
        assert talk.process.stdin is not None
        talk.process.stdin.close()
    else:
        talk.process.send_signal(getattr(signal, way))
    kind, done = talk.frame()
    assert (kind, done["removed"]) == ("done", True)
    assert done["problem"] == ("gone" if way == "input" else "stopped")
    assert _left(tmp_path) == []


def test_a_supervisor_takes_no_program_but_the_one_that_was_announced(talk: Talk, tmp_path: Path) -> None:
    talk.frame()
    talk.order(small_program(tmp_path), sha256="0" * 64)
    talk.frame()
    assert talk.frame()[1]["problem"] == "damaged"
    assert _left(tmp_path) == []


def test_a_supervisor_asks_for_room_first(tmp_path: Path) -> None:
    parents = [tmp_path, tmp_path / "not-there"]
    with pytest.raises(supervisor.Problem) as raised:
        supervisor.own_folder(1 << 62, parents)
    assert raised.value.code == "no-space"
    with pytest.raises(supervisor.Problem) as raised:
        supervisor.own_folder(1, parents[1:])
    assert raised.value.code == "no-folder"
    made = supervisor.own_folder(1, parents[::-1])
    assert made.parent == tmp_path
    assert made.stat().st_mode & 0o077 == 0


def test_what_a_program_has_started_ends_with_it(talk: Talk, tmp_path: Path) -> None:
    talk.frame()
    talk.order(small_program(tmp_path))
    while talk.frame()[0] != "done":
        pass
    deadline = time.monotonic() + 5
    while (found := _sleepers(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert found == []


def _sleepers(tmp_path: Path) -> list[str]:
    """Processes that began in the folder."""
    if sys.platform != "linux":
        return []
    found = []
    for process in Path("/proc").glob("[0-9]*/cwd"):
        try:
            found.append(str(process.readlink()))
        except OSError:
            continue
    return [place for place in found if place.startswith(str(tmp_path / "tmp"))]
