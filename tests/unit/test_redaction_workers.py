from __future__ import annotations

import io
import random
from collections.abc import Iterator
from contextlib import closing

import msgspec
import pytest

from diagnose.redaction import workers as module
from diagnose.redaction.engine import Redactor
from diagnose.redaction.names import Names
from diagnose.redaction.page import Originals
from diagnose.redaction.stream import NotTextError, redact_stream
from diagnose.redaction.tokens import Pseudonyms
from diagnose.redaction.worker import Done, Part, Task, receive, send, serve
from diagnose.redaction.workers import WorkerError, Workers, workers_for

NAMES = Names(users=frozenset({"山田太郎"}), hosts=frozenset({"PC-TYO-7"}), domains=frozenset({"corp.example.co.jp"}))
KEY = b"k" * 32
PIECE = 4096


def log() -> bytes:
    rng = random.Random(7)
    lines = [
        f"{number:06} PC-TYO-7.corp.example.co.jp 10.1.{rng.randrange(9)}.{rng.randrange(250)} "
        rf"C:\Users\user{rng.randrange(300)}\AppData password=geheim{number} 山田太郎"
        for number in range(600)
    ]
    # Longer than a piece, without a line end: it is cut in this process.
    lines[300:300] = [" ".join(f"10.9.{number % 250}.7" for number in range(3000))]
    return "\n".join(lines).encode()


def redacted(data: bytes, workers: Workers | None) -> tuple[bytes, Redactor]:
    redactor = Redactor(NAMES, Pseudonyms(KEY))
    chunks = [data[at : at + 1000] for at in range(0, len(data), 1000)]
    out = b"".join(redact_stream(chunks, redactor, workers=workers, piece=PIECE, hold=1024))
    return out, redactor


def assert_same_as_alone(workers: Workers) -> None:
    data = log()
    alone, expected = redacted(data, None)
    made, redactor = redacted(data, workers)
    assert made == alone
    assert dict(redactor.counts) == dict(expected.counts)
    assert dict(redactor.originals) == dict(expected.originals)
    assert b"geheim" not in made


def test_several_processes_make_the_bytes_and_the_notes_of_one() -> None:
    with Workers(Task(NAMES, KEY), 2) as workers:
        assert_same_as_alone(workers)


@pytest.mark.parametrize(
    "program", ["import sys; sys.exit(1)", "import sys; sys.stdin.buffer.read(9)", "print('hello' * 9)"]
)
def test_what_a_lost_worker_leaves_is_redacted_here(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    monkeypatch.setattr(module, "_START", program)
    with Workers(Task(NAMES, KEY), 2) as workers:
        assert_same_as_alone(workers)


def test_no_process_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    with Workers(Task(NAMES, KEY), 2) as workers:
        assert_same_as_alone(workers)


def test_a_text_that_turns_out_binary_loses_no_name_that_its_parts_taught() -> None:
    def chunks() -> Iterator[bytes]:
        for number in range(100):
            yield f"C:\\Users\\taro{number:03}\\x ".encode() + b"." * 1000 + b"\n"
        yield bytes(range(1, 9)) * 4000

    redactor = Redactor(NAMES, Pseudonyms(KEY))
    with Workers(Task(NAMES, KEY), 2) as workers, pytest.raises(NotTextError):
        for _ in redact_stream(chunks(), redactor, workers=workers, piece=PIECE):
            pass
    assert {"taro000", "taro050"} <= set(redactor.originals.values())


def test_a_text_that_nobody_reads_on_loses_no_name() -> None:
    redactor = Redactor(NAMES, Pseudonyms(KEY))
    data = [f"C:\\Users\\taro{number:03}\\x ".encode() + b"." * 1000 + b"\n" for number in range(100)]
    with Workers(Task(NAMES, KEY), 2) as workers:
        with closing(redact_stream(data, redactor, workers=workers, piece=PIECE)) as parts:
            first = next(parts)
        token = next(token for token, name in redactor.originals.items() if name == "taro000")
        assert token.encode() in first


def test_an_error_in_a_worker_is_told_by_its_kind_and_nothing_is_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> bytes:
        raise ValueError("SAKURA-PC-7")

    monkeypatch.setattr(Redactor, "redact_part", failing)
    requests, answers = io.BytesIO(), io.BytesIO()
    text = b"SAKURA-PC-7\n"
    send(requests, msgspec.msgpack.encode(Task(NAMES, KEY)), msgspec.msgpack.encode(Part(0, len(text))), text)
    requests.seek(0)
    serve(requests, answers)
    assert b"SAKURA" not in answers.getvalue()
    answers.seek(0)
    done = msgspec.msgpack.decode(receive(answers), type=Done)
    assert (done.error, receive(answers)) == ("ValueError", b"")


def test_an_error_in_a_worker_ends_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = (
        "import json, sys; sys.path[:] = json.loads(sys.argv[1])\n"
        "from diagnose.redaction import engine, worker\n"
        "engine.Redactor.redact_part = None\n"
        "worker.main()"
    )
    monkeypatch.setattr(module, "_START", broken)
    with Workers(Task(NAMES, KEY), 2) as workers, pytest.raises(WorkerError, match="TypeError"):
        redacted(log(), workers)


@pytest.mark.parametrize("requests", [b"", b"\x05", b"\xff" * 8 + b"x", b"\x03\0\0\0\0\0\0\0abc", b"\0" * 64])
def test_requests_that_are_none_end_a_worker_quietly(requests: bytes) -> None:
    answers = io.BytesIO()
    serve(io.BytesIO(requests), answers)
    assert answers.getvalue() == b""


def test_processes_are_started_for_much_text_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(8)), raising=False)
    with workers_for(NAMES, KEY, 1_000_000) as workers:
        assert workers is None
    with workers_for(NAMES, KEY, 100_000_000) as workers:
        assert workers is not None
    with workers_for(Names(users=frozenset({"half\ud800"})), KEY, 100_000_000) as workers:
        assert workers is None


@pytest.mark.parametrize("spellings", [("pc-1", "PC-1"), ("PC-1", "pc-1")])
def test_which_spelling_of_an_original_is_kept_does_not_depend_on_who_came_first(spellings: tuple[str, ...]) -> None:
    originals = Originals()
    for value in spellings:
        originals.add("host-a", value)
    assert originals == {"host-a": "PC-1"}
