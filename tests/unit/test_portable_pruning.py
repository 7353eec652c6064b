"""The portable build: what of Textual and the libraries under it stays out."""

from __future__ import annotations

import runpy
import zipfile
from pathlib import Path

import pytest
from portable.archive import zip_bytes
from portable.lexers import LIST, listed_lexers
from portable.problems import BuildError
from portable.wheels import installed_name, read_wheel


@pytest.mark.parametrize(
    "name",
    [
        "textual/drivers/windows_driver.py",
        "textual/drivers/win32.py",
        "textual/drivers/headless_driver.py",
        "textual/widgets/_markdown.py",
        "pygments/lexers/special.py",
        "pygments/styles/default.py",
        "markdown_it/presets/default.py",
    ],
)
def test_what_screens_import_is_shipped(name: str) -> None:
    assert installed_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "textual/drivers/linux_driver.py",
        "textual/drivers/web_driver.py",
        "textual/demo/demo_app.py",
        "textual/tree-sitter/highlights/python.scm",
        "pygments/lexers/python.py",
        "pygments/styles/vim.py",
        "pygments/formatters/html.py",
        "mdit_py_plugins/footnote/index.py",
    ],
)
def test_what_screens_never_import_stays_out(name: str) -> None:
    assert installed_name(name) is None


def test_lexers_that_are_not_shipped_are_not_listed_either(tmp_path: Path) -> None:
    lexers = {name: (f"pygments.lexers.{name.lower()}", name, (), (), ()) for name in ("Python", "Special")}
    files = {
        LIST: f"# list\nLEXERS = {lexers!r}\nOTHER = 1\n".encode(),
        "pygments/lexers/python.py": b"",
        "pygments/lexers/special.py": b"",
        "pygments-1.dist-info/METADATA": b"Name: Pygments\nVersion: 1\n\n",
    }
    path = tmp_path / "pygments-1-py3-none-any.whl"
    path.write_bytes(zip_bytes(files, zipfile.ZIP_STORED))
    wheel = read_wheel(path)
    assert wheel is not None
    (tmp_path / "list.py").write_bytes(wheel.files[LIST])
    assert runpy.run_path(str(tmp_path / "list.py"))["LEXERS"] == {"Special": lexers["Special"]}


def test_a_list_of_lexers_in_another_form_ends_the_build() -> None:
    with pytest.raises(BuildError, match="lists no lexers"):
        listed_lexers({LIST: b"LEXERS = load()\n"})
