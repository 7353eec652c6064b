"""Where a bundle is written when nobody says where."""

from __future__ import annotations

import os
from pathlib import Path


def output_folder() -> Path:
    """The working folder; the user's own one where that cannot be written to, as a share or the system's folders."""
    here = Path.cwd()
    system = os.environ.get("SYSTEMROOT")
    inside = system is not None and here.is_relative_to(system)
    return here if os.access(here, os.W_OK) and not inside else Path.home()
