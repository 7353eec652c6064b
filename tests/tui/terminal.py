"""A real terminal: tmux without anybody in front of it. Waits end when something is seen, not by time."""

from __future__ import annotations

import os
import re
import secrets
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
TMUX = shutil.which("tmux")
_DEADLINE_S = 30.0
_PROMPT = "ready> "
_SETTINGS = """\
set -g status off
set -g default-terminal tmux-256color
set -s escape-time 20
"""


class Terminal:
    """A shell in a terminal of its own, with nobody's own settings, and folders that are the test's."""

    def __init__(self, folder: Path, width: int = 80, height: int = 24) -> None:
        assert TMUX is not None
        self.work, self._server = folder / "work", f"diagnose-{os.getpid()}-{secrets.token_hex(4)}"
        self._commands = 0
        settings = folder / "tmux.conf"
        settings.write_text(_SETTINGS, encoding="utf-8")
        self._scripts = folder / "asked"
        for name in ("work", "home", "asked"):
            (folder / name).mkdir()
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder / "home"),
            "XDG_STATE_HOME": str(folder / "state"),
            "TMUX_TMPDIR": "/tmp",
            "LC_ALL": "C.UTF-8",
            "LANG": "C.UTF-8",
            "TZ": "Asia/Tokyo",
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PS1": _PROMPT,
            "SHELL": "/bin/sh",
            "ASKED": str(self._scripts),
        }
        size = ["-x", str(width), "-y", str(height)]
        shell = f"exec env -u TMUX PS1={shlex.quote(_PROMPT)} bash --norc --noprofile -i"
        self._tmux("-u", "-f", str(settings), "new-session", "-d", *size, "-c", str(self.work), shell)
        self.until_seen(_PROMPT.strip())

    def _tmux(self, *words: str) -> str:
        assert TMUX is not None
        done = subprocess.run(
            [TMUX, "-L", self._server, *words],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def close(self) -> None:
        self._tmux("kill-server")

    def type(self, text: str) -> None:
        self._tmux("send-keys", "-l", "--", text)

    def press(self, *keys: str) -> None:
        """By tmux's names: Enter, Down, F10, C-c."""
        self._tmux("send-keys", *keys)

    def resize(self, width: int, height: int) -> None:
        self._tmux("resize-window", "-x", str(width), "-y", str(height))

    def screen(self) -> str:
        """What stands on it now."""
        return self._tmux("capture-pane", "-p")

    def printed(self) -> str:
        """All that is on it and was scrolled out, long lines whole."""
        return self._tmux("capture-pane", "-p", "-J", "-S", "-")

    def flag(self, name: str) -> str:
        return self._tmux("display-message", "-p", f"#{{{name}}}").strip()

    def until_seen(self, *texts: str) -> str:
        """One of them."""
        return self.until(lambda screen: any(text in screen for text in texts), " or ".join(texts))

    def until_gone(self, text: str) -> str:
        return self.until(lambda screen: text not in screen, f"no more {text}")

    def until(self, there: Callable[[str], object], what: str) -> str:
        end = time.monotonic() + _DEADLINE_S
        while True:
            screen = self.screen()
            if there(screen):
                return screen
            assert time.monotonic() < end, f"never: {what}\n{screen}"
            time.sleep(0.05)

    def run(self, *words: str | Path, more: str = "") -> None:
        """A command; `more` is what the shell shall do with it.

        Read from a file: a typed line that ends in the terminal's last column would be one line with what follows.
        """
        self._commands += 1
        script = self._scripts / f"{self._commands}"
        script.write_text(f"{shlex.join(map(str, words))} {more}\n", encoding="utf-8")
        self.type(f". $ASKED/{self._commands}; echo ended-{self._commands}=$?")
        self.press("Enter")

    def diagnose(self, *words: str | Path, more: str = "") -> None:
        self.run(sys.executable, "-m", "diagnose", *words, more=more)

    def code(self) -> int:
        """The exit code of the last command, once it has ended."""
        ended = re.compile(rf"^ended-{self._commands}=(\d+)$", re.MULTILINE)
        self.until(ended.search, "the end")
        return int(ended.findall(self.screen())[-1])

    def said(self) -> list[str]:
        """What the last command left on the terminal besides its exit code."""
        lines = self.printed().splitlines()
        begin = max(number for number, line in enumerate(lines) if f"; echo ended-{self._commands}=" in line)
        end = next(number for number, line in enumerate(lines) if line.startswith(f"ended-{self._commands}="))
        return [line for line in lines[begin + 1 : end] if line.strip()]
