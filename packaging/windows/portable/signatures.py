"""Checks the Authenticode signatures of the interpreter's programs, without a network.

Two releases of osslsigncode are known to work: 2.5 never asks for revocation lists, 2.9 is told not to. A program
signed before its certificate expired stays valid: the time comes from a countersignature, which is checked as well.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from portable.problems import BuildError, SetupError

ROOTS = Path(__file__).resolve().parent.parent / "roots"
_WORKERS = 2
_TIMEOUT_S = 60
_OFFLINE_OPTIONS = ("-ignore-crl", "-ignore-cdp")

_PROGRAM = re.compile(r".+\.(exe|dll|pyd)", re.IGNORECASE)
_PYTHON = frozenset({"/C=US/ST=Oregon/L=Beaverton/O=Python Software Foundation/CN=Python Software Foundation"})
_MICROSOFT = frozenset(
    f"/C=US/ST=Washington/L=Redmond/O=Microsoft Corporation/CN={name}"
    for name in ("Microsoft Windows Software Compatibility Publisher", "Microsoft Corporation")
)
_BY_MICROSOFT = frozenset({"vcruntime140.dll", "vcruntime140_1.dll"})

_SIGNER = re.compile(r"^Signer's certificate:\n(?:\s*-+\n)?\s*Signer #0:\n\s*Subject: (.*)$", re.MULTILINE)
_VERDICT = re.compile(r"^Signature verification: (\w+)$", re.MULTILINE)


def check_signatures(files: Mapping[str, bytes]) -> int:
    """How many programs are among `files`; each is signed by who publishes it, unchanged. Raises BuildError."""
    programs = sorted(name for name in files if _PROGRAM.fullmatch(name))
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(_WORKERS) as workers:
        roots = Path(folder, "roots.pem")
        roots.write_text("".join(file.read_text(encoding="ascii") for file in sorted(ROOTS.glob("*.pem"))), "ascii")

        def check(name: str) -> None:
            file = Path(folder, "program-" + name.replace("/", "-"))
            file.write_bytes(files[name])
            check_report(name, *_report(file, roots))

        list(workers.map(check, programs))
    return len(programs)


def check_report(name: str, exit_code: int, report: str) -> None:
    """Judge what osslsigncode said about one program. Raises BuildError with the reason."""
    signers = _SIGNER.findall(report)
    verdicts = _VERDICT.findall(report)
    expected = _MICROSOFT if name in _BY_MICROSOFT else _PYTHON
    if strangers := set(signers) - expected:
        raise BuildError(f"{name}: signed by {min(strangers)}, who does not publish it")
    if exit_code != 0 or not signers or verdicts != ["ok"] * len(signers):
        raise BuildError(f"{name}: its signature does not verify; the file is not as it was published")


def _report(file: Path, roots: Path) -> tuple[int, str]:
    trust = ["-CAfile", str(roots), "-TSA-CAfile", str(roots)]
    done = _osslsigncode("verify", *_offline(), *trust, "-in", str(file))
    return done.returncode, done.stdout


@cache
def _offline() -> tuple[str, ...]:
    """The options that keep this release of the program off the network."""
    usage = _osslsigncode("verify", "--help")
    return tuple(option for option in _OFFLINE_OPTIONS if f"{option} " in usage.stdout + usage.stderr)


def _osslsigncode(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["osslsigncode", *arguments]
    try:
        return subprocess.run(  # noqa: S603 - our own arguments
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_TIMEOUT_S,
            check=False,
        )
    except FileNotFoundError:
        raise SetupError("osslsigncode is not installed; packages.txt lists what the build needs") from None
    except subprocess.TimeoutExpired:
        raise BuildError("osslsigncode did not answer in time") from None
