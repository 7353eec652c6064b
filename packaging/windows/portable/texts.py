"""The texts beside the program: README.txt, and the licences of everything that is passed on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from portable.files import Files, below
from portable.interpreter import VERSION
from portable.wheels import Wheel

README = Path(__file__).resolve().parent.parent / "README.txt"

_OWN_LICENCE = "proprietary; no right to pass it on comes with this copy"
_PYTHON_LICENCE = "Python Software Foundation License 2"
_NOTICE = """\
This folder is about a program and the parts it is made of. Their licences are in the folders beside this file.
このフォルダーには、プログラムと、それを構成する部品が入っています。各部品のライセンス文は、このファイルと同じ場所のフォルダーにあります。

"""
_INSIDE_PYTHON = """
Inside the Python runtime: OpenSSL 3 (Apache-2.0, the text is in {apache}), libffi and expat (MIT), bzip2, zlib,
libmpdec (BSD), liblzma (public domain). The Visual C++ runtime (vcruntime140*.dll; msvcp140*.dll beside google-re2) is
passed on under Microsoft's terms for redistributable code.
"""


def windows_text(text: str) -> bytes:
    """UTF-8 as every editor of Windows reads it: with a mark in front, lines ending with CR LF."""
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8-sig")


def readme(template: str, version: str) -> bytes:
    return windows_text(template.replace("@VERSION@", version))


def licence_files(product_version: str, python_licence: bytes, wheels: Sequence[Wheel]) -> Files:
    """The folder licenses/: a notice, and the texts of each part in a folder of its own."""
    files = {
        "NOTICE.txt": windows_text(notice(product_version, wheels)),
        f"Python-{VERSION}/LICENSE.txt": python_licence,
    }
    for wheel in wheels:
        files |= below(_folder(wheel), wheel.licences)
    return files


def notice(product_version: str, wheels: Sequence[Wheel]) -> str:
    """Name, version and licence of each part, one a line."""
    parts = [("diagnose", product_version, _OWN_LICENCE), ("Python", VERSION, _PYTHON_LICENCE)]
    parts += [(wheel.name, wheel.version, wheel.licence) for wheel in sorted(wheels, key=lambda one: one.name.lower())]
    width = [max(len(part[column]) for part in parts) for column in (0, 1)]
    lines = [f"{name:{width[0]}}  {version:{width[1]}}  {licence}\n" for name, version, licence in parts]
    apache = next(
        (_folder(wheel) for wheel in wheels if any("APACHE" in name for name in wheel.licences)), "its source"
    )
    return _NOTICE + "".join(lines) + _INSIDE_PYTHON.format(apache=apache)


def _folder(wheel: Wheel) -> str:
    return f"{wheel.name}-{wheel.version}"
