"""The same verdicts as osslsigncode, on the programs of a real Windows Python and on programs signed here."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from portable.interpreter import interpreter_files
from portable.signatures import ROOTS

from checks._certificate import CODE_SIGNING
from checks._chains import Stores, stores_of
from checks._file_trust import Verdict, judge_file
from diagnose.machine.signed_file import signature_of
from diagnose.machine.values import Certificate, FileSignature, Store, thumbprint
from tests.unit.fake_machine import BytesReader, FakeMachine
from tests.unit.signed_programs import Stamp, good, party, program, rsa_key, sample, signature, signed, world

CHECKOUT = Path(__file__).resolve().parents[2]
_PROGRAM = re.compile(r".+\.(exe|dll|pyd)", re.IGNORECASE)
_NOW = datetime.now(UTC)

pytestmark = pytest.mark.skipif(shutil.which("osslsigncode") is None, reason="osslsigncode is not installed")


@cache
def python_files() -> Mapping[str, bytes]:
    """The programs of the portable build's Python, as python.org signed them."""
    archives = sorted((CHECKOUT / ".cache" / "portable").glob("interpreter-*/*.tar.gz"))
    if not archives:
        pytest.skip("needs the Python that ./do portable downloads into .cache/portable")
    return {name: data for name, data in interpreter_files(archives[0]).items() if _PROGRAM.fullmatch(name)}


@cache
def public_roots() -> tuple[bytes, ...]:
    pem = b"".join(path.read_bytes() for path in sorted(ROOTS.glob("*.pem")))
    return tuple(one.public_bytes(Encoding.DER) for one in x509.load_pem_x509_certificates(pem))


def stores(roots: Iterable[bytes], disallowed: Iterable[bytes] = ()) -> Stores:
    held = {Store.ROOT: roots, Store.CA: (), Store.DISALLOWED: disallowed}
    machine = FakeMachine(
        certificates={store: [Certificate(thumbprint(der), der) for der in ders] for store, ders in held.items()}
    )
    found = stores_of(machine)
    assert isinstance(found, Stores)
    return found


def ours(data: bytes, roots: Iterable[bytes], disallowed: Iterable[bytes] = ()) -> Verdict:
    found = signature_of("x", BytesReader("x", data))
    assert isinstance(found, FileSignature)
    return judge_file(found, stores(roots, disallowed), _NOW).verdict


def theirs(folder: Path, data: bytes, roots: Iterable[bytes]) -> bool:
    """Whether osslsigncode takes the program. It wants one authority at least, so it gets a stranger too."""
    file, trusted = folder / "program.exe", folder / "roots.pem"
    file.write_bytes(data)
    ders = (*roots, stranger())
    trusted.write_bytes(b"".join(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM) for der in ders))
    trust = ["-CAfile", str(trusted), "-TSA-CAfile", str(trusted)]
    command = ["osslsigncode", "verify", *offline(), *trust, "-in", str(file)]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


@cache
def offline() -> list[str]:
    """Options that keep this release of it off the network."""
    usage = subprocess.run(["osslsigncode", "verify", "--help"], capture_output=True, text=True, check=False)
    return [one for one in ("-ignore-crl", "-ignore-cdp") if f"{one} " in usage.stdout + usage.stderr]


@cache
def stranger() -> bytes:
    return party("Nobody").der


def test_every_program_of_a_real_python_is_valid_for_both(tmp_path: Path) -> None:
    files = python_files()
    assert len(files) > 25
    assert {name: ours(data, public_roots()) for name, data in files.items()} == dict.fromkeys(files, Verdict.VALID)
    for name in ("python.exe", "vcruntime140.dll", "libffi-8.dll"):
        assert theirs(tmp_path, files[name], public_roots()), name


@pytest.mark.parametrize("name", ["python.exe", "_uuid.pyd", "vcruntime140.dll"])
def test_a_real_program_that_was_touched_is_valid_for_neither(tmp_path: Path, name: str) -> None:
    data = python_files()[name]
    start = data.index(b".text\0\0\0") + 0x800
    touched = data[:start] + bytes([data[start] ^ 1]) + data[start + 1 :]
    for broken in (touched, data + b"appended", data[:-8], data[: len(data) // 2]):
        assert ours(broken, public_roots()) is Verdict.ALTERED
        assert not theirs(tmp_path, broken, public_roots())


@pytest.mark.parametrize("name", ["python.exe", "vcruntime140.dll"])
def test_a_real_program_without_its_root_is_valid_for_neither(tmp_path: Path, name: str) -> None:
    data = python_files()[name]
    for left_out in range(len(public_roots())):
        roots = [der for position, der in enumerate(public_roots()) if position != left_out]
        assert (ours(data, roots) is Verdict.VALID) == theirs(tmp_path, data, roots), left_out
    assert ours(data, ()) is Verdict.UNTRUSTED
    assert not theirs(tmp_path, data, ())


def test_a_disallowed_root_of_a_real_program_is_seen() -> None:
    data = python_files()["python.exe"]
    found = [ours(data, public_roots(), [der]) for der in public_roots()]
    assert found.count(Verdict.DISALLOWED) == 1
    assert found.count(Verdict.VALID) == len(found) - 1


@pytest.mark.parametrize(
    ("data", "valid"),
    [
        (sample(), True),
        (signed(good(stamps=[Stamp(world().stamper, old=True)])), True),
        (signed(good(nested=[signature(program(), good())])), True),
        (signed(good(by=party("R", world().middle, purposes=[CODE_SIGNING], key=rsa_key()), digest="sha512")), True),
        (signed(good(stamps=[])), False),
        (signed(good(stamps=[Stamp(world().stamper, imprint=bytes(32))])), False),
        (signed(good(certificates=[world().signer])), False),
        (signed(good(file_digest=bytes(32))), False),
        (signed(good(by=party("W", world().middle, purposes=["1.3.6.1.5.5.7.3.1"]))), False),
        (sample()[:0x300] + b"!" + sample()[0x301:], False),
        (program(), False),
    ],
    ids=[
        *("stamped", "old stamp", "nested", "sha512", "no stamp", "other imprint", "no intermediate", "other digest"),
        *("web certificate", "changed", "unsigned"),
    ],
)
def test_programs_signed_here_get_the_same_verdict(tmp_path: Path, data: bytes, valid: bool) -> None:
    roots = [world().root.der, world().time_root.der]
    assert (ours(data, roots) is Verdict.VALID) == valid
    assert theirs(tmp_path, data, roots) == valid
