"""Where the data folders of the program are: inside the package when installed, beside it in a source tree."""

from __future__ import annotations

from pathlib import Path


def rules_folder() -> Path:
    """The folder of the products, flows and causes that ship with the program."""
    return _folder("rules")


def templates_folder() -> Path:
    """The folder of the report templates."""
    return _folder("report_templates")


def ansible_folder() -> Path:
    """The folder of the play and of the collection for Ansible."""
    return _folder("ansible", "packaging/ansible")


def _folder(name: str, in_tree: str | None = None) -> Path:
    # Not resolve(): where it goes through a drive that was mapped, Windows may not let it.
    package = Path(__file__).absolute().parent
    installed = package / "_data" / name
    return installed if installed.is_dir() else package.parent / (in_tree or name)
