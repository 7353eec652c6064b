"""Issuer and subject are found in whatever is built as a certificate, and nothing else breaks the reader."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from diagnose.network.certificate_names import Names, names_of
from tests.unit.network_servers import make_identity

SEQUENCE, INTEGER, VERSION = 0x30, 0x02, 0xA0


def element(tag: int, content: bytes) -> bytes:
    """DER with the shortest length."""
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    width = (size.bit_length() + 7) // 8
    return bytes([tag, 0x80 | width]) + size.to_bytes(width, "big") + content


names = st.one_of(st.binary(max_size=40), st.binary(min_size=100, max_size=400)).map(lambda x: element(SEQUENCE, x))
parts = st.binary(max_size=300)
elements = st.lists(
    st.tuples(st.sampled_from([0x03, 0x05, SEQUENCE, 0x81, 0xA3]), parts).map(lambda x: element(*x)), max_size=3
)


@st.composite
def certificates(draw: st.DrawFn) -> tuple[bytes, Names]:
    """Built like one; what stands between the names is anything. Old ones (version 1) do not tell their version."""
    found = Names(issuer=draw(names), subject=draw(names))
    version = draw(st.sampled_from([b"", element(VERSION, element(INTEGER, b"\x02"))]))
    inner = (
        version
        + element(INTEGER, draw(st.binary(min_size=1, max_size=21)))
        + element(SEQUENCE, draw(parts))
        + found.issuer
        + element(SEQUENCE, draw(parts))
        + found.subject
        + b"".join(draw(elements))
    )
    return element(SEQUENCE, element(SEQUENCE, inner) + b"".join(draw(elements))), found


@given(certificates())
def test_the_names_are_found_byte_by_byte(made: tuple[bytes, Names]) -> None:
    assert names_of(made[0]) == made[1]


@given(certificates(), st.data())
def test_half_a_certificate_has_no_names(made: tuple[bytes, Names], data: st.DataObject) -> None:
    whole = made[0]
    assert names_of(whole[: data.draw(st.integers(0, len(whole) - 1))]) is None


@given(certificates(), st.data())
def test_a_damaged_certificate_has_names_of_its_own_bytes_or_none(
    made: tuple[bytes, Names], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(made[0]) - 1))
    damaged = made[0][:at] + bytes([data.draw(st.integers(0, 255))]) + made[0][at + 1 :]
    found = names_of(damaged)
    assert found is None or (found.issuer in damaged and found.subject in damaged)


@given(
    st.one_of(st.binary(max_size=200), st.binary(max_size=60).map(lambda x: element(SEQUENCE, element(SEQUENCE, x))))
)
def test_any_bytes_are_survived(der: bytes) -> None:
    found = names_of(der)
    assert found is None or (found.issuer in der and found.subject in der)


def test_lengths_that_promise_the_world_are_refused() -> None:
    for length in (b"\x80", b"\x84\xff\xff\xff\xff", b"\x85\x00\x00\x00\x00\x10", b"\xff" + b"\xff" * 127):
        assert names_of(b"\x30" + length + b"\x30\x03\x02\x01\x05" * 100) is None


def test_a_real_certificate_tells_what_a_strict_parser_tells(tmp_path: Path) -> None:
    authority = make_identity(tmp_path, "社内認証局")
    server = make_identity(tmp_path, "osce.example.co.jp", ("osce.example.co.jp",), authority)
    found = names_of(server.certificate.public_bytes(Encoding.DER))
    assert found == Names(
        issuer=server.certificate.issuer.public_bytes(), subject=server.certificate.subject.public_bytes()
    )
