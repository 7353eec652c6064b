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

    code = run_command_line(sys.argv[1:])
    _leave_threads_behind(code)
    return code


def _leave_threads_behind(code: int) -> None:
    """Ends the process here when calls are still under way that nobody can cancel, such as a look-up of a name.

    The usual end would take the interpreter apart under their threads: when such a call returns then, it can crash or
    hang the process, although everything is written and said.
    """
    import threading

    if all(not thread.daemon or thread is threading.main_thread() for thread in threading.enumerate()):
        return
    import contextlib
    import os

    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):  # closed, or nobody reads it any more
            stream.flush()
    if sys.platform == "win32":
        import ctypes

        # `os._exit` would still tell every DLL, and wait for locks that a thread held when it was ended.
        kernel32 = ctypes.WinDLL("kernel32")
        kernel32.GetCurrentProcess.restype = ctypes.c_void_p
        kernel32.TerminateProcess.argtypes = (ctypes.c_void_p, ctypes.c_uint)
        kernel32.TerminateProcess(kernel32.GetCurrentProcess(), code)
    os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
