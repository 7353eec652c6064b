"""Property tests try the same examples in every run, so that nobody's change fails for what another one left.

`./do unit --hypothesis-profile random` looks for new ones; it is worth an hour of a computer now and then.
"""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("random", derandomize=False)
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")
