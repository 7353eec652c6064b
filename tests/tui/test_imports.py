"""Commands without screens start without the screens' library: it costs half a second and megabytes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCENARIO = ROOT / "tests" / "scenarios" / "apex-one" / "service-stopped"
ASKED = """
import sys
from diagnose.cli import run_command_line
code = run_command_line(sys.argv[1:])
found = sorted({name.split(".")[0] for name in sys.modules} & {"textual", "rich", "pygments"})
print(code, *found, file=sys.stderr)
"""


@pytest.mark.parametrize(
    "words",
    [
        ["--version"],
        ["flows"],
        ["--help"],
        ["rules", "lint"],
        ["run", "apex-one/agent-upgrade", "--machine", str(SCENARIO), "--no-input", "--format", "json"],
        ["rules", "test", str(SCENARIO)],
    ],
)
def test_no_screen_is_loaded(tmp_path: Path, words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASKED, *words],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    code, *found = done.stderr.splitlines()[-1].split()
    assert code in {"0", "1"}, done.stderr
    assert found == []
