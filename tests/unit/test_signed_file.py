"""What is read of a program: where its table lies, what its digests cover, and how much of a file that takes."""

from __future__ import annotations

import hashlib
import os
import struct
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.errors import InputError
from diagnose.machine import posix_files
from diagnose.machine.recorded import RecordedMachine
from diagnose.machine.recorder import Recorder
from diagnose.machine.signed_file import LARGEST, MOST_TABLE, signature_of
from diagnose.machine.values import Absent, FileSignature, Reason, SignatureForm, Unseen
from tests.unit.fake_machine import BytesReader, FakeMachine
from tests.unit.signed_programs import good, program, signature, signed, with_directory, with_table

PATH = r"C:\試験\TmListen.exe"


def read(data: bytes) -> FileSignature:
    found = signature_of(PATH, BytesReader(PATH, data))
    assert isinstance(found, FileSignature), found
    return found


def form(data: bytes) -> SignatureForm:
    return read(data).form


@pytest.mark.parametrize("plus", [True, False])
def test_a_signed_program_tells_its_structures_and_digests(plus: bool) -> None:
    plain = program(plus=plus)
    blob = signature(plain, good())
    found = read(with_table(plain, blob))
    assert (found.form, found.size) == (SignatureForm.SIGNED, len(with_table(plain, blob)))
    assert found.blobs[0].startswith(blob)
    at = 64 + 24
    directory = at + (112 if plus else 96) + 32
    covered = plain[: at + 64] + plain[at + 68 : directory] + plain[directory + 8 :]
    assert found.digests == {"sha256": hashlib.sha256(covered).hexdigest()}


def test_only_the_digests_that_a_signature_names_are_made() -> None:
    plain = program()
    blobs = [b"0" * 40 + bytes.fromhex("608648016503040203"), b"\x2b\x0e\x03\x02\x1a" + b"0" * 8]
    assert read(with_table(plain, *blobs)).digests.keys() == {"sha1", "sha512"}
    assert read(with_table(plain, b"\x30\x00")).digests == {}


def test_the_checksum_and_the_table_itself_are_not_covered() -> None:
    data = signed(good())
    patched = data[:152] + b"\xff\xff\xff\xff" + data[156:]
    assert read(patched).digests == read(data).digests
    assert read(data[:0x300] + b"\0" + data[0x301:]).digests != read(data).digests


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (program(), SignatureForm.UNSIGNED),
        (with_directory(program(), 0, 0), SignatureForm.UNSIGNED),
        (with_directory(program(), 64, 16), SignatureForm.BROKEN),  # inside of the headers
        (with_directory(program(), 0, 16), SignatureForm.BROKEN),
        (with_directory(program(), 600, 4), SignatureForm.BROKEN),
        (with_directory(program(), 600, 2**32 - 1), SignatureForm.BROKEN),
        (with_directory(program(), 2**32 - 8, 16), SignatureForm.BROKEN),
        (signed(good())[:-1], SignatureForm.BROKEN),
        (signed(good())[:700], SignatureForm.BROKEN),
        (signed(good())[:100], SignatureForm.BROKEN),
        (signed(good()) + b"appended", SignatureForm.BROKEN),
        (with_table(program(), b"")[:-8] + struct.pack("<IHH", 4, 0x200, 2), SignatureForm.BROKEN),
        (with_table(program(), b"")[:-8] + struct.pack("<IHH", 2**31, 0x200, 2), SignatureForm.BROKEN),
        (b"MZ", SignatureForm.NOT_A_PROGRAM),
        (b"", SignatureForm.NOT_A_PROGRAM),
        (b"MZ".ljust(0x3C, b"\0") + b"\xff\xff\xff\xff" + bytes(9000), SignatureForm.NOT_A_PROGRAM),
        (b"MZ".ljust(0x3C, b"\0") + b"\x40\0\0\0NE" + bytes(600), SignatureForm.NOT_A_PROGRAM),
        ("2026/11/21 ログ".encode("cp932") * 100, SignatureForm.NOT_A_PROGRAM),
    ],
)
def test_what_does_not_fit_is_told_by_kind(data: bytes, expected: SignatureForm) -> None:
    assert form(data) is expected


def test_an_entry_of_another_kind_is_no_signature() -> None:
    data = bytearray(with_table(program(), b"\x30\x00" * 8))
    struct.pack_into("<H", data, len(program()) + 6, 1)  # WIN_CERT_TYPE_X509
    assert form(bytes(data)) is SignatureForm.BROKEN


@given(st.integers(0, 900), st.binary(max_size=8))
def test_no_headers_break_the_reader(at: int, patch: bytes) -> None:
    data = signed(good())
    signature_of(PATH, BytesReader(PATH, data[:at] + patch + data[at + len(patch) :]))


@given(st.binary(max_size=200), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_no_table_breaks_the_reader(noise: bytes, offset: int, size: int) -> None:
    signature_of(PATH, BytesReader(PATH, with_directory(program(noise), offset, size)))
    signature_of(PATH, BytesReader(PATH, b"MZ" + noise))


def test_a_log_of_two_gigabytes_that_is_named_exe_costs_one_look(tmp_path: Path) -> None:
    path = tmp_path / "log.exe"
    with path.open("wb") as stream:
        stream.write(b"2026-11-21 started\r\n")
        stream.truncate(2 << 30)
    tracemalloc.start()
    found = signature_of(str(path), posix_files.open_file(str(path)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(found, FileSignature)
    assert found.form is SignatureForm.NOT_A_PROGRAM
    assert peak < 1 << 20


def test_a_sparse_program_with_a_table_at_its_end_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "huge.exe"
    size = 2 << 30
    with path.open("wb") as stream:
        stream.write(with_directory(program(), size - 16, 16))
        stream.truncate(size)
    found = signature_of(str(path), posix_files.open_file(str(path)))
    assert found == Unseen(Reason.FAILED, str(path), f"{size} bytes")
    assert size > LARGEST


def test_a_digest_takes_memory_for_a_piece_only(tmp_path: Path) -> None:
    path = tmp_path / "large.exe"
    path.write_bytes(signed(good(), program(bytes(24 << 20))))
    tracemalloc.start()
    found = signature_of(str(path), posix_files.open_file(str(path)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(found, FileSignature)
    assert found.digests.keys() == {"sha256"}
    assert peak < 4 << 20


def test_a_table_of_many_megabytes_is_not_read() -> None:
    plain = program()
    data = with_table(plain, bytes(MOST_TABLE))
    assert isinstance(signature_of(PATH, BytesReader(PATH, data)), Unseen)


def test_a_file_that_shrinks_or_fails_meanwhile_is_unseen() -> None:
    for wanted in ("data", "error"):
        reader = BytesReader(PATH, signed(good(), program(bytes(600_000))))
        if wanted == "data":
            reader.data = reader.data[:300_000] + bytes(0)
            reader.failing = lambda offset, count: None
        else:
            reader.failing = lambda offset, count: Unseen(Reason.DENIED, "x", "locked") if offset > 5000 else None
        found = signature_of(PATH, reader)
        assert isinstance(found, Unseen), wanted
        assert found.where == PATH
        assert reader.closed


def test_what_could_not_be_opened_is_handed_on() -> None:
    assert signature_of(PATH, Absent(PATH)) == Absent(PATH)
    denied = Unseen(Reason.DENIED, PATH, "no")
    assert signature_of(PATH, denied) == denied


def test_a_part_of_a_file_is_no_file() -> None:
    reader = BytesReader(PATH, signed(good()))
    reader.held = (100, reader.size)
    assert signature_of(PATH, reader) == Unseen(Reason.NOT_RECORDED, PATH)


# Recordings


def recorded(tmp_path: Path, data: bytes) -> tuple[FakeMachine, Path]:
    machine = FakeMachine(files={PATH: data})
    recorder = Recorder(machine)
    recorder.signature(PATH)
    recorder.write(tmp_path / "machine")
    return machine, tmp_path / "machine"


def test_a_recording_keeps_the_signature_and_not_the_program(tmp_path: Path) -> None:
    machine, folder = recorded(tmp_path, signed(good(), program(os.urandom(200_000))))
    assert RecordedMachine.open(folder).signature(PATH) == machine.signature(PATH)
    assert RecordedMachine.open(folder).signature(PATH.lower()) != Absent(PATH)
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 20_000


def test_a_signature_whose_structures_were_taken_away_is_not_recorded(tmp_path: Path) -> None:
    _, folder = recorded(tmp_path, signed(good()))
    for path in (folder / "signatures").iterdir():
        path.unlink()
    found = RecordedMachine.open(folder).signature(PATH)
    assert isinstance(found, Unseen)
    assert found.reason is Reason.NOT_RECORDED


@pytest.mark.parametrize("name", ["../outside.p7", "..", "/etc/passwd", "a\\b"])
def test_structures_outside_of_the_recording_are_refused(tmp_path: Path, name: str) -> None:
    _, folder = recorded(tmp_path, signed(good()))
    stored = next((folder / "signatures").iterdir()).name
    text = (folder / "machine.yaml").read_text(encoding="utf-8")
    (folder / "machine.yaml").write_text(text.replace(stored, name.replace("\\", "\\\\")), encoding="utf-8")
    if "\\" in name:
        text = text.replace(stored, name)
        (folder / "machine.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError):
        RecordedMachine.open(folder)


def test_a_file_put_into_a_recording_by_hand_is_read_itself(tmp_path: Path) -> None:
    folder = tmp_path / "machine"
    target = folder / "files" / "C" / "試験" / "TmListen.exe"
    target.parent.mkdir(parents=True)
    data = signed(good())
    target.write_bytes(data)
    (folder / "machine.yaml").write_text("platform: windows\n")
    assert RecordedMachine.open(folder).signature(PATH) == FakeMachine(files={PATH: data}).signature(PATH)
    assert RecordedMachine.open(folder).signature(r"C:\x.exe") == Absent(r"C:\x.exe")


def test_what_was_there_before_does_not_vanish_in_the_recording() -> None:
    machine = FakeMachine(files={PATH: signed(good())})
    recorder = Recorder(machine)
    recorder.file_info(PATH)
    machine._files = {}
    assert isinstance(recorder.signature(PATH), Unseen)
