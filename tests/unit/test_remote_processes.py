"""Programs that talk to hosts end when they are to, whatever they have said that nobody read."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from diagnose.remote.processes import BLOCK, started

pytestmark = pytest.mark.skipif(os.name == "nt", reason="processes are ended in groups")

FLOOD = "import sys\nwhile True: sys.stdout.write('x' * 65536)"


def test_a_flood_that_nobody_reads_does_not_hold_up_the_end(tmp_path: Path) -> None:
    async def flooded() -> int | None:
        async with started([sys.executable, "-c", FLOOD], {}, tmp_path) as process:
            assert process.stdout is not None
            # From then on asyncio does not read on.
            while len(process.stdout._buffer) <= 2 * BLOCK:  # type: ignore[attr-defined]
                await asyncio.sleep(0)
        return process.returncode

    assert asyncio.run(asyncio.wait_for(flooded(), 30)) == -9
