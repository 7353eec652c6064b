from __future__ import annotations

import codecs

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from diagnose.machine.text_file import decode_text

LINE = "2026/11/21 08:00:00 - アップグレードを開始しました (エラー表示) path=C:\\Program Files ①髙～\r\n"
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "cp932")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_encodings_are_told_apart(encoding: str) -> None:
    decoded = decode_text((LINE * 3).encode(encoding))
    assert (decoded.text, decoded.encoding) == (LINE * 3, encoding)
    assert not decoded.damaged
    assert not decoded.binary


@pytest.mark.parametrize(
    ("bom", "encoding"),
    [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")],
)
def test_a_byte_order_mark_decides_and_is_taken_off(bom: bytes, encoding: str) -> None:
    for text in ("", "日本", LINE):
        decoded = decode_text(bom + text.encode(encoding))
        assert (decoded.text, decoded.encoding, decoded.damaged, decoded.binary) == (text, encoding, False, False)


@pytest.mark.parametrize("text", ["表", "ソフト", "能力", "ｱｲｳ", "日本語のテキスト", "構成"])
def test_short_cp932_text_is_not_taken_for_something_else(text: str) -> None:
    assert decode_text(text.encode("cp932")).text == text


def test_nothing_and_plain_ascii_are_utf8() -> None:
    assert decode_text(b"").encoding == "utf-8"
    assert decode_text(b"plain\n").text == "plain\n"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_tail_never_starts_with_half_a_character(encoding: str) -> None:
    data = (LINE * 4).encode(encoding)
    line_end = len("\n".encode(encoding))
    for start in range(1, len(LINE.encode(encoding)) - line_end):
        decoded = decode_text(data[start:], whole=False)
        assert decoded.encoding == encoding, start
        assert decoded.text == LINE * 3, start
        assert not decoded.damaged, start


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_last_character_that_was_cut_off_is_damage_and_nothing_more(encoding: str) -> None:
    data = (LINE + "終").encode(encoding)[:-1]
    decoded = decode_text(data)
    assert (decoded.text, decoded.encoding, decoded.damaged) == (LINE, encoding, True)


@pytest.mark.parametrize(("encoding", "lost"), [("utf-8", 1), ("cp932", 3)])
def test_a_tail_without_any_line_end_starts_at_a_sure_character(encoding: str, lost: int) -> None:
    text = "日本語 テスト" * 50
    decoded = decode_text(text.encode(encoding)[1:], whole=False)
    assert decoded.text == text[lost:]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_block_of_zeros_at_the_end_is_cut_off(encoding: str) -> None:
    decoded = decode_text((LINE + "end").encode(encoding) + b"\0" * 512)
    assert (decoded.text, decoded.damaged, decoded.binary) == (LINE + "end", True, False)


def test_a_block_of_zeros_within_a_log_is_passed_over() -> None:
    decoded = decode_text(LINE.encode("cp932") + b"\0" * 64 + LINE.encode("cp932"))
    assert (decoded.text, decoded.encoding, decoded.damaged) == (LINE * 2, "cp932", True)


@pytest.mark.parametrize(
    "data",
    [
        b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0\xb8\0\0\0" * 20,
        b"\x89PNG\r\n\x1a\n\x01\x02\x03\x04",
        bytes(range(256)) * 8,
        b"abc\0def",
        b"\x01\x02",
        codecs.BOM_UTF16_LE + "\x01\x02\x03".encode("utf-16-le") * 9,
        b"\xff\xfd\xfc\xfe" * 40,
    ],
)
def test_what_is_no_text_is_binary(data: bytes) -> None:
    decoded = decode_text(data)
    assert (decoded.binary, decoded.encoding, decoded.text) == (True, "binary", "")


def test_a_few_broken_bytes_do_not_turn_utf8_into_mojibake() -> None:
    data = bytearray((LINE * 20).encode())
    data[5] = 0xFF
    data[400] = 0x80
    decoded = decode_text(bytes(data))
    assert (decoded.encoding, decoded.damaged) == ("utf-8", True)
    assert decoded.text.endswith(LINE * 10)


def test_a_few_broken_bytes_do_not_spoil_cp932() -> None:
    data = bytearray((LINE * 20).encode("cp932"))
    data[LINE.encode("cp932").index("ア".encode("cp932"))] = 0xFF
    data[LINE.encode("cp932").index("ア".encode("cp932")) + 1] = 0xFF
    data[100] = 0x81
    data[101] = 0x20
    decoded = decode_text(bytes(data))
    assert decoded.encoding == "cp932"
    assert decoded.damaged
    assert decoded.text.endswith(LINE * 10)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("whole", [True, False])
def test_four_mebibytes_are_read_whole(encoding: str, whole: bool) -> None:
    size = 4 * 1024 * 1024
    data = (LINE * (size // len(LINE))).encode(encoding)[:size]
    assert len(decode_text(data, whole).text) > size // 8


@pytest.mark.parametrize("data", [b"\0" * 2**20, b"\x80" * 2**20, b"\x81\0" * 2**19, bytes(range(256)) * 2**12])
def test_hostile_bytes_do_not_hang(data: bytes) -> None:
    decoded = decode_text(data)
    assert decoded.binary or decoded.text or decoded.damaged
    # A tail begins behind its first line end, and there may be none.
    assert len(decode_text(data, whole=False).text) <= len(data)


@settings(max_examples=200)
@given(st.binary(max_size=300), st.booleans())
@example(b"\xff\xfe\x00", True)
@example(b"\x00\x00\x00\x00\x00", False)
def test_no_bytes_break_it(data: bytes, whole: bool) -> None:
    decoded = decode_text(data, whole)
    assert isinstance(decoded.text, str)
    decoded.text.encode()


@given(st.text(st.sampled_from("abc 日本語アイウー。\r\n"), min_size=1))
def test_japanese_text_survives_utf8(text: str) -> None:
    assert decode_text(text.encode()).text == text
