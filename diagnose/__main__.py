"""Entry point. `--version` answers before anything heavy is imported; everything else goes to `diagnose.cli`."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line and return its exit code."""
    if sys.argv[1:] == ["--version"]:
        from diagnose import __version__

        sys.stdout.write(f"diagnose {__version__}\n")
        return 0
    from diagnose.cli import run_command_line

    return run_command_line(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
