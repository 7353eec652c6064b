"""Signatures verified by the Windows build, on its own interpreter's programs and on programs signed here."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from portable.signatures import ROOTS

from tests.unit.signed_programs import sample, world
from tests.windows.wine import Program, Windows

_FOLDER = r"C:\Program Files (x86)\試験 エージェント"
_CODE = """
import json, sys
from datetime import datetime
from checks.file_signatures import CHECK, Parameters
from diagnose.check import Saw
from diagnose.machine.live import open_live_machine

class Context:
    machine = open_live_machine(lambda: datetime.now().astimezone())
    now = machine.now()
    def fill(self, text):
        return text

asked = json.loads(sys.stdin.buffer.read())
found = CHECK.measure(Context(), Parameters(files=tuple(asked)))
seen = {name: one.value if isinstance(one, Saw) else str(one.reason) for name, one in found.items()}
sys.stdout.buffer.write(json.dumps(seen).encode())
"""

Verify = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def verify(windows: Windows) -> Verify:
    """`verify(path, ...)`: what the check sees of these files."""

    def seen(*paths: str) -> dict[str, Any]:
        done = windows.python(_CODE, stdin=json.dumps(paths).encode())
        assert done.returncode == 0, done.stderr.decode()
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    return seen


def test_a_program_is_valid_once_its_roots_are_in_the_store(windows: Windows, verify: Verify) -> None:
    whole, cut, changed = (rf"{_FOLDER}\{name}.exe" for name in ("whole", "cut", "changed"))
    windows.write_file(whole, sample())
    windows.write_file(cut, sample()[:-8])
    windows.write_file(changed, sample()[:0x300] + b"!" + sample()[0x301:])
    before = verify(whole, cut, changed)
    assert (before["untrusted_files"], before["altered_files"]) == ([whole], [cut, changed])
    assert before["lacking_certificates"] == ["試験 Root CA", "Example Time Root"]
    for root in (world().root, world().time_root):
        windows.add_certificate("ROOT", root.der)
    after = verify(whole, cut, changed)
    assert (after["valid_files"], after["altered_files"]) == ([whole], [cut, changed])
    windows.add_certificate("DISALLOWED", world().middle.der)
    assert verify(whole)["distrusted_files"] == [whole]


def test_the_programs_of_its_own_python_are_verified(windows: Windows, program: Program, verify: Verify) -> None:
    runtime = program.folder / "runtime"
    files = [str(runtime / name) for name in ("python311.dll", "python3.dll", "vcruntime140.dll", "_uuid.pyd")]
    for path in sorted(ROOTS.glob("*.pem")):
        for one in x509.load_pem_x509_certificates(path.read_bytes()):
            windows.add_certificate("ROOT", one.public_bytes(Encoding.DER))
    found = verify(*files)
    assert found["valid_files"] == files
    assert "python311.dll: Python Software Foundation (2024-04-02)" in found["file_signers"]


def test_a_program_that_its_owner_locks_is_not_judged(windows: Windows, verify: Verify) -> None:
    path = rf"{_FOLDER}\denied.exe"
    windows.write_file(path, sample())
    windows.deny(path)
    found = verify(path)
    assert found["looked_at"] == 0
    assert found["altered_files"] == "denied"
