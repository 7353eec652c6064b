"""Reads wheels: what of them is needed at run time, and under which licence it may be passed on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path

from portable.files import Files, read_zip
from portable.lexers import listed_lexers
from portable.problems import BuildError

OPTIONS = (
    *("--only-binary", ":all:", "--platform", "win_amd64", "--python-version", "3.11"),
    *("--implementation", "cp", "--abi", "cp311", "--abi", "abi3", "--abi", "none"),
)
"""Options of `pip download` for wheels that fit the interpreter."""

_UNUSED_FOLDERS = frozenset({"tests", "testing", "__pycache__"})
_OTHER_SYSTEMS = frozenset(f"psutil/_ps{name}.py" for name in ("aix", "bsd", "linux", "osx", "posix", "sunos"))
_UNUSED_SUFFIXES = (".pyi", ".h", ".hpp", ".c", ".cpp", ".pxd", ".pyx", ".rst", ".lib", ".pdb", "/py.typed")
# cryptography needs cffi's extension module only; the package and its parser are for those who build bindings. httpx
# needs anyio for asynchronous clients only, and httpcore does without it. textual asks for mdit_py_plugins and imports
# none. It does import markdown_it with linkify_it and mdurl: its help panel is a Markdown widget.
_UNUSED_PACKAGES = frozenset({"anyio", "cffi", "mdit_py_plugins", "pycparser"})
_UNUSED_PARTS = (
    # Command lines of libraries, and what shows them off or documents them.
    *("markdown_it/cli/", "markdown_it/port.yaml", "pygments/__main__.py", "pygments/cmdline.py"),
    *("pygments/sphinxext.py", "rich/__main__.py", "rich/diagnose.py", "textual/__main__.py", "textual/_doc.py"),
    *("textual/_import_app.py", "textual/_markup_playground.py", "textual/demo/"),
    # What reads and writes .gz files, and what tells of the library in C; its licence lies beside the program.
    *("isal/igzip.py", "isal/igzip_threaded.py", "isal/isa-l/"),
    # Terminals of other systems, and pages in a browser; Windows has windows_driver, tests have headless_driver.
    *("textual/drivers/_byte_stream.py", "textual/drivers/_input_reader", "textual/drivers/linux_"),
    "textual/drivers/web_driver.py",
    # Widgets are loaded by name when an app asks for one; the largest that no screen of ours has.
    *(f"textual/widgets/_{name}" for name in ("data_table", "masked_input", "selection_list", "tabbed_content")),
    # Highlighting of source code: textual's own needs tree-sitter, which is not here, and rich colours with styles what
    # lexers told apart and formats by itself. Lexers are the largest part, and only they need these tables.
    *("pygments/formatters/", "pygments/unistring.py", "textual/tree-sitter/"),
)
"""Files and starts of names."""
_USED_OF_FOLDERS = {
    # Plain text. A traceback would show code in colours, but there are no sources here that it could show.
    "pygments/lexers": frozenset({"__init__.py", "_mapping.py", "special.py"}),
    # What rich.syntax takes when it is told none, and when there is none of that name.
    "pygments/styles": frozenset({"__init__.py", "_mapping.py", "default.py", "monokai.py"}),
}
"""Of these folders nothing else is shipped."""
_LICENCE = re.compile(r"(licen[cs]e|copying|notice|authors)", re.IGNORECASE)
_BROUGHT_ALONG = re.compile(r"(licen[cs]e|copying|notice)(\.(md|txt|rst))?", re.IGNORECASE)
_CLASSIFIER = "License :: "


@dataclass(frozen=True, slots=True)
class Wheel:
    """`files` go into the folder for modules, `licences` (names without folders) beside the program."""

    name: str
    version: str
    licence: str
    files: Mapping[str, bytes]
    licences: Mapping[str, bytes]


def read_wheel(path: Path) -> Wheel | None:
    """What is shipped of a wheel; None when that is nothing. Raises BuildError."""
    files = read_zip(path.read_bytes())
    metadata = next((data for name, data in files.items() if name.endswith(".dist-info/METADATA")), None)
    if metadata is None:
        raise BuildError(f"{path.name} holds no METADATA")
    headers = HeaderParser().parsestr(metadata.decode("utf-8"))
    shipped = listed_lexers(
        {target: data for name, data in files.items() if (target := installed_name(name)) is not None}
    )
    if all(".dist-info/" in name for name in shipped):
        return None
    return Wheel(
        headers["Name"], headers["Version"], licence_name(headers), libraries_beside_modules(shipped), licences(files)
    )


def installed_name(name: str) -> str | None:
    """Where a file of a wheel goes below the folder for modules; None when it is not needed there."""
    folder, _, rest = name.partition("/")
    if folder.endswith(".data"):
        scheme, _, rest = rest.partition("/")
        return installed_name(rest) if scheme in {"purelib", "platlib"} else None
    if folder.endswith(".dist-info"):
        return name if rest == "METADATA" else None
    parent, _, file = name.rpartition("/")
    unused = (
        folder in _UNUSED_PACKAGES
        or name in _OTHER_SYSTEMS
        or not _UNUSED_FOLDERS.isdisjoint(name.split("/")[:-1])
        or name.endswith(_UNUSED_SUFFIXES)
        or name.startswith(_UNUSED_PARTS)
        or file not in _USED_OF_FOLDERS.get(parent, {file})
    )
    return None if unused else name


def libraries_beside_modules(files: Mapping[str, bytes]) -> Files:
    """The DLLs of a folder `*.libs` moved to where the extension modules are that need them.

    Windows then finds them without the folder being named to it at run time, from a share too.
    """
    folders = sorted({name.rpartition("/")[0] for name in files if name.endswith(".pyd")})
    moved: Files = {}
    for name, data in files.items():
        folder, _, library = name.partition("/")
        targets = [f"{target}/{library}" for target in folders if target] if folder.endswith(".libs") else [name]
        moved.update(dict.fromkeys(targets, data))
    return moved


def licences(files: Mapping[str, bytes]) -> Files:
    """The texts of a wheel that have to be passed on, by names without folders; its own come first."""
    found: Files = {}
    for name in sorted(filter(is_licence, files), key=lambda name: ".dist-info/" not in name):
        *_, folder, file = name.split("/")
        found[file if file not in found else f"{folder}-{file}"] = files[name]
    return found


def is_licence(name: str) -> bool:
    """Whether a file of a wheel is a text that has to be passed on with it: its own, or one of code brought along."""
    folder, _, rest = name.partition("/")
    if not folder.endswith(".dist-info"):
        return _BROUGHT_ALONG.fullmatch(name.rpartition("/")[2]) is not None
    return rest.startswith("licenses/") or ("/" not in rest and bool(_LICENCE.match(rest)))


def licence_name(headers: Message) -> str:
    """The licence as the metadata tells it, in one line."""
    stated = headers["License-Expression"] or headers["License"] or ""
    if stated and "\n" not in stated:
        return str(stated)
    classifiers = [line for line in headers.get_all("Classifier", []) if line.startswith(_CLASSIFIER)]
    return ", ".join(line.rsplit(" :: ", 1)[-1] for line in classifiers) or "see the licence text"
