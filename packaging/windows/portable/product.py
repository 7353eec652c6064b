"""Our own code and its data, laid out as in an installed package."""

from __future__ import annotations

import ast
from pathlib import Path

from portable.files import Files, below, merge
from portable.interpreter import UNUSED_MODULES, module_of
from portable.problems import BuildError

_PACKAGES = ("diagnose", "checks", "calculations")
_DATA = {"rules": "diagnose/_data/rules", "report_templates": "diagnose/_data/report_templates"}
_UNUSED = frozenset({"py.typed"})


def product_files(checkout: Path) -> Files:
    """Packages and data folders, below the folder for modules. Raises BuildError when one is missing."""
    folders = {name: name for name in _PACKAGES} | _DATA
    files = merge(below(target, _read(checkout / source)) for source, target in folders.items())
    # It goes to other computers as text, and here only bytecode is shipped.
    files["diagnose/remote/supervisor.txt"] = files["diagnose/remote/supervisor.py"]
    for name, data in files.items():
        if name.endswith(".py") and (absent := imported(data.decode()) & UNUSED_MODULES):
            raise BuildError(f"{name} imports {min(absent)}, which is not shipped; see interpreter.py")
    return files


def imported(source: str) -> set[str]:
    """The top-level modules that a source imports anywhere in it."""
    names: list[str] = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import():
                names += [alias.name for alias in node.names]
            case ast.ImportFrom(module=str(module), level=0):
                names.append(module)
    return {module_of(name) for name in names}


def product_version(checkout: Path) -> str:
    """`__version__` of the package, without importing it. Raises BuildError."""
    file = checkout / "diagnose" / "__init__.py"
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__version__")], value=ast.Constant(value=str(version))):
                return version
    raise BuildError(f"{file} says no __version__")


def _read(folder: Path) -> Files:
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    wanted = {name: path.read_bytes() for name, path in files.items() if _is_wanted(name)}
    if not wanted:
        raise BuildError(f"{folder} is missing or empty")
    return wanted


def _is_wanted(name: str) -> bool:
    parts = name.split("/")
    hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
    return not hidden and parts[-1] not in _UNUSED and not name.endswith(".pyc")
