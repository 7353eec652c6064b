from __future__ import annotations

import stat
from pathlib import Path

import pytest

from diagnose.errors import InputError
from diagnose.machine.recorded import RecordedMachine
from diagnose.machine.recorder import Recorder
from diagnose.machine.values import System
from diagnose.report.json_format import render_json
from diagnose.run.result import RunResult
from diagnose.run.store import MACHINE, REPORT, RESULT, RunFolder, clear_recording, open_result, saved_run
from diagnose.text import Language
from tests.unit.fake_machine import FakeMachine
from tests.unit.small_rules import play, three_steps


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    return play(three_steps(tmp_path_factory.mktemp("rules")))[0]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_run_folder_is_made_with_its_parents_for_its_owner_only(tmp_path: Path, result: RunResult) -> None:
    folder = RunFolder.create(tmp_path / "支店" / "run")
    assert mode(folder.path) == 0o700
    assert list(folder.path.iterdir()) == [], "the probe for writing is gone"
    folder.save_result(result)
    folder.save_report(result, Language.JA)
    recorder = Recorder(FakeMachine(system=System(hostname="経理-01")))
    recorder.system()
    folder.save_machine(recorder)
    assert {path.name for path in folder.path.iterdir()} == {RESULT, REPORT, MACHINE}
    assert {mode(folder.path / name) for name in (RESULT, REPORT)} == {0o600}
    assert mode(folder.path / MACHINE) == 0o700
    assert open_result(folder.path) == open_result(folder.path / RESULT) == result
    assert 'lang="ja"' in (folder.path / REPORT).read_text(encoding="utf-8")
    assert RecordedMachine.open(folder.path / MACHINE).system().hostname == "経理-01"


def test_a_folder_that_cannot_be_made_or_written_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    for path in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / ("長" * 300), Path("/proc/diagnose")):
        with pytest.raises(InputError) as caught:
            RunFolder.create(path)
        assert caught.value.problems[0].message.id in {"folder-unwritable", "file-unreadable"}
    assert (tmp_path / "file").read_bytes() == b"x"


def test_an_earlier_recording_is_replaced_and_everything_else_is_left_alone(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run")
    recorder = Recorder(FakeMachine())
    recorder.system()
    folder.save_machine(recorder)
    RunFolder.create(tmp_path / "run")
    assert not any((tmp_path / "run" / MACHINE).iterdir())
    (tmp_path / "empty").mkdir()
    clear_recording(tmp_path / "empty")
    assert (tmp_path / "empty").is_dir()


@pytest.mark.parametrize(
    "content",
    [
        "platform: windows\n",
        "notes on a recording\n",
        "[recording]\n",
        "",
        "42",
        "[" * 100,
        "recording: {}\nrecording: {}",
    ],
)
def test_a_folder_that_is_not_our_recording_is_never_removed(tmp_path: Path, content: str) -> None:
    folder = tmp_path / MACHINE
    folder.mkdir()
    (folder / "machine.yaml").write_text(content, encoding="utf-8")
    (folder / "大切.txt").write_bytes(b"x")
    with pytest.raises(InputError):
        RunFolder.create(tmp_path)
    assert (folder / "大切.txt").read_bytes() == b"x"
    assert (folder / "machine.yaml").read_text(encoding="utf-8") == content


def test_notes_beside_a_recording_of_ours_keep_it_from_being_replaced(tmp_path: Path) -> None:
    RunFolder.create(tmp_path).save_machine(Recorder(FakeMachine(system=System(hostname="経理"))))
    before = (tmp_path / MACHINE / "machine.yaml").read_bytes()
    (tmp_path / MACHINE / "覚書").mkdir()
    with pytest.raises(InputError):
        RunFolder.create(tmp_path)
    assert (tmp_path / MACHINE / "machine.yaml").read_bytes() == before


def test_a_file_where_the_recording_should_go_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / MACHINE).write_bytes(b"x")
    with pytest.raises(InputError):
        RunFolder.create(tmp_path)
    assert (tmp_path / MACHINE).read_bytes() == b"x"


@pytest.mark.parametrize(
    ("data", "id_"),
    [
        (b"", "result-not-json"),
        (b'{"schema": "diagnose.result/1"', "result-not-json"),
        (b'{"schema": "diagnose.result/9"}', "result-other-schema"),
        (b'{"a": 1}', "result-no-schema"),
        (b"[]", "result-no-schema"),
        (b'{"schema": "diagnose.result/1"}', "result-invalid"),
        ("結果".encode("cp932"), "result-not-json"),
    ],
)
def test_a_file_that_is_no_result_is_an_input_error(tmp_path: Path, data: bytes, id_: str) -> None:
    (tmp_path / RESULT).write_bytes(data)
    with pytest.raises(InputError) as caught:
        open_result(tmp_path)
    assert caught.value.problems[0].message.id == id_


def test_a_result_cut_short_at_any_byte_is_an_input_error(tmp_path: Path, result: RunResult) -> None:
    data = render_json(result)
    for length in range(0, len(data) - 2, 97):
        (tmp_path / RESULT).write_bytes(data[:length])
        with pytest.raises(InputError):
            open_result(tmp_path)


def test_a_saved_run_is_named_by_its_folder_or_its_result_and_has_a_recording(
    tmp_path: Path, result: RunResult
) -> None:
    folder = RunFolder.create(tmp_path / "run")
    folder.save_result(result)
    for name in (folder.path, folder.path / RESULT):
        with pytest.raises(InputError) as caught:
            saved_run(name)
        assert caught.value.problems[0].message.id == "no-recording"
    folder.save_machine(Recorder(FakeMachine()))
    saved = saved_run(folder.path)
    assert saved == saved_run(folder.path / RESULT)
    assert saved.result == result
    assert saved.recording == folder.path / MACHINE


def test_a_missing_result_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        open_result(tmp_path)
    assert str(caught.value.problems[0].place) == str(tmp_path / RESULT)
