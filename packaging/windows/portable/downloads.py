"""Fetches what a lock file pins, through pip and its configuration, and keeps it: the next build needs no network."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from portable.problems import BuildError, SetupError

INERT_BACKEND = Path(__file__).resolve().parent.parent / "inert_backend"

SOURCE_ONLY = ("--no-binary", ":all:", "--no-build-isolation", "--use-pep517")
SOURCE_ENVIRONMENT = {"PYTHONPATH": str(INERT_BACKEND), "SETUPTOOLS_USE_DISTUTILS": "stdlib"}
"""Fetches source archives without running anything in them; see `inert_backend`."""

_REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)(?P<rest>.*)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Pin:
    """One distribution and the SHA-256 of each of its files that will do."""

    name: str
    version: str
    hashes: frozenset[str]


def read_lock(text: str) -> tuple[Pin, ...]:
    """The pins of a requirements file. Raises BuildError for a line that pins no version or no hash."""
    lines = [line.strip() for line in text.replace("\\\n", " ").splitlines()]
    return tuple(_read_pin(line) for line in lines if line and not line.startswith("#"))


def _read_pin(line: str) -> Pin:
    found = _REQUIREMENT.fullmatch(line)
    hashes = frozenset(_HASH.findall(line))
    if found is None or not hashes:
        raise BuildError(f"the lock file pins no version and hash here: {line[:100]}")
    return Pin(found["name"], found["version"], hashes)


def fetch(lock: Path, cache: Path, options: Sequence[str], environment: Mapping[str, str]) -> tuple[Path, ...]:
    """The files that `lock` pins, one for each pin and in its order; from `cache` when they are there.

    `options` go to `pip download`, `environment` on top of this process's. Raises BuildError.
    """
    content = lock.read_bytes()
    pins = read_lock(content.decode())
    folder = cache / f"{lock.stem}-{hashlib.sha256(content).hexdigest()[:16]}"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        aside = cache / f".{folder.name}.{secrets.token_hex(6)}"
        try:
            _download(lock, aside, options, environment)
            pinned_files(pins, aside)
            aside.rename(folder)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    return pinned_files(pins, folder)


def pinned_files(pins: Sequence[Pin], folder: Path) -> tuple[Path, ...]:
    """The file in `folder` for each pin, told by its hash alone. Raises BuildError when one is missing or unknown."""
    by_hash = {hashlib.sha256(file.read_bytes()).hexdigest(): file for file in sorted(folder.iterdir())}
    known = frozenset[str]().union(*(pin.hashes for pin in pins))
    for digest, file in by_hash.items():
        if digest not in known:
            raise BuildError(
                f"{file.name} has SHA-256 {digest}, which is not pinned; remove {folder} to fetch it again"
            )
    found = [next((by_hash[digest] for digest in sorted(pin.hashes) if digest in by_hash), None) for pin in pins]
    for pin, one in zip(pins, found, strict=True):
        if one is None:
            raise BuildError(f"{pin.name} {pin.version} is not in {folder}; remove that folder to fetch it again")
    return tuple(file for file in found if file is not None)


def _download(lock: Path, folder: Path, options: Sequence[str], environment: Mapping[str, str]) -> None:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command = [*pip, "--require-hashes", "--requirement", str(lock), "--dest", str(folder), *options]
    done = subprocess.run(  # noqa: S603 - our own arguments
        command,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if "No module named pip" in done.stderr:
        raise SetupError("this Python has no pip; run the build with the Python of the project's venv")
    if done.returncode != 0:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR:")]
        reason = errors[-1].removeprefix("ERROR:").strip() if errors else f"exit code {done.returncode}"
        raise BuildError(f"pip could not fetch what {lock.name} pins: {reason}")
