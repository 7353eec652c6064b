from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from diagnose.machine.recorder import Recorder
from diagnose.machine.values import (
    ClockOffset,
    CommandResult,
    HttpAnswer,
    Process,
    Reason,
    RegistryKey,
    Service,
    System,
    Unseen,
    Via,
    View,
)
from tests.unit.fake_machine import FakeMachine
from tests.unit.full_machine import NOW, QUESTIONS, Ask, answers, full_machine, replay


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(sorted(QUESTIONS)), max_size=30), st.booleans())
def test_a_replay_answers_exactly_what_the_run_saw(names: list[str], silent: bool) -> None:
    recorder = Recorder(FakeMachine(system=System(), now=NOW) if silent else full_machine())
    given_answers = answers(recorder, names)
    with TemporaryDirectory() as folder:
        replayed = replay(recorder, Path(folder))
        assert answers(replayed, names) == given_answers
        second = Recorder(replayed)
        assert answers(second, names) == given_answers
        with TemporaryDirectory() as again:
            assert answers(replay(second, Path(again)), names) == given_answers


def test_every_question_is_replayed_whole(tmp_path: Path) -> None:
    recorder = Recorder(full_machine())
    names = list(QUESTIONS)
    given_answers = answers(recorder, names)
    replayed = answers(replay(recorder, tmp_path), names)
    for name in names:
        assert replayed[name] == given_answers[name], name


def test_what_was_not_asked_is_not_recorded(tmp_path: Path) -> None:
    machine = replay(Recorder(full_machine()), tmp_path)
    for name, ask in QUESTIONS.items():
        if name in {"now", "system", "relative", "climbing"}:
            continue
        answer = ask(machine)
        assert isinstance(answer, Unseen), name
        assert answer.reason is Reason.NOT_RECORDED, name


def test_a_subkey_that_nobody_read_is_listed_but_not_absent(tmp_path: Path) -> None:
    recorder = Recorder(full_machine())
    recorder.registry_key(r"HKLM\SOFTWARE")
    recorder.registry_key(r"HKLM\SOFTWARE\Microsoft\Windows")
    machine = replay(recorder, tmp_path)
    software = machine.registry_key(r"HKLM\SOFTWARE")
    assert isinstance(software, RegistryKey)
    assert software.subkeys == ("Microsoft", "WOW6432Node", "zeta")
    headers = (tmp_path / "registry" / "HKLM.reg").read_text("utf-16").count("[")
    assert headers == 4
    zeta = machine.registry_key(r"HKLM\SOFTWARE\zeta")
    assert isinstance(zeta, Unseen)
    assert zeta.reason is Reason.NOT_RECORDED


def test_the_first_answer_is_served_again() -> None:
    class Moving(FakeMachine):
        def now(self) -> datetime:
            self.calls.append(("now",))
            return NOW + timedelta(seconds=len(self.calls))

    machine = Moving(services=[])
    recorder = Recorder(machine)
    assert recorder.now() == recorder.now()
    recorder.services()
    recorder.services()
    assert machine.calls.count(("services",)) == 1


def test_threads_that_ask_at_once_get_the_same_answer() -> None:
    barrier = threading.Barrier(4)
    numbers = iter(range(100))

    class Racing(FakeMachine):
        def hotfixes(self) -> tuple[str, ...]:
            barrier.wait()
            return (f"KB{next(numbers)}",)

    recorder = Recorder(Racing())
    results: list[object] = []
    threads = [threading.Thread(target=lambda: results.append(recorder.hotfixes())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert len(set(results)) == 1


def test_writing_while_others_ask_never_leaves_a_broken_recording(tmp_path: Path) -> None:
    machine = full_machine()
    recorder = Recorder(machine)
    done = threading.Event()
    failures: list[BaseException] = []

    def ask_all() -> None:
        try:
            for ask in QUESTIONS.values():
                ask(recorder)
        except BaseException as error:
            failures.append(error)
        finally:
            done.set()

    thread = threading.Thread(target=ask_all)
    thread.start()
    while not done.is_set():
        replay(recorder, tmp_path)
    thread.join()
    assert not failures
    assert answers(replay(recorder, tmp_path), list(QUESTIONS)) == answers(recorder, list(QUESTIONS))


def test_writing_twice_changes_nothing(tmp_path: Path) -> None:
    recorder = Recorder(full_machine())
    answers(recorder, list(QUESTIONS))

    def contents() -> dict[Path, tuple[bytes, int]]:
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}

    recorder.write(tmp_path)
    first = contents()
    recorder.write(tmp_path)
    assert contents() == first
    other = Recorder(full_machine())
    answers(other, list(QUESTIONS))
    other.write(tmp_path)
    assert {path: data for path, (data, _) in contents().items()} == {path: data for path, (data, _) in first.items()}


def test_no_password_of_a_proxy_is_kept(tmp_path: Path) -> None:
    recorder = Recorder(full_machine())
    recorder.proxies()
    recorder.write(tmp_path)
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert "秘密".encode() not in written
    assert b"u:p@" not in written
    assert b"proxy.example.co.jp:8080" in written


def test_a_32_bit_windows_has_one_view(tmp_path: Path) -> None:
    fake = FakeMachine(system=System(architecture="x86"), registry={r"HKLM\SOFTWARE\TrendMicro": {"a": "b"}})
    recorder = Recorder(fake)
    found = recorder.registry_key(r"HKLM\SOFTWARE\TrendMicro", View.BITS_32)
    assert isinstance(found, RegistryKey)
    assert replay(recorder, tmp_path).registry_key(r"HKLM\SOFTWARE\TrendMicro", View.BITS_32) == found


def test_words_outside_of_the_vocabulary_become_unknown(tmp_path: Path) -> None:
    fake = FakeMachine(
        system=System(architecture="riscv64", hostname="a\udcffb"), services=[Service("x", "continue_pending", "boot")]
    )
    recorder = Recorder(fake)
    recorder.services()
    machine = replay(recorder, tmp_path)
    assert machine.services() == recorder.services() == (Service("x", "unknown", "unknown"),)
    assert machine.system() == replace(recorder.system(), hostname="a\ufffdb")
    assert machine.system().architecture is None


def test_an_infinite_clock_offset_is_malformed(tmp_path: Path) -> None:
    recorder = Recorder(FakeMachine(clock=ClockOffset(float("nan"))))
    offset = recorder.clock_offset()
    assert isinstance(offset, Unseen)
    assert replay(recorder, tmp_path).clock_offset() == offset


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=40), st.binary(max_size=20))
@example("1e3", b"\xff")
@example("0o17", b"")
@example("one\n two\nthree", b"")
def test_any_text_survives(text: str, data: bytes) -> None:
    fake = FakeMachine(
        system=System(hostname=text),
        registry={r"HKLM\SOFTWARE\A": {text: text.replace("\0", ""), "b": data}},
        files={r"C:\a.bin": data},
        processes=[Process(text)],
        commands={("x", text): CommandResult((), 1, text.encode(), data)},
        http=[HttpAnswer("http://a/", Via.DIRECT, 200, text, 1, text)],
    )
    recorder = Recorder(fake)
    asks: list[Ask] = [
        lambda m: m.system(),
        lambda m: m.registry_key(r"HKLM\SOFTWARE\A"),
        lambda m: m.read_file(r"C:\a.bin"),
        lambda m: m.processes(),
        lambda m: m.run(["x", text]),
        lambda m: m.fetch("http://a/"),
    ]
    given_answers = [ask(recorder) for ask in asks]
    with TemporaryDirectory() as folder:
        replayed = replay(recorder, Path(folder))
        assert [ask(replayed) for ask in asks] == given_answers


def test_a_disk_that_says_no_leaves_nothing_half_written(tmp_path: Path) -> None:
    (tmp_path / "machine.yaml" / "in the way").mkdir(parents=True)
    with pytest.raises(OSError, match=r"machine\.yaml"):
        Recorder(full_machine()).write(tmp_path)
    assert not list(tmp_path.glob(".writing-*"))
