from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diagnose.bundle.archive import BundleWriter, MemberRefusedError
from diagnose.bundle.deflate import codec_of, fastest_library, standard_library
from diagnose.bundle.limits import Limits
from diagnose.bundle.manifest import MANIFEST, AbsentSource, BundleLimits, Kind, LeftOut, LeftOutReason
from diagnose.bundle.proof import Search, Value
from diagnose.bundle.reading import open_bundle, parse_manifest
from diagnose.bundle.verify import verify
from diagnose.bundle.zip_format import Stamp
from diagnose.errors import InputError
from tests.unit.bundle_samples import CREATED, FILES, LOG, NOTHING, describe, plain_manifest, write


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    files=st.dictionaries(
        st.text(min_size=1, max_size=40),
        st.lists(st.binary(max_size=300) | st.just(b"a" * 5000), max_size=4),
        max_size=6,
    )
)
def test_what_is_written_is_read_again(tmp_path: Path, files: dict[str, list[bytes]]) -> None:
    target = tmp_path / "bundle.zip"
    manifest = write(target, files)
    assert verify(target).problems == ()
    wanted = {name: b"".join(chunks) for name, chunks in files.items()}
    with open_bundle(target) as bundle:
        assert bundle.manifest == manifest
        got = {member.asked_name or member.name: bundle.read(member.name, 100_000) for member in manifest.members}
    assert got == wanted
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [*(member.name for member in manifest.members), MANIFEST]


def test_other_programs_read_it(tmp_path: Path) -> None:
    target = tmp_path / "バンドル.zip"
    write(target)
    with zipfile.ZipFile(target) as archive:
        infos = archive.infolist()
        assert {info.filename: archive.read(info) for info in infos if info.filename != MANIFEST} == FILES
        assert {info.date_time for info in infos} == {(2026, 11, 21, 9, 0, 2)}
        assert {(info.flag_bits, info.create_system, info.extra) for info in infos} == {(0x800, 3, b"")}
        assert {stat.S_IFMT(info.external_attr >> 16) for info in infos} == {stat.S_IFREG}
        parse_manifest(archive.read(MANIFEST))
    if shutil.which("unzip"):
        assert subprocess.run(["unzip", "-tq", target], capture_output=True, check=False).returncode == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o600 or os.name == "nt"


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        write(tmp_path / name, {name: [content[:3], content[3:]] for name, content in FILES.items()})
    write(tmp_path / "c.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as one, zipfile.ZipFile(tmp_path / "c.zip") as other:
        assert one.read(MANIFEST) == other.read(MANIFEST)


def test_each_codec_gives_the_same_content(tmp_path: Path) -> None:
    for codec in (codec_of(standard_library(), 6), codec_of(standard_library(), 1), codec_of(fastest_library(), 2)):
        with BundleWriter.create(tmp_path / "a.zip", codec=codec) as writer:
            member = writer.add("a", [b"abc" * 10_000], describe())
            writer.finish(plain_manifest(), NOTHING)
        assert verify(tmp_path / "a.zip").ok
        assert member.size == 30_000


def test_a_time_that_a_zip_cannot_hold_becomes_1980() -> None:
    assert Stamp.of(None) == Stamp.of(datetime(1979, 12, 31)) == Stamp.of(datetime(2108, 1, 1)) == Stamp(0, 33)
    assert Stamp.of(datetime(2107, 12, 31, 23, 59, 59)) == Stamp(0xBF7D, 0xFF9F)


def broken(error: BaseException) -> Iterator[bytes]:
    yield b"secret" * 100_000
    raise error


@pytest.mark.parametrize("error", [ValueError("x"), OSError(5, "gone"), KeyboardInterrupt(), MemberRefusedError("y")])
def test_a_member_that_breaks_off_is_not_there_at_all(tmp_path: Path, error: BaseException) -> None:
    target = tmp_path / "a.zip"
    with BundleWriter.create(target, collected=CREATED) as writer:
        writer.add("before.log", [b"1"], describe())
        size = writer.size
        with pytest.raises(type(error)):
            writer.add("broken.log", broken(error), describe())
        assert writer.size == size
        writer.add("broken.log", [b"2"], describe())
        manifest = writer.finish(plain_manifest(), NOTHING)
    assert [member.name for member in manifest.members] == ["before.log", "broken.log"]
    assert verify(target).ok
    write(tmp_path / "b.zip", {"before.log": b"1", "broken.log": b"2"})
    assert target.read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_a_description_that_fails_takes_its_member_along(tmp_path: Path) -> None:
    def fail() -> Any:
        raise ValueError

    with BundleWriter.create(tmp_path / "a.zip") as writer:
        with pytest.raises(ValueError):
            writer.add("a.log", [b"1" * 1000], fail)
        assert writer.finish(plain_manifest(), NOTHING).members == ()
    assert verify(tmp_path / "a.zip").ok


def test_an_interruption_leaves_the_old_bundle_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "a.zip"
    target.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), BundleWriter.create(target) as writer:
        writer.add("a.log", broken(KeyboardInterrupt()), describe())
    assert target.read_bytes() == b"old"
    assert left_in(tmp_path) == ["a.zip"]


@pytest.mark.parametrize("where", ["prove", "manifest_bytes"])
def test_an_interruption_at_the_end_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    def interrupt(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(f"diagnose.bundle.archive.{where}", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "a.zip")
    assert left_in(tmp_path) == []


def test_leaving_without_finish_leaves_nothing(tmp_path: Path) -> None:
    with BundleWriter.create(tmp_path / "a.zip") as writer:
        writer.add("a.log", [b"1"], describe())
        assert left_in(tmp_path) == ["a.zip.partial"]
    assert left_in(tmp_path) == []


def test_what_a_killed_run_left_behind_is_replaced_and_links_are_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "a.zip"
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / "a.zip.partial").symlink_to(victim)
    target.write_bytes(b"old")
    write(target)
    assert verify(target).ok
    assert victim.read_bytes() == b"precious"
    assert left_in(tmp_path) == ["a.zip", "victim"]


def test_two_runs_with_one_target_do_not_mix(tmp_path: Path) -> None:
    target = tmp_path / "a.zip"
    with BundleWriter.create(target) as first:
        first.add("a.log", [b"1"], describe())
        with BundleWriter.create(target) as second:
            second.add("b.log", [b"2"], describe())
            with pytest.raises(InputError) as told:
                first.finish(plain_manifest(), NOTHING)
            second.finish(plain_manifest(), NOTHING)
    assert told.value.problems[0].message.id == "bundle-target-taken"
    with open_bundle(target) as bundle:
        assert bundle.names() == ("b.log",)
    assert left_in(tmp_path) == ["a.zip"]


def refusal(target: Path) -> str:
    with pytest.raises(InputError) as told:
        write(target)
    problem = told.value.problems[0]
    assert problem.place is not None
    assert problem.place.file == str(target)
    return problem.message.id


def test_a_target_that_cannot_be_written_is_one_clear_refusal(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert refusal(tmp_path) == "bundle-target-folder"
    for target in (
        tmp_path / "none" / "a.zip",
        tmp_path / "file" / "a.zip",
        tmp_path / "a\0.zip",
        tmp_path / ("a" * 300),
    ):
        assert refusal(target) == "bundle-unwritable"
    assert left_in(tmp_path) == ["file"]


@pytest.mark.parametrize("after", [0, 1, 100, 400, 1000, 1400])
def test_a_full_disk_is_one_refusal_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    target = tmp_path / "a.zip"
    full = FullDisk(after)
    fdopen = os.fdopen
    monkeypatch.setattr("diagnose.bundle.aside.os.fdopen", lambda *rest: full.around(fdopen(*rest)))
    with pytest.raises(InputError) as told:
        write(target)
    assert told.value.problems[0].message.values["error"] == os.strerror(errno.ENOSPC)
    assert left_in(tmp_path) == []


class FullDisk:
    """A file on a disk that holds no more than `room` bytes."""

    def __init__(self, room: int) -> None:
        self._room = room

    def around(self, stream: Any) -> Any:
        self._stream = stream
        return self

    def write(self, data: bytes) -> int:
        if self._stream.tell() + len(data) > self._room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return int(self._stream.write(data))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def test_a_disk_that_fails_at_the_very_end_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise OSError(errno.EIO, "input/output error")

    monkeypatch.setattr("os.fsync", fail)
    assert refusal(tmp_path / "a.zip") == "bundle-unwritable"
    monkeypatch.undo()
    monkeypatch.setattr(Path, "replace", fail)
    assert refusal(tmp_path / "a.zip") == "bundle-unwritable"
    assert left_in(tmp_path) == []


def test_a_member_beyond_the_limits_is_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    limits = Limits(member=1000, total=1500, members=4, ratio=10, ratio_from=500)
    with BundleWriter.create(tmp_path / "a.zip", limits=limits) as writer:
        for name, chunks in (
            ("large", (os.urandom(300) for _ in iter(int, 1))),
            ("flat", [b"0" * 900]),
        ):
            with pytest.raises(MemberRefusedError) as refused:
                writer.add(name, chunks, describe())
            assert refused.value.reason is LeftOutReason.TOO_LARGE
        writer.add("1", [os.urandom(900)], describe())
        with pytest.raises(MemberRefusedError):
            writer.add("2", [os.urandom(900)], describe())
        for name in "23":
            writer.add(name, [b""], describe())
        with pytest.raises(MemberRefusedError):
            writer.add("4", [b""], describe())
        writer.finish(plain_manifest(), NOTHING)
    assert verify(tmp_path / "a.zip", limits).ok


def test_a_member_with_an_original_value_is_taken_out_and_listed(tmp_path: Path) -> None:
    search = Search.of_values([Value("user", "山田太郎"), Value("host", "PC-00123")])
    files = {
        "logs/1.log": b"fine" * 100,
        "logs/2.log": b"C:\\Users\\" + "山田太郎".encode("cp932"),
        "logs/3.log": os.urandom(5000),
        "logs/pc-00123.log": b"the name is enough",
        "logs/4.log": b"fine too",
    }
    target = tmp_path / "a.zip"
    manifest = write(target, files, search)
    assert [member.name for member in manifest.members] == ["logs/1.log", "logs/3.log", "logs/4.log"]
    assert manifest.left_out == (
        LeftOut(path=LOG.source, reason=LeftOutReason.PROOF_FAILED, detail="user"),
        LeftOut(path=LOG.source, reason=LeftOutReason.PROOF_FAILED, detail="host"),
    )
    assert manifest.redaction.proof is not None
    assert manifest.redaction.proof.hits == 0
    assert manifest.redaction.proof.values == 2
    assert manifest.redaction.proof.bytes_searched == 5408
    assert verify(target).ok
    with open_bundle(target) as bundle:
        assert bundle.read("logs/3.log", 5000) == files["logs/3.log"]
    assert b"00123" not in target.read_bytes()


def test_originals_in_what_the_manifest_tells_are_withheld_or_stop_the_bundle(tmp_path: Path) -> None:
    search = Search.of_values([Value("user", "山田太郎")])
    told = plain_manifest(
        left_out=(LeftOut(path="C:\\Users\\山田太郎\\a.log", reason=LeftOutReason.LOCKED),),
        absent=(AbsentSource(path="山田太郎"), AbsentSource(path="C:\\x")),
    )
    target = tmp_path / "a.zip"
    manifest = write(target, FILES, search, told)
    assert manifest.left_out == (LeftOut(path="(withheld)", reason=LeftOutReason.LOCKED),)
    assert [absent.path for absent in manifest.absent] == ["(withheld)", "C:\\x"]
    target.unlink()
    with pytest.raises(InputError) as refused:
        write(target, FILES, search, plain_manifest(run_id="山田太郎-1"))
    assert refused.value.problems[0].message.values == {"kind": "user"}
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("spare", [-1, 0, 1000])
def test_whether_it_fits_the_ticket_is_told_to_the_byte(tmp_path: Path, spare: int) -> None:
    target = tmp_path / "a.zip"
    write(target, manifest=plain_manifest(limits=BundleLimits(ticket=10_000)))
    size = target.stat().st_size
    ticket = size + spare if spare < 1000 else 10 * size
    manifest = write(target, manifest=plain_manifest(limits=BundleLimits(ticket=ticket)))
    assert manifest.limits.fits is (spare >= 0)
    # To say that it does not fit may take a byte less than to say that it does.
    assert not manifest.limits.fits or target.stat().st_size <= ticket
    assert verify(target).manifest == manifest


def test_kinds_and_descriptions_reach_the_manifest(tmp_path: Path) -> None:
    asked = []

    def about() -> Any:
        asked.append(1)
        return LOG

    with BundleWriter.create(tmp_path / "a.zip") as writer:
        member = writer.add("a:b.log", [b"1"], about)
    assert (member.kind, member.source, member.name, member.asked_name) == (Kind.LOG, LOG.source, "a_b.log", "a:b.log")
    assert asked == [1]
