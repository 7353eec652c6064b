"""The programs of one run: those that the operator named, and our own installation as a file, once it is needed."""

from __future__ import annotations

import asyncio
import platform
import sys
from pathlib import Path

from diagnose.remote.program import Kind, Program, can_save_program, save_program


class Programs:
    """For use in one event loop. `folder`: where our own is written, at most once."""

    def __init__(self, given: tuple[Program, ...], folder: Path) -> None:
        self._given = given
        self._folder = folder
        self._lock = asyncio.Lock()
        self._own: Program | None = None

    def pythons(self) -> tuple[str, ...]:
        """What a host is asked for, best first: the versions for which there are programs, then any."""
        named = [program.manifest.python for program in self._given if program.manifest is not None]
        versions = [*named, *([sys.version_info[:2]] if can_save_program() else [])]
        return (*dict.fromkeys(f"python{major}.{minor}" for major, minor in versions), "python3")

    def windows(self) -> Program | None:
        return next((program for program in self._given if program.kind is Kind.WINDOWS), None)

    async def fitting(self, platform_: str, machine: str, python: tuple[int, int]) -> Program | None:
        """The one that runs there. Raises OSError when ours cannot be written."""
        for program in self._given:
            if program.fits(platform_, machine, python):
                return program
        ours = (sys.platform, platform.machine(), sys.version_info[:2])
        if not can_save_program() or (platform_, machine, python) != ours:
            return None
        async with self._lock:
            if self._own is None:
                self._own = await asyncio.to_thread(save_program, self._folder / "program.zip")
        return self._own
