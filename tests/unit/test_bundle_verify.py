from __future__ import annotations

import json
import struct
import tracemalloc
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from diagnose.bundle.limits import Limits
from diagnose.bundle.manifest import MANIFEST, Redaction, manifest_bytes
from diagnose.bundle.names import safe_name
from diagnose.bundle.problems import BundleProblem, Fault
from diagnose.bundle.verify import verify
from diagnose.bundle.zip_format import DEFLATED, Entry, Stamp, local_header
from diagnose.errors import InputError
from diagnose.message_catalogue.bundles_archive import SENTENCES
from tests.unit.bundle_samples import (
    FILES,
    Part,
    faults,
    member,
    pack,
    part,
    plain_manifest,
    proven,
    raw_name,
    report_of,
    sign,
    with_manifest,
    write,
)

SMALL = {"a": b"aaaa", "b": b""}


def whole(folder: Path) -> bytes:
    write(folder / "sample.zip", SMALL)
    return (folder / "sample.zip").read_bytes()


def test_a_bundle_in_order_has_no_problems(tmp_path: Path) -> None:
    write(tmp_path / "a.zip")
    report = verify(tmp_path / "a.zip")
    assert report.ok
    assert (report.members, report.size) == (len(FILES), sum(map(len, FILES.values())))
    assert faults(pack(with_manifest(dict(FILES))), tmp_path) == []


def test_any_flipped_bit_is_detected(tmp_path: Path) -> None:
    data = whole(tmp_path)
    for place in range(len(data)):
        damaged = bytearray(data)
        damaged[place] ^= 1 << place % 8
        assert faults(bytes(damaged), tmp_path), place


def test_any_cut_is_detected(tmp_path: Path) -> None:
    data = whole(tmp_path)
    for length in range(len(data)):
        assert faults(data[:length], tmp_path), length
    for place in range(0, len(data) - 1, 3):
        assert faults(data[:place] + data[place + 1 :], tmp_path), place


def test_garbage_before_and_behind_is_detected(tmp_path: Path) -> None:
    data = whole(tmp_path)
    assert Fault.HIDDEN_BYTES in faults(b"MZ" + data, tmp_path)
    assert Fault.HIDDEN_BYTES in faults(data + b"x", tmp_path)
    assert Fault.HIDDEN_BYTES in faults(data + data, tmp_path)
    assert faults(b"", tmp_path) == faults(b"hello", tmp_path) == [Fault.NOT_A_ZIP]
    assert faults(b"age-encryption.org/v1\n", tmp_path) == [Fault.AGE_FILE]


def test_an_archive_packed_again_lacks_the_seal(tmp_path: Path) -> None:
    write(tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as old, zipfile.ZipFile(tmp_path / "b.zip", "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name), zipfile.ZIP_DEFLATED)
    assert [problem.fault for problem in verify(tmp_path / "b.zip").problems] == [Fault.SEAL_MISSING]


def told(name: str, fault: Fault) -> BundleProblem:
    return BundleProblem(fault, name)


def test_members_that_were_dropped_added_renamed_or_changed_are_told(tmp_path: Path) -> None:
    manifest = proven(member(name, data) for name, data in SMALL.items())
    last = part(MANIFEST, manifest_bytes(manifest))
    a, b = part("a", b"aaaa"), part("b", b"")
    for parts, problems in (
        ([a, last], {told("b", Fault.MEMBER_MISSING)}),
        ([a, b, part("c", b""), last], {told("c", Fault.NOT_IN_MANIFEST)}),
        ([a, part("B.log", b""), last], {told("b", Fault.MEMBER_MISSING), told("B.log", Fault.NOT_IN_MANIFEST)}),
        ([part("a", b"aaab"), b, last], {told("a", Fault.HASH_DIFFERS)}),
        ([part("a", b"aaaaa"), b, last], {told("a", Fault.SIZE_DIFFERS), told("a", Fault.HASH_DIFFERS)}),
        ([a, b], {told(MANIFEST, Fault.MANIFEST_MISSING)}),
        ([a, b, b, last], {told("b", Fault.NAME_TWICE)}),
        ([a, b, part("A", b"aaaa"), last], {told("A", Fault.NAME_TWICE), told("A", Fault.NOT_IN_MANIFEST)}),
        ([a, b, part("b/c", b""), last], {told("b/c", Fault.NAME_TWICE), told("b/c", Fault.NOT_IN_MANIFEST)}),
    ):
        found = set(report_of(pack(parts), tmp_path).problems)
        named = {problem for problem in problems if problem.fault is not Fault.NOT_IN_MANIFEST}
        assert named <= found, parts
        assert found <= problems
    assert report_of(pack([b, a, last]), tmp_path).ok


@pytest.mark.parametrize(
    ("manifest", "fault"),
    [
        (b"", Fault.MANIFEST_MALFORMED),
        (b"\xff", Fault.MANIFEST_MALFORMED),
        (b"[" * 200_000, Fault.MANIFEST_MALFORMED),
        (b"[]", Fault.MANIFEST_SCHEMA),
        (b'{"schema": "diagnose.bundle/2"}', Fault.MANIFEST_SCHEMA),
        (b'{"schema": "diagnose.bundle/1"}', Fault.MANIFEST_MALFORMED),
        (b'{"schema": "diagnose.bundle/2", "schema": "diagnose.bundle/1"}', Fault.MANIFEST_KEY_TWICE),
        (b'{"a": ' + b"9" * 10_000 + b"}", Fault.MANIFEST_MALFORMED),
    ],
)
def test_manifests_that_are_none(tmp_path: Path, manifest: bytes, fault: Fault) -> None:
    assert faults(pack(with_manifest(SMALL, manifest)), tmp_path) == [fault]


def test_a_manifest_with_a_member_twice_or_with_other_types(tmp_path: Path) -> None:
    listed = [member("a", b"aaaa"), member("a", b"aaaa"), member("b", b"")]
    assert Fault.LISTED_TWICE in faults(pack(with_manifest(SMALL, proven(listed))), tmp_path)
    plain = json.loads(manifest_bytes(proven(listed)))
    plain["members"][0]["size"] = "4"
    assert faults(pack(with_manifest(SMALL, json.dumps(plain).encode())), tmp_path) == [Fault.MANIFEST_MALFORMED]


def test_the_record_of_the_proof_must_be_there_and_fit(tmp_path: Path) -> None:
    good = proven(member(name, data) for name, data in SMALL.items())
    proof = good.redaction.proof
    assert proof is not None
    for redaction, fault in (
        (Redaction(), Fault.PROOF_MISSING),
        (Redaction(proof=msgspec.structs.replace(proof, hits=1)), Fault.PROOF_HITS),
        (Redaction(proof=msgspec.structs.replace(proof, bytes_searched=3)), Fault.PROOF_DOUBTFUL),
        (Redaction(proof=msgspec.structs.replace(proof, members=1)), Fault.PROOF_DOUBTFUL),
        (Redaction(proof=proof, originals={"user": 3}), Fault.PROOF_DOUBTFUL),
    ):
        changed = msgspec.structs.replace(good, redaction=redaction)
        assert faults(pack(with_manifest(SMALL, changed)), tmp_path) == [fault]


@pytest.mark.parametrize(
    "name",
    ["../x", "a/../../x", "/etc/x", "C:/x", "C:x", "..\\x", "a\\x", "\\\\s\\x", "CON", "a/nul.txt", "a\nb", "a\u202eb"],
)
def test_names_that_lead_elsewhere_are_told_and_not_read(tmp_path: Path, name: str) -> None:
    files = {name: b"x"}
    report = report_of(pack(with_manifest(files)), tmp_path)
    assert {problem.member for problem in report.problems} == {name}
    assert all(problem.fault.value.startswith("name-") for problem in report.problems)
    assert report.members == 0
    assert safe_name(name) != name


def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    bad = raw_name(part("a", b"x"), b"\xff\xfe")
    assert Fault.NAME_ENCODING in faults(pack([bad]), tmp_path)
    assert Fault.NAME_ENCODING in faults(pack([replace(raw_name(part("a", b""), "é".encode()), flags=0)]), tmp_path)


def lying(**changes: int) -> Part:
    honest = part("a", b"aaaa")
    return replace(honest, central=replace(honest.central, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        (replace(part("a", b"x"), flags=0x801), Fault.ENCRYPTED_MEMBER),
        (replace(part("a", b"x"), flags=0x808), Fault.METHOD),
        (lying(method=12), Fault.METHOD),
        (lying(method=0), Fault.HEADERS_DISAGREE),
        (lying(crc=1), Fault.HEADERS_DISAGREE),
        (lying(size=5), Fault.HEADERS_DISAGREE),
        (lying(size=0xFFFFFFFF), Fault.ZIP64),
        (lying(packed=1), Fault.HIDDEN_BYTES),
        (lying(packed=1000), Fault.OVERLAP),
        (replace(part("a", b"x"), attributes=0o120777 << 16), Fault.NOT_A_FILE),
        (replace(part("a", b"x"), attributes=0x10), Fault.NOT_A_FILE),
        (part("a/", b""), Fault.NOT_A_FILE),
        (replace(part("a", b"x"), extra=struct.pack("<HHQ", 1, 8, 1 << 40)), Fault.EXTRA_FIELD),
        (replace(part("a", b"x"), local=part("b", b"x").local), Fault.HEADERS_DISAGREE),
        (replace(part("a", b"x"), local=b"PK\x03\x04"), Fault.HEADERS_DISAGREE),
    ],
)
def test_headers_that_lie_are_told(tmp_path: Path, bad: Part, fault: Fault) -> None:
    report = report_of(pack([bad, part(MANIFEST, manifest_bytes(proven([member("a", b"x")])))]), tmp_path)
    assert fault in {problem.fault for problem in report.problems}
    assert report.members == 0


def test_headers_that_agree_on_a_lie_are_told(tmp_path: Path) -> None:
    for changes in ({"size": 5}, {"size": 3}, {"crc": 1}):
        honest = part("a", b"aaaa")
        entry = replace(honest.central, **changes)  # type: ignore[arg-type]
        parts = [replace(honest, central=entry, local=local_header(entry)), with_manifest({"a": b"aaaa"})[1]]
        assert Fault.DAMAGED in faults(pack(parts), tmp_path)


def test_overlapping_members_are_refused(tmp_path: Path) -> None:
    parts = with_manifest({"a": b"aaaa", "b": b"aaaa"})
    same = [parts[0], replace(parts[1], local=b"", data=b""), parts[2]]
    assert Fault.OVERLAP in faults(pack(same, offsets={1: 0}), tmp_path)


def test_hidden_bytes_between_members_are_found(tmp_path: Path) -> None:
    parts = with_manifest(SMALL)
    gap = [parts[0], replace(parts[1], local=b"secret" + parts[1].local), parts[2]]
    offsets = {1: len(parts[0].local + parts[0].data) + 6}
    assert faults(pack(gap, offsets=offsets), tmp_path)[0] is Fault.HIDDEN_BYTES


def zeros(claimed: int, actual: int) -> Part:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = bytes(1 << 20)
    packed = b"".join(packer.compress(block) for _ in range(actual >> 20)) + packer.flush()
    entry = Entry("zeros", DEFLATED, Stamp.of(None), 0, len(packed), claimed, 0)
    return Part(local_header(entry), packed, entry)


def peak_of(data: bytes, folder: Path) -> tuple[list[Fault], int]:
    (folder / "bundle.zip").write_bytes(data)
    tracemalloc.start()
    try:
        found = [problem.fault for problem in verify(folder / "bundle.zip").problems]
        return found, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_member_of_zeros_is_stopped_early_and_in_little_memory(tmp_path: Path) -> None:
    listed = plain_manifest(members=(msgspec.structs.replace(member("zeros", b""), size=10 << 30),))
    manifest = part(MANIFEST, manifest_bytes(listed))
    # The header says 3 GiB, the most that it can without zip64: not read at all.
    found, peak = peak_of(pack([zeros(3 << 30, 64 << 20), manifest]), tmp_path)
    assert Fault.MEMBER_TOO_LARGE in found
    assert peak < 8 << 20
    # The header says 100 MiB: the ratio gives it away.
    assert Fault.RATIO in faults(pack([zeros(100 << 20, 64 << 20), manifest]), tmp_path)
    # The header says 1000 bytes: stopped behind the first block.
    few = part(MANIFEST, manifest_bytes(proven([msgspec.structs.replace(member("zeros", b""), size=1000)])))
    found, peak = peak_of(pack([zeros(1000, 256 << 20), few]), tmp_path)
    assert found == [Fault.DAMAGED]
    assert peak < 8 << 20


def test_limits_of_count_and_total(tmp_path: Path) -> None:
    files = {str(number): b"12345" for number in range(9)}
    data = pack(with_manifest(files))
    assert faults(data, tmp_path, Limits(members=10, total=45)) == []
    assert faults(data, tmp_path, Limits(members=9)) == [Fault.TOO_MANY_MEMBERS]
    report = report_of(data, tmp_path, Limits(total=44))
    assert [problem.fault for problem in report.problems] == [Fault.TOTAL_TOO_LARGE]
    assert report.size == 0
    assert faults(data, tmp_path, Limits(directory=100)) == [Fault.DIRECTORY]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({4: 1}, Fault.SPLIT),
        ({8: 9}, Fault.SPLIT),
        ({8: 0xFFFF, 10: 0xFFFF}, Fault.ZIP64),
        ({8: 7, 10: 7}, Fault.DIRECTORY),
        ({8: 1, 10: 1}, Fault.DIRECTORY),
        ({12: 0xFFFF, 14: 0xFFFF}, Fault.ZIP64),
        ({12: 0xFFF}, Fault.DIRECTORY),
        ({16: 0}, Fault.HIDDEN_BYTES),
    ],
)
def test_an_end_record_that_lies_is_told(tmp_path: Path, changes: dict[int, int], fault: Fault) -> None:
    data = pack(with_manifest(SMALL), sealed=False)
    record = bytearray(data[-22:])
    for place, value in changes.items():
        record[place : place + 2] = value.to_bytes(2, "little")
    record[20:22] = (89).to_bytes(2, "little")
    assert fault in faults(sign(data[:-22] + bytes(record)), tmp_path)


def test_only_a_regular_file_is_opened(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none", tmp_path / "a\0b"):
        with pytest.raises(InputError):
            verify(path)


@pytest.mark.parametrize("fault", list(Fault))
def test_every_fault_has_a_sentence(fault: Fault) -> None:
    assert f"bundle-fault-{fault}" in SENTENCES
    said = BundleProblem(fault, "a", "b").message
    assert said.id == "bundle-fault-in"
    assert set(said.values) == {"member", "fault"}
