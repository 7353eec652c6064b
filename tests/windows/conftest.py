from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.windows.linux import Program, why_not
from tests.windows.program import ZIP, unpack
from tests.windows.wine import Windows, open_windows


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """The portable program, unpacked once; every Windows sees it as its own."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    if not ZIP.is_file():
        pytest.skip(f"the Windows tests need {ZIP}, which ./do portable builds")
    return unpack(tmp_path_factory.mktemp("program"))


@pytest.fixture(scope="module")
def windows(program: Program) -> Iterator[Windows]:
    """A Japanese Windows with the program, for all tests of a module."""
    with open_windows(program=program) as opened:
        yield opened
