from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.redaction import decoding
from diagnose.redaction.engine import Redactor
from diagnose.redaction.names import Names
from diagnose.redaction.stream import NotTextError, SourceText, redact_stream
from diagnose.redaction.tokens import Kind, Pseudonyms

NAMES = Names(users=frozenset({"山田太郎"}))
KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIVATE KEY-----\n"


def redactor() -> Redactor:
    return Redactor(NAMES, Pseudonyms(b"k" * 32), accelerator=False)


def redacted(data: bytes, size: int = 7, piece: int = 64, source: SourceText | None = None) -> str:
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(redact_stream(chunks, redactor(), source, piece=piece, hold=2048)).decode()


def test_lines_of_two_encodings_in_one_file() -> None:
    source = SourceText()
    data = "山田太郎 表示\n".encode() + "山田太郎 表示\n".encode("cp932")
    out = redacted(data, source=source)
    assert "山田" not in out
    assert out.count("表示") == 2
    assert (source.cp932, source.damaged_lines, source.encoding) == (True, 0, "cp932")


LINE = st.one_of(
    st.text("山田表示ｱﾎﾟ ab9\\~", max_size=8).map(lambda text: text.encode("cp932", "replace")),
    st.text("山田表示ｱé😀 ab9", max_size=8).map(str.encode),
    st.binary(max_size=4),
    st.sampled_from([b"", b"ascii only", b"\xe3\x81", b"\x82\xa0\xe3\x81\x82", b"\x81", b"\xb1\xb2"]),
)


@given(st.lists(st.tuples(LINE, st.sampled_from([b"\n", b"\r\n", b"\r", b"\x0b"])), max_size=6))
def test_a_block_of_lines_is_read_as_each_of_them(lines: list[tuple[bytes, bytes]]) -> None:
    data = b"".join(line + end for line, end in lines).replace(b"\0", b"") + b"x" * 200
    block, each = SourceText(), SourceText()
    expected = b"".join(decoding._line(line, each) for line in data.splitlines(keepends=True))
    try:
        assert decoding._lines(data, block) == expected
    except NotTextError:
        return
    assert block == each


def test_bytes_of_no_encoding_are_told() -> None:
    source = SourceText()
    assert "\\x" in redacted(b"ok\n\xff\xfe\xfa line\n" + b"more text\n" * 20, source=source)
    assert source.damaged_lines == 1


@pytest.mark.parametrize("data", [bytes(range(256)) * 40, b"\x7fELF" + bytes(2000), b"MZ\x90\0\3\0\0\0" * 400])
def test_binary_data_is_refused(data: bytes) -> None:
    with pytest.raises(NotTextError):
        redacted(data)


def test_data_that_turns_binary_later_is_refused() -> None:
    with pytest.raises(NotTextError):
        redacted(b"a line of text\n" * 6000 + bytes(range(1, 9)) * 4000, size=4096)


@pytest.mark.parametrize("size", [1, 5, 40, 1000])
def test_a_private_key_over_several_lines(size: int) -> None:
    out = redacted(("before\n" + KEY + "after\n").encode(), size)
    assert "MIIEow" not in out
    assert "IBAAKC" not in out
    assert out.endswith("-----END RSA PRIVATE KEY-----\nafter\n")


@pytest.mark.parametrize("size", [1, 9, 1000])
def test_a_registry_value_over_several_lines(size: int) -> None:
    value = "C:\\Users\\山田太郎\\x\0".encode("utf-16-le").hex(",")
    wrapped = f'"Path"=hex(2):{value[:30]}\\\r\n  {value[30:]}\r\n"Next"=dword:00000001\r\n'
    out = redacted(wrapped.encode("utf-16"), size)
    assert "71,5c,30,75" not in out
    assert out.endswith('"Next"=dword:00000001\r\n')


def test_a_value_longer_than_what_is_kept_is_replaced_once() -> None:
    chunks = [b"x password=" + b"a" * 100, *[b"b" * 1000] * 300, b" end user=tsuzuki\n"]
    made = redactor()
    out = b"".join(redact_stream(chunks, made, piece=4096, hold=1024)).decode()
    assert out.startswith("x password=secret-removed end user=user-")
    assert made.counts[Kind.SECRET] == 1


def test_nothing_in_nothing_out() -> None:
    assert redacted(b"") == ""
