from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.netlab import Lab, open_lab, why_not


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    reason = why_not()
    if reason:
        pytest.skip(reason)
    with open_lab() as opened:
        yield opened
