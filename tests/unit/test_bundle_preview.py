"""The newest lines of a log beside what leaves of them: the same as the whole file gives, whatever its encoding."""

from __future__ import annotations

import codecs
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.bundle.preview import LINES, MOST_BYTES, PreviewLine, newest_lines
from diagnose.errors import InputError
from diagnose.machine.file_reader import FileReader, LockedFile
from diagnose.machine.values import Absent, FileInfo, Platform, Reason, Unseen
from diagnose.redaction.engine import Redactor
from diagnose.redaction.names import Names
from diagnose.redaction.stream import redact_stream
from diagnose.redaction.tokens import Pseudonyms
from diagnose.text import Language
from tests.unit.fake_machine import BytesReader, FakeMachine

NAMES = Names(hosts=frozenset({"SAKURA-PC-7"}), users=frozenset({"山下太郎"}))
LOG = "/a.log"
KEY = ["-----BEGIN PRIVATE KEY-----", *["MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"] * 6, "-----END PRIVATE KEY-----"]


def redactor() -> Redactor:
    return Redactor(NAMES, Pseudonyms(b"k" * 32))


class OneFile(FakeMachine):
    def __init__(self, reader: BytesReader) -> None:
        super().__init__(platform=Platform.LINUX)
        self.reader = reader

    def open_file(self, path: str) -> FileReader | Absent | Unseen:
        return self.reader


def machine(files: Mapping[str, bytes | Unseen | FileInfo]) -> FakeMachine:
    return FakeMachine(files=files, platform=Platform.LINUX)


def shown(data: bytes, count: int = LINES) -> list[tuple[str, str]]:
    lines = newest_lines(machine({LOG: data}), LOG, redactor(), count)
    return [(line.before, line.after) for line in lines]


def leaving(data: bytes) -> list[str]:
    """The lines that a bundle would hold."""
    return b"".join(redact_stream([data], redactor())).decode().splitlines()


def refused(reader: BytesReader | Unseen | bytes | None) -> str:
    given = OneFile(reader) if isinstance(reader, BytesReader) else machine({} if reader is None else {LOG: reader})
    with pytest.raises(InputError) as told:
        newest_lines(given, LOG, redactor(), LINES)
    (problem,) = told.value.problems
    assert str(problem.place) == LOG
    assert problem.message.in_language(Language.JA) != problem.message.in_language(Language.EN)
    return problem.message.id


def test_lines_stand_beside_what_leaves_of_them() -> None:
    (line, plain) = newest_lines(machine({LOG: b"on SAKURA-PC-7\r\nversion 14.0.0.12345"}), LOG, redactor(), 2)
    assert line.before == "on SAKURA-PC-7"
    assert line.after.startswith("on host-")
    assert plain == PreviewLine("version 14.0.0.12345", "version 14.0.0.12345")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16-le", "utf-16-be", "utf-16"])
@pytest.mark.parametrize("count", [30, 30_000])
def test_any_encoding_is_read_from_the_end_of_small_and_large_files(encoding: str, count: int) -> None:
    text = "".join(f"2026/11/20 {number:06} 山下太郎 が SAKURA-PC-7 で開始\r\n" for number in range(count))
    data = text.encode(encoding)
    assert (len(data) > MOST_BYTES) is (count > 30)
    pairs = shown(data, 12)
    assert [before for before, _ in pairs] == text.splitlines()[-12:]
    assert [after for _, after in pairs] == leaving(data)[-12:]
    assert not any("山下" in after or "SAKURA" in after for _, after in pairs)


@pytest.mark.parametrize("bom", [b"", codecs.BOM_UTF16_LE])
def test_the_end_of_a_large_file_is_read_and_little_else(bom: bytes) -> None:
    data = bom + "".join(f"2026/11/20 line {number}\n" for number in range(400_000)).encode(
        "utf-16-le" if bom else "utf-8"
    )
    reader = BytesReader(LOG, data)
    lines = newest_lines(OneFile(reader), LOG, redactor(), 3)
    assert [line.before for line in lines] == [f"2026/11/20 line {number}" for number in (399_997, 399_998, 399_999)]
    assert sum(count for _, count in reader.reads) <= MOST_BYTES + 65_536
    assert reader.closed


def test_lines_of_two_encodings_are_each_read_in_its_own() -> None:
    data = "山下太郎\n".encode() * 20_000 + "山下太郎 接続\n".encode("cp932") * 3
    assert [before for before, _ in shown(data, 4)] == ["山下太郎", *["山下太郎 接続"] * 3]


def test_a_value_of_several_lines_keeps_the_lines_around_it_side_by_side() -> None:
    data = "\n".join(["a SAKURA-PC-7", *KEY, "b SAKURA-PC-7", ""]).encode()
    pairs = shown(data)
    assert [before for before, _ in pairs] == data.decode().splitlines()
    assert [after for _, after in pairs if after] == leaving(data)
    assert pairs[-1][1].startswith("b host-")
    # Cut in the middle of the key, it is still one.
    assert shown(data, 4) == pairs[-4:]
    assert not any("MIIE" in after for _, after in shown(data, 4))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(["x", "", "on SAKURA-PC-7", "user=山下太郎 10.1.2.3", *KEY, "hex:41,\\", "  42"]), max_size=30
    ),
    st.integers(0, 12),
)
def test_what_is_shown_is_the_end_of_what_leaves(lines: list[str], count: int) -> None:
    data = "\n".join([*lines, ""]).encode()
    every = shown(data, 1000)
    assert [before for before, _ in every if before] == [line for line in lines if line]
    assert [after for _, after in every if after] == [line for line in leaving(data) if line]
    assert shown(data, count) == (every[-count:] if count else [])


def test_an_empty_file_has_no_lines() -> None:
    assert shown(b"") == []


def test_a_recorded_end_of_a_file_is_shown_from_its_first_whole_line() -> None:
    reader = BytesReader(LOG, b"half\nwhole SAKURA-PC-7\n")
    reader.size, reader.held = 1_000, (977, 1_000)
    reader.data = bytes(977) + reader.data
    (line,) = newest_lines(OneFile(reader), LOG, redactor(), 5)
    assert line.before == "whole SAKURA-PC-7"
    nothing = BytesReader(LOG, b"")
    nothing.size, nothing.held = 977, (977, 977)
    assert newest_lines(OneFile(nothing), LOG, redactor(), 5) == ()


def test_a_file_that_became_shorter_meanwhile_is_shown_as_far_as_it_goes() -> None:
    reader = BytesReader(LOG, b"one\ntwo\nthree\n")
    reader.data = b"one\ntwo\n"
    assert [line.before for line in newest_lines(OneFile(reader), LOG, redactor(), 5)] == ["one", "two"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (bytes(range(256)) * 64, "preview-not-text"),
        (bytes(range(256)) * 8192, "preview-not-text"),
        (b"text\n" * 80_000 + bytes(range(256)) * 1024, "preview-not-text"),
        (b"x" * (MOST_BYTES + 1), "preview-long-line"),
        (b"a\n" + b"x" * MOST_BYTES + b"\n", "preview-long-line"),
        (None, "file-not-found"),
        (Unseen(Reason.DENIED, LOG), "preview-unreadable"),
        (LockedFile(Reason.DENIED, LOG), "preview-locked"),
    ],
)
def test_what_cannot_be_shown_is_told(content: bytes | Unseen | None, said: str) -> None:
    assert refused(content) == said


def test_a_range_that_cannot_be_read_is_told() -> None:
    reader = BytesReader(LOG, b"x\n" * 1000)
    reader.failing = lambda offset, count: LockedFile(Reason.DENIED, LOG)
    assert refused(reader) == "preview-locked"
    assert reader.closed
