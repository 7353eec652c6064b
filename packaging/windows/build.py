"""`python packaging/windows/build.py` on Linux: dist/diagnose-windows-x64.zip, see README.md beside this file."""

from __future__ import annotations

import sys

from portable.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
