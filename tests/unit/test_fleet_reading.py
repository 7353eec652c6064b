"""Results from a share: found, bounded, refused with a reason, and one for each computer."""

from __future__ import annotations

import gzip
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.errors import InputError
from diagnose.fleet import collected, record
from diagnose.fleet.collected import MOST_COLUMNS, Collected, Collector
from diagnose.fleet.columns import Column, Nothing
from diagnose.fleet.inventory import read_inventory
from diagnose.fleet.latest import DAY, Latest, Why, latest
from diagnose.fleet.ordering import round_cut, time_key, version_key
from diagnose.fleet.properties import describe
from diagnose.fleet.record import Decoder, ForeignError
from diagnose.fleet.sources import MOST_DEPTH, Passed, Piece, pieces
from diagnose.fleet.words import WHY
from diagnose.messages import catalogue
from tests.unit.bundle_samples import pack, with_manifest
from tests.unit.fleet_samples import result_json

NOW = datetime.fromisoformat("2026-11-22T12:00:00+09:00").timestamp()
FACTS = {"agent.build": 14039, "os.mode": "pac"}


def read(*paths: Path) -> Collected:
    return Collector().collect(pieces(paths, Passed()))


def taken(*results: bytes, received: float | None = NOW) -> Collected:
    return Collector().collect(Piece(f"file-{at}.json", data, received) for at, data in enumerate(results))


def refusals(found: Collected) -> dict[str, str]:
    return {Path(one.source).name: one.reason for one in found.refused}


# ---- where results lie


def test_folders_runs_bundles_lines_and_packed_files_are_read_alike(tmp_path: Path) -> None:
    (tmp_path / "runs" / "PC-1" / "machine" / "files").mkdir(parents=True)
    (tmp_path / "runs" / "PC-1" / "result.json").write_bytes(result_json(FACTS, "PC-1"))
    (tmp_path / "runs" / "PC-1" / "report.html").write_text("<p>")
    (tmp_path / "runs" / "PC-1" / "machine" / "files" / "package.json").write_text("{}")
    (tmp_path / "share").mkdir()
    (tmp_path / "share" / "PC-2_20261121.json").write_bytes(b"\xef\xbb\xbf" + result_json(FACTS, "PC-2"))
    (tmp_path / "share" / "PC-3.json.gz").write_bytes(gzip.compress(result_json(FACTS, "PC-3")))
    lines = [result_json(FACTS, "PC-4"), b"", result_json(FACTS, "PC-5")]
    (tmp_path / "all.jsonl").write_bytes(b"\n".join(lines))
    (tmp_path / "rest.ndjson.gz").write_bytes(gzip.compress(result_json(FACTS, "PC-6") + b"\r\n"))
    (tmp_path / "PC-7.zip").write_bytes(pack(with_manifest({"result.json": result_json(FACTS, "PC-7")})))
    (tmp_path / "half.json.part").write_bytes(b"{")
    passed = Passed()
    found = Collector().collect(pieces([tmp_path], passed))
    assert sorted(row.host for row in found.rows) == [f"PC-{number}" for number in range(1, 8)]
    assert not found.refused
    assert passed.unfinished == 1
    assert [list(found.facts["agent.build"].values(range(7)))] == [[14039.0] * 7]


def test_what_is_no_result_is_listed_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "LARGEST", 100_000)
    monkeypatch.setattr("diagnose.fleet.sources.LARGEST", 100_000)
    good = result_json(FACTS, "PC-1")
    files = {
        "empty.json": b"",
        "zeros.json": bytes(4096),
        "half.json": good[: len(good) // 2],
        "garbage.json": os.urandom(500),
        "list.json": b"[1, 2]",
        "other.json": b'{"name": "package"}',
        "next.json": good.replace(b"diagnose.result/1", b"diagnose.result/9"),
        "outcome.json": good.replace(b'"outcome":"pass"', b'"outcome":"great"'),
        "types.json": good.replace(b'"steps":[', b'"steps":"",'),
        "deep.json": b'{"schema":"diagnose.result/1","run":' + b"[" * 50_000,
        "large.json": good + b" " * 200_000,
        "year.json": good.replace(b"2026-11-21T09:00:00+09:00", b"0001-01-01T00:00:00+14:00"),
        "bomb.json.gz": gzip.compress(bytes(50_000_000)),
        "torn.json.gz": gzip.compress(good)[:-20],
        "torn.zip": pack(with_manifest({"result.json": good}))[:-100],
        "other.zip": b"PK\x05\x06" + bytes(18),
        "sealed.age": b"age-encryption.org/v1\n",
        "sealed.json": b"age-encryption.org/v1\n-> X25519",
        "lone.json": good.replace(b"PC-1", b"PC\\ud800"),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "link.json").symlink_to("/etc/passwd")
    (tmp_path / "loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe.json")
    found = read(tmp_path)
    wanted = {
        "empty.json": "empty", "zeros.json": "empty", "half.json": "json", "garbage.json": "json",
        "list.json": "schema", "other.json": "schema", "next.json": "schema", "outcome.json": "invalid",
        "types.json": "json", "deep.json": "json", "large.json": "large", "year.json": "invalid",
        "bomb.json.gz": "large", "torn.json.gz": "packed", "torn.zip": "bundle", "other.zip": "bundle",
        "sealed.age": "encrypted", "sealed.json": "encrypted", "lone.json": "json", "link.json": "link", "loop": "link",
    }  # fmt: skip
    assert refusals(found) == wanted
    assert not found.rows
    assert {one.reason for one in found.refused} <= set(WHY)


def test_a_line_that_is_too_long_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diagnose.fleet.sources.LARGEST", 20_000)
    good = result_json(FACTS, "PC-1")
    (tmp_path / "all.jsonl").write_bytes(b"x" * 70_000 + b"\n" + good + b"\nnot json\n")
    found = read(tmp_path / "all.jsonl")
    assert [row.host for row in found.rows] == ["PC-1"]
    assert [(one.source[-1], one.reason) for one in found.refused] == [("1", "large"), ("3", "json")]


def test_folders_without_end_are_not_followed(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["d"] * (MOST_DEPTH + 2))
    deep.mkdir(parents=True)
    (deep / "result.json").write_bytes(result_json(FACTS, "PC-1"))
    assert [one.reason for one in read(tmp_path).refused] == ["deep"]


def test_a_path_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read(tmp_path / "none")


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_a_result_or_refused(data: bytes) -> None:
    try:
        Decoder().decode(data)
    except ForeignError as error:
        assert error.reason in WHY


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.dictionaries(st.text(max_size=9), JSON, max_size=5), max_size=4), st.text(max_size=20))
def test_any_values_are_kept_and_described(rows: list[dict[str, Any]], host: str) -> None:
    found = taken(*(result_json(row, host) for row in rows))
    assert len(found.rows) == len(rows)
    for column in found.columns():
        describe(column, range(len(rows)))


def test_a_computer_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    first = taken(result_json({f"f{n}": n for n in range(MOST_COLUMNS + 50)}, "PC-1"))
    assert first.columns_refused > 0
    assert sum(1 for _ in first.columns()) <= MOST_COLUMNS
    monkeypatch.setattr(collected, "MOST_LISTED", 3)
    many = taken(*[b"{}"] * 10)
    assert (len(many.refused), many.refused_count) == (3, 10)


def test_huge_numbers_texts_and_lists_have_an_end() -> None:
    column = Column("x")
    for number, value in enumerate([10**5000, -(10**400), "a" * 100_000, ["b" * 1000], list(range(1000)), {"a": 1}]):
        column.add(number, value)
    assert column.unusable == "structured"
    assert max(len(key if isinstance(key, str) else key[0]) for key in column.texts) <= 200


def test_values_of_other_computers_do_not_slip_into_the_gaps() -> None:
    column = Column("x")
    for row, value in ((3, "a"), (3, "b"), (5, None), (5, 7), (9, True), (12, 2.5)):
        column.add(row, value)
    none = Nothing.NOT_ASKED
    assert list(column.values(range(14))) == [
        none, none, none, "a", none, 7.0, none, none, none, True, none, none, 2.5, none,
    ]  # fmt: skip
    assert list(column.values((12, 3, 0))) == [2.5, "a", none]


def test_a_fact_whose_type_changed_is_compared_where_that_means_something() -> None:
    column = Column("build")
    for row in range(40):
        column.add(row, str(14000 + row % 4) if row % 2 else 14000 + row % 4)
    described = describe(column, range(40))
    assert described.types == {"number": 20, "text": 20}
    assert {part.universe.bit_count() for part in described.parts} == {40}, "14039 and '14039' are the same"
    mixed = Column("port")
    for row in range(40):
        mixed.add(row, ["auto", 8080, True, ["a"]][row % 4])
    assert set(describe(mixed, range(40)).types) == {"number", "flag", "list", "text"}


# ---- the latest of each computer


def rows_of(*results: bytes, received: float = NOW) -> tuple[Collected, Latest]:
    found = taken(*results, received=received)
    return found, latest(found.rows, range(len(found.rows)), NOW, 30 * DAY)


def test_the_latest_result_of_a_computer_counts() -> None:
    old = result_json(FACTS, "PC-1", taken="2026-11-20T09:00:00+09:00", run="a")
    new = result_json(FACTS, "pc-1", taken="2026-11-21T09:00:00+09:00", run="b")
    found, last = rows_of(new, old, new, result_json(FACTS, ""))
    assert [found.rows[row].run for row in last.rows] == ["b"]
    assert sorted(one.why for one in last.left_out) == [Why.NO_HOST, Why.OLDER, Why.TWICE]


def test_a_clock_that_is_ahead_does_not_win_for_ever() -> None:
    wrong = result_json(FACTS, "PC-1", taken="2035-01-01T00:00:00+09:00", run="wrong")
    right = result_json(FACTS, "PC-1", taken="2026-11-22T09:00:00+09:00", run="right")
    found = Collector().collect(
        [Piece("1", wrong, NOW - 5 * DAY), Piece("2", right, NOW), Piece("3", wrong.replace(b"PC-1", b"PC-2"), NOW)]
    )
    last = latest(found.rows, range(3), NOW, 30 * DAY)
    assert [found.rows[row].run for row in last.rows] == ["right", "wrong"]
    assert last.ahead == ("PC-2",)


def test_old_results_and_other_installations_are_left_out() -> None:
    found, last = rows_of(
        result_json(FACTS, "PC-1", taken="2026-11-21T09:00:00+09:00"),
        result_json(FACTS, "PC-2", taken="2026-09-01T09:00:00+09:00"),
        result_json(FACTS, "PC-3", taken="2026-11-01T09:00:00+09:00", build=26100),
        result_json(FACTS, "PC-3", taken="2026-11-20T09:00:00+09:00", build=19045),
    )
    assert [found.rows[row].host for row in last.rows] == ["PC-1", "PC-3"]
    assert {(one.host, one.why) for one in last.left_out} == {("PC-2", Why.TOO_OLD), ("PC-3", Why.REINSTALLED)}


def test_two_computers_with_one_name_are_told() -> None:
    kinds = ["x86_64", "arm64", "x86_64"]
    results = [
        result_json(FACTS, "PC-1", taken=f"2026-11-{19 + at}T09:00:00+09:00", architecture=kind, run=str(at))
        for at, kind in enumerate(kinds)
    ]
    _, last = rows_of(*results)
    assert last.shared == ("PC-1",)


# ---- the inventory


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp932"])
@pytest.mark.parametrize(
    "text",
    [
        "PC-1\nPC-2\n\n# 備考\n",
        "部署,コンピュータ名,備考\n営業,PC-1,\n経理,PC-2,新\n",
        "[clients]\nPC-1 ansible_host=10.0.0.1\nPC-2\n",
        "Name\tOS\r\nPC-1\tWindows 日本語\r\nPC-2\t\r\n",
    ],
)
def test_inventories_of_every_kind_are_read(tmp_path: Path, text: str, encoding: str) -> None:
    (tmp_path / "台帳.csv").write_bytes(text.encode(encoding))
    assert list(read_inventory(tmp_path / "台帳.csv").hosts.values()) == ["PC-1", "PC-2"]


def test_lines_that_name_nothing_and_names_twice_are_told(tmp_path: Path) -> None:
    (tmp_path / "i").write_text('PC-1\n, \nPC 2 and more\nPC-1.\n"",x\npc-3\n')
    found = read_inventory(tmp_path / "i")
    assert list(found.hosts) == ["pc-1", "pc-3"]
    assert found.unclear == (2, 3, 5)
    assert found.twice == ("PC-1.",)


def test_of_an_ansible_inventory_variables_and_groups_of_groups_are_no_hosts(tmp_path: Path) -> None:
    (tmp_path / "i.ini").write_text(
        "alone\n[tokyo]\npc[08:10].example.jp ansible_user=x\nPC-1\n[all:vars]\nansible_user=x\nansible_port = 22\n"
        "[japan:children]\ntokyo\n[osaka] # new\nPC-1\npc-2\n"
    )
    found = read_inventory(tmp_path / "i.ini")
    assert list(found.hosts.values()) == [
        *("alone", "pc08.example.jp", "pc09.example.jp", "pc10.example.jp", "PC-1", "pc-2")
    ]
    assert (found.unclear, found.twice) == ((), ())


def test_a_range_of_names_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diagnose.fleet.inventory.MOST_HOSTS", 50)
    (tmp_path / "i").write_text("pc[0:999999999]\nx\n")
    assert len(read_inventory(tmp_path / "i").hosts) == 50


def test_an_inventory_in_yaml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "hosts.yml").write_text("all:\n  hosts:\n    pc-1:\n")
    with pytest.raises(InputError, match="fleet-inventory-yaml"):
        read_inventory(tmp_path / "hosts.yml")


@pytest.mark.parametrize("data", [b"", b"# nothing\n", bytes(range(256)) * 20])
def test_an_inventory_without_names_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "i").write_bytes(data)
    with pytest.raises(InputError):
        read_inventory(tmp_path / "i")


def test_short_full_and_cut_names_meet_when_it_is_clear_who_is_meant(tmp_path: Path) -> None:
    names = ["pc-1.example.jp", "pc-2.a.example.jp", "pc-2.b.example.jp", "verylongcomputername-7.example.jp", "PC-9"]
    (tmp_path / "i").write_text("\n".join(names))
    matched = read_inventory(tmp_path / "i").matched(
        ["PC-1", "PC-2", "VERYLONGCOMPUTE", "pc-9.example.jp", "pc-1.other.jp", "PC-X"]
    )
    assert matched == {
        "pc-1": "pc-1.example.jp",
        "verylongcompute": "verylongcomputername-7.example.jp",
        "pc-9.example.jp": "pc-9",
    }


# ---- order


def test_versions_and_times_have_their_order() -> None:
    order = ["1.0", "1.0-2", "1.2", "1.10", "v2.0.0", "14.0.14039"]
    assert sorted(sorted(order), key=lambda text: version_key(text) or ()) == order
    assert [version_key(text) for text in ("14", "", "1.", "a.b", "1.2.3 beta 4", "9" * 50 + ".1")] == [None] * 6
    assert time_key("2026-11-21T09:00:00+09:00") == time_key("2026-11-21T00:00:00Z")
    assert [time_key(text) for text in ("2026-13-01", "9999-99-99T00:00:00Z", "1.2")] == [None] * 3


def test_the_smallest_numbers_have_a_cut() -> None:
    assert round_cut(0.0, 5e-324) == 5e-324


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9))
def test_a_round_cut_lies_between(low: float, width: float) -> None:
    high = low + width
    if high > low:
        assert low < round_cut(low, high) <= high


def test_every_refusal_has_words() -> None:
    assert {str(why) for why in Why} <= set(WHY)
    assert "fleet-nothing" in catalogue()
    assert msgspec.json.decode(result_json({}, "x"))["outcome"] == "pass"
