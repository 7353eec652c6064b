"""Random secrets in random carriers, encodings and chunks: none survives, and what a vendor needs stays."""

from __future__ import annotations

import codecs
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.redaction.engine import Redactor
from diagnose.redaction.names import Names, spellings, union
from diagnose.redaction.stream import SourceText, redact_stream
from diagnose.redaction.tokens import Pseudonyms
from tests.unit.redaction_plants import DECOYS, Plant, plants

KEY = b"k" * 32
ENCODINGS = {
    "utf-8": b"",
    "utf-8-sig": b"",
    "cp932": b"",
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
}


def in_chunks(data: bytes, sizes: list[int]) -> list[bytes]:
    chunks: list[bytes] = []
    at = 0
    while at < len(data):
        size = sizes[len(chunks) % len(sizes)]
        chunks.append(data[at : at + size])
        at += size
    return chunks


def all_names(planted: list[Plant]) -> Names:
    return union(plant.names for plant in planted)


def survivors(planted: list[Plant], out: str, tokens: set[str]) -> list[str]:
    low = out.lower()
    found = []
    for plant in planted:
        names = plant.names.users | plant.names.hosts
        forms = {form.decode(errors="replace").lower() for name in names for form in spellings(name)} | {
            plant.value.lower()
        }
        # A private address may be the pseudonym of another one.
        found += [
            form
            for form in forms - tokens
            if form in low and re.search(rf"(?<![0-9a-z]){re.escape(form)}(?![0-9a-z])", low)
        ]
    return found


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(plants, st.sampled_from(DECOYS)), min_size=1, max_size=6),
    st.sampled_from(sorted(ENCODINGS)),
    st.sampled_from(["\n", "\r\n"]),
    st.lists(st.integers(1, 400), min_size=1, max_size=5),
    st.sampled_from([64, 300, 1 << 20]),
)
def test_no_planted_secret_survives(
    lines: list[tuple[Plant, str]], encoding: str, line_end: str, sizes: list[int], piece: int
) -> None:
    planted = [plant for plant, _ in lines]
    text = "".join(f"{decoy}{line_end}{plant.line} {line_end}[{decoy}]{line_end}" for plant, decoy in lines)
    data = ENCODINGS[encoding] + text.encode(encoding, "backslashreplace")
    redactor = Redactor(all_names(planted), Pseudonyms(KEY), accelerator=False)
    out = b"".join(redact_stream(in_chunks(data, sizes), redactor, SourceText(), piece=piece, hold=4096)).decode()
    assert survivors(planted, out, set(redactor.originals)) == [], out
    for _, decoy in lines:
        assert out.count(decoy) >= 2, (decoy, out)
    assert out.count("\n") == text.count("\n")


@settings(max_examples=150, deadline=None)
@given(st.lists(plants, min_size=1, max_size=6))
def test_all_but_private_ipv4_addresses_are_redacted_once(planted: list[Plant]) -> None:
    text = "".join(f"{plant.line}\n" for plant in planted)
    redactor = Redactor(all_names(planted), Pseudonyms(KEY), accelerator=False)
    once = redactor.redact_text(text)
    private = re.compile(r"(?:10|192\.168)(?:\.\d{1,3})+")
    assert private.sub("", redactor.redact_text(once)) == private.sub("", once)


@settings(max_examples=60, deadline=None)
@given(st.lists(plants, min_size=1, max_size=4))
def test_the_key_alone_decides_the_tokens(planted: list[Plant]) -> None:
    text = "".join(f"{plant.line}\n" for plant in planted)
    names = all_names(planted)

    def made(key: bytes) -> tuple[str, set[str]]:
        redactor = Redactor(names, Pseudonyms(key), accelerator=False)
        return redactor.redact_text(text), set(redactor.originals)

    assert made(KEY) == made(KEY)
    ours, theirs = made(KEY)[1], made(b"other" * 7)[1]
    assert {token for token in ours & theirs if "." not in token} == set()


@settings(max_examples=60, deadline=None)
@given(st.lists(plants, min_size=1, max_size=5), st.integers(1, 900), st.sampled_from([600, 3000]))
def test_a_line_without_end_is_cut_where_nothing_is_lost(planted: list[Plant], size: int, piece: int) -> None:
    """The same bytes as in one piece, however long the line and wherever the chunks end."""
    line = " ".join(plant.line.replace("\r\n", " ").replace("\n", " ") for plant in planted)
    data = (" ".join([line] * 12)).encode()
    names = all_names(planted)
    whole = Redactor(names, Pseudonyms(KEY), accelerator=False).redact(data)
    redactor = Redactor(names, Pseudonyms(KEY), accelerator=False)
    parts = b"".join(redact_stream(in_chunks(data, [size]), redactor, piece=piece, hold=2500))
    assert parts == whole


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(plants, st.sampled_from(DECOYS)), min_size=1, max_size=8))
def test_the_optional_wheel_changes_no_byte(lines: list[tuple[Plant, str]]) -> None:
    pytest.importorskip("ahocorasick_rs")
    names = all_names([plant for plant, _ in lines])
    data = "".join(f"{decoy} {plant.line}\n" for plant, decoy in lines).encode()
    fast, plain = (Redactor(names, Pseudonyms(KEY), accelerator=wheel) for wheel in (True, False))
    assert fast.redact(data) == plain.redact(data)
    assert (fast.counts, fast.originals) == (plain.counts, plain.originals)
