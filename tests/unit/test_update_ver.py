from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks._update_ver import LARGEST, MOST_BYTES, MOST_MODULES, Form, Module, local_name, parse_update_ver

ENGINES = """[HOSTS]
Other=200@http://um01.example.net/eset_upd/
[Expire]
date=20270101
[PCUVER]
file=/eset_upd/pcu/update.ver
[ARCHIVES0]
version=1324 (20211011)
file=nodC818.nup
size=1616664
[ENGINE0]
platform=x86
versionid=22897
version=22897 (20210302)
date=02.03.2021
file=nod9133.nup
build=48650
level=0
base=268435456
size=68441911
[ENGINE1]
version=23651 (20210719)
file=nod501E.nup
size=6084634
[ENGINE2]
version=24198 (20211028)
file=nodE12D.nup
category=engine
"""


def test_a_real_index_gives_its_newest_engine_and_its_largest_file() -> None:
    for text in (ENGINES, ENGINES.replace("\n", "\r\n")):
        found = parse_update_ver(text.encode())
        assert found.form is Form.READABLE
        assert [module.section for module in found.modules] == ["ARCHIVES0", "ENGINE0", "ENGINE1", "ENGINE2"]
        assert found.engine == Module("ENGINE2", 24198, date(2021, 10, 28), "nodE12D.nup", None)
        assert found.largest == Module("ENGINE0", 22897, date(2021, 3, 2), "nod9133.nup", 68441911)
        assert not found.cut_off


@pytest.mark.parametrize(
    ("version", "number", "day"),
    [
        ("24198 (20211028)", 24198, date(2021, 10, 28)),
        ("1424.6 (20211014)", 1424, date(2021, 10, 14)),
        ("1425T (20210806)", 1425, date(2021, 8, 6)),
        ("24198 (20211345)", 24198, None),
        ("24198 (00000000)", 24198, None),
        ("24198", None, None),
        ("(20211028)", None, None),
        ("-5 (20211028)", None, None),
        ("٢٤١٩٨ (20211028)", None, None),
        ("9" * 400 + " (20211028)", None, None),
        ("", None, None),
    ],
)
def test_a_version_has_a_number_and_a_day(version: str, number: int | None, day: date | None) -> None:
    (module,) = parse_update_ver(f"[ENGINE0]\nversion={version}\nfile=a.nup\n".encode()).modules
    assert (module.number, module.date) == (number, day)


@pytest.mark.parametrize("size", ["-1", "1e9", "0x10", "", "9" * 5_000, str(LARGEST + 1), "１２３"])
def test_a_size_that_cannot_be_is_none(size: str) -> None:
    (module,) = parse_update_ver(f"[ENGINE0]\nversion=1 (20211028)\nsize={size}\n".encode()).modules
    assert module.size is None


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (b"", Form.EMPTY),
        (b" \r\n\t", Form.EMPTY),
        (b"Rar!\x1a\x07\x00" + bytes(range(256)), Form.PACKED),
        (b"Rar!\x1a\x07\x01\x00", Form.PACKED),
        (b"PK\x03\x04abc", Form.PACKED),
        (b"<!DOCTYPE html><html>", Form.MARKUP),
        (b"\xef\xbb\xbf\r\n <HTML>", Form.MARKUP),
        (b"\x00" * 900, Form.EMPTY),
        (bytes(range(256)) * 20, Form.BINARY),
        (b"It works!", Form.OTHER),
        (b"[ENGINE0]\nfile=nod9133.nup\n", Form.OTHER),
        ("[検出エンジン0]\nversion=1 (20211028)\nfile=検出.nup\n".encode("cp932"), Form.READABLE),
        ("[ENGINE0]\nversion=1 (20211028)\nname=é\n".encode("latin-1"), Form.READABLE),
        (ENGINES.encode("utf-16"), Form.READABLE),
    ],
)
def test_what_is_no_index_is_told_by_its_form(data: bytes, form: Form) -> None:
    assert parse_update_ver(data).form is form


def test_an_index_that_ends_early_is_told() -> None:
    whole = ENGINES.encode()
    assert parse_update_ver(whole[: whole.index(b"file=nodE12D")]).cut_off
    assert parse_update_ver(whole + b"[TRANSL").cut_off
    assert parse_update_ver(whole, len(whole) + 1).cut_off
    assert not parse_update_ver(whole + b"[TRANSLATOR0]\n").cut_off


def test_of_a_huge_index_only_the_beginning_counts_and_it_takes_no_time() -> None:
    sections = b"".join(b"[M%d]\nversion=1 (20211028)\nfile=%d.nup\nsize=5\n" % (n, n) for n in range(60_000))
    started = time.perf_counter()
    found = parse_update_ver(sections)
    assert len(found.modules) == MOST_MODULES
    assert found.cut_off
    for hostile in (b"[" * MOST_BYTES * 2, b"a=\n" * MOST_BYTES, b"[a]\n" * MOST_BYTES, b"=" * MOST_BYTES):
        assert parse_update_ver(hostile).form is not Form.READABLE
    assert time.perf_counter() - started < 10


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("nod9133.nup", "nod9133.nup"),
        ("/eset_upd/v3/nod9133.nup", "eset_upd/v3/nod9133.nup"),
        (r"dll\nod9133.nup", "dll/nod9133.nup"),
        (" nod 9133.nup ", "nod 9133.nup"),
        ("検出.nup", "検出.nup"),
        ("", ""),
        ("/", ""),
        ("..", ""),
        ("../nod9133.nup", ""),
        (r"dll\..\..\win.ini", ""),
        (r"C:\Windows\win.ini", ""),
        ("C:win.ini", ""),
        (r"\\203.0.113.9\share\x.nup", ""),
        ("//203.0.113.9/x.nup", ""),
        ("http://203.0.113.9/x.nup", ""),
        ("nod9133.nup:stream", ""),
        ("a\x00b", ""),
        ("*.nup", ""),
        ("a" * 300, ""),
    ],
)
def test_a_file_is_named_below_its_folder_or_not_at_all(file: str, name: str) -> None:
    assert local_name(file) == name


@given(st.text(max_size=300))
def test_no_name_leads_out_of_its_folder(file: str) -> None:
    name = local_name(file)
    assert not name.startswith(("/", "\\"))
    assert ":" not in name
    assert ".." not in name.split("/")
    assert len(name) <= 200


@given(st.binary(max_size=2_000), st.one_of(st.none(), st.integers(0, 10**12)))
def test_any_bytes_are_read_without_an_error(data: bytes, size: int | None) -> None:
    found = parse_update_ver(data, size)
    assert (found.form is Form.READABLE) == bool(found.modules)
    assert all(module.size is None or 0 <= module.size <= LARGEST for module in found.modules)
    assert found.largest is None or local_name(found.largest.file)


_VALUES = st.text(st.characters(exclude_characters="\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), max_size=40)
_LINES = st.one_of(
    st.builds(lambda name: f"[{name}]", st.sampled_from(["ENGINE0", "ENGINE2", "HOSTS", "engine1", "]", "検出", ""])),
    st.builds(lambda key, value: f"{key}={value}", st.sampled_from(["version", "file", "size", "date"]), _VALUES),
    st.sampled_from(["version=24198 (20211028)", "file=nodE12D.nup", "size=5", "[", "=", ";"]),
)


@given(st.lists(_LINES, max_size=60), st.sampled_from(["\n", "\r\n", "\r"]), st.integers(0, 3_000))
def test_any_ini_is_read_up_to_wherever_it_is_cut(lines: list[str], end: str, cut: int) -> None:
    data = end.join(lines).encode("utf-8", "replace")
    whole, part = parse_update_ver(data), parse_update_ver(data[:cut])
    assert len(part.modules) <= max(1, len(whole.modules)) or part.form is not whole.form
    for found in (whole, part):
        engine = found.engine
        assert engine is None or engine.number == max(m.number or 0 for m in found.modules if m.is_engine)
