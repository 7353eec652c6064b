"""The portable build: what goes into the zip, and in which shape."""

from __future__ import annotations

import marshal
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest
from portable.archive import zip_bytes
from portable.bytecode import compile_tree
from portable.files import below, check_names
from portable.interpreter import UNUSED_MODULES, module_of
from portable.launchers import SOURCES, command_file, resource_text
from portable.problems import BuildError
from portable.product import imported, product_files, product_version
from portable.texts import README, licence_files, notice, readme
from portable.wheels import (
    Wheel,
    installed_name,
    is_licence,
    libraries_beside_modules,
    licence_name,
    licences,
    read_wheel,
)

from diagnose import __version__

BUILD = Path(__file__).resolve().parents[2] / "packaging" / "windows"
CHECKOUT = BUILD.parents[1]


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("rich/text.py", "rich/text.py"),
        ("dns/_immutable.pyd", "dns/_immutable.pyd"),
        ("click/testing.py", "click/testing.py"),
        ("certifi/cacert.pem", "certifi/cacert.pem"),
        ("_cffi_backend.cp311-win_amd64.pyd", "_cffi_backend.cp311-win_amd64.pyd"),
        ("cffi/api.py", None),
        ("psutil/tests/test_all.py", None),
        ("psutil/_pslinux.py", None),
        ("psutil/_pswindows.py", "psutil/_pswindows.py"),
        ("cryptography/x509.pyi", None),
        ("markupsafe/_speedups.c", None),
        ("httpx/py.typed", None),
        ("httpx-1.dist-info/METADATA", "httpx-1.dist-info/METADATA"),
        ("httpx-1.dist-info/RECORD", None),
        ("httpx-1.dist-info/licenses/LICENSE", None),
        ("x-1.data/purelib/x/a.py", "x/a.py"),
        ("x-1.data/platlib/x/tests/a.py", None),
        ("x-1.data/scripts/x.exe", None),
    ],
)
def test_what_is_shipped_of_a_wheel(name: str, target: str | None) -> None:
    assert installed_name(name) == target


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x-1.dist-info/licenses/LICENSE", True),
        ("x-1.dist-info/licenses/deep/MIT.txt", True),
        ("x-1.dist-info/LICENCE.rst", True),
        ("x-1.dist-info/COPYING", True),
        ("x-1.dist-info/METADATA", False),
        ("x/brought-along/LICENSE", True),
        ("x/brought-along/LICENSE.md", True),
        ("x/license.py", False),
        ("x/licenses/__init__.py", False),
    ],
)
def test_which_files_of_a_wheel_are_licences(name: str, expected: bool) -> None:
    assert is_licence(name) is expected


def test_two_licences_of_one_name_are_both_passed_on() -> None:
    files = {"x/a-c-library/LICENSE": b"theirs", "x/a.py": b"", "x-1.dist-info/licenses/LICENSE": b"ours"}
    assert licences(files) == {"LICENSE": b"ours", "a-c-library-LICENSE": b"theirs"}


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ("License-Expression: MIT\nLicense: other\n", "MIT"),
        ("License: BSD-3-Clause\n", "BSD-3-Clause"),
        ("License: The whole\n   text of it\nClassifier: License :: OSI Approved :: MIT License\n", "MIT License"),
        ("Name: x\n", "see the licence text"),
    ],
)
def test_the_licence_in_one_line(metadata: str, expected: str) -> None:
    assert licence_name(HeaderParser().parsestr(metadata)) == expected


def test_a_wheel_of_which_nothing_is_needed_is_left_out_with_its_licence(tmp_path: Path) -> None:
    path = tmp_path / "pycparser-1-py3-none-any.whl"
    metadata = b"Name: pycparser\nVersion: 1\n\n"
    path.write_bytes(zip_bytes({"pycparser/a.py": b"", "pycparser-1.dist-info/METADATA": metadata}, zipfile.ZIP_STORED))
    assert read_wheel(path) is None


def test_libraries_stand_beside_the_modules_that_need_them() -> None:
    files = {"re2/_re2.pyd": b"m", "re2/__init__.py": b"", "google_re2.libs/c.dll": b"d"}
    assert libraries_beside_modules(files) == {"re2/_re2.pyd": b"m", "re2/__init__.py": b"", "re2/c.dll": b"d"}


def test_bytecode_takes_the_place_of_sources_and_is_the_same_each_time() -> None:
    files = {f"p/m{i}.py": f"'''text {i}'''\nX = ('a', {i}, 'shared')\n".encode() for i in range(5)} | {
        "p/data.json": b"{}"
    }
    compiled = compile_tree(files)
    assert sorted(compiled) == ["p/data.json", *(f"p/m{i}.pyc" for i in range(5))]
    assert compile_tree(files) == compiled
    code = marshal.loads(compiled["p/m3.pyc"][16:])
    assert code.co_filename == "p/m3.py"
    assert "text 3" in code.co_consts
    assert compiled["p/m3.pyc"][4:8] == b"\1\0\0\0"  # by hash, never checked


def test_a_source_that_does_not_compile_ends_the_build() -> None:
    with pytest.raises(BuildError, match=r"does not compile: .*m\.py"):
        compile_tree({"p/m.py": b"def ("})


def test_the_product_is_laid_out_as_an_installed_package() -> None:
    files = product_files(CHECKOUT)
    for name in ("diagnose/__main__.py", "checks/disk.py", "diagnose/_data/rules/causes.yaml"):
        assert files[name]
    assert any(name.startswith("diagnose/_data/report_templates/") for name in files)
    assert not [name for name in files if "__pycache__" in name or name.endswith((".pyc", "py.typed"))]
    assert files["diagnose/remote/supervisor.txt"] == files["diagnose/remote/supervisor.py"]
    check_names(below("diagnose/runtime/site", files))
    assert product_version(CHECKOUT) == __version__


def test_modules_that_are_not_shipped_are_told_by_the_import() -> None:
    assert imported("import a.b, c\nfrom d.e import f\nfrom . import g\ndef h():\n    import unittest.mock\n") == {
        *("a", "c", "d", "unittest")
    }
    assert "unittest" in UNUSED_MODULES
    assert [module_of(name) for name in ("unittest/mock.pyc", "cmd.pyc", "a.b")] == ["unittest", "cmd", "a"]


@pytest.mark.parametrize(
    ("version", "numbers"),
    [("0.1.0", "0,1,0,0"), ("1.2", "1,2,0,0"), ("3.4.5rc1", "3,4,5,0"), ("1.2.3.4+x", "1,2,3,4")],
)
def test_the_version_resource(version: str, numbers: str) -> None:
    text = resource_text((SOURCES / "diagnose.rc").read_text(encoding="utf-8"), version)
    assert f"FILEVERSION {numbers}\n" in text
    assert f'VALUE "ProductVersion", "{version}"' in text
    assert "@" not in text


@pytest.mark.parametrize("version", ["", "x1", '1.0"', "1.70000"])
def test_versions_that_windows_cannot_store_end_the_build(version: str) -> None:
    with pytest.raises(BuildError):
        resource_text("@VERSION@", version)


def test_the_command_file() -> None:
    data = command_file()
    assert data.count(b"\n") == data.count(b"\r\n")
    lines = data.decode("cp932").split("\r\n")
    assert lines[0] == "@echo off"
    assert '"%~dp0runtime\\python.exe" -I -B -X utf8 -m diagnose %*' in lines
    assert lines[-2:] == ["exit /b 2", ""]
    # cmd.exe reads bytes: none of a Japanese character may look like one of its own signs.
    special = set(b'|&<>^%"')
    japanese = [character.encode("cp932") for character in data.decode("cp932") if ord(character) > 127]
    assert not [character for character in japanese if special & set(character)]


def test_the_readme_opens_in_every_editor_of_windows() -> None:
    data = readme(README.read_text(encoding="utf-8"), "1.2")
    assert data.startswith(b"\xef\xbb\xbfdiagnose 1.2 ")
    assert data.count(b"\n") == data.count(b"\r\n")
    assert b"@" not in data


def test_the_notice_lists_every_part() -> None:
    wheels = [
        Wheel("zeta", "1", "MIT", {}, {"LICENSE": b"z"}),
        Wheel("Alpha", "2", "Apache-2.0", {}, {"LICENSE.APACHE": b"a"}),
    ]
    lines = [line.split()[:2] for line in notice("9.9", wheels).splitlines()]
    parts = [line for line in lines if line and line[0] in {"diagnose", "Python", "zeta", "Alpha"}]
    assert parts == [["diagnose", "9.9"], ["Python", "3.11.9"], ["Alpha", "2"], ["zeta", "1"]]
    assert "the text is in Alpha-2" in notice("9.9", wheels)
    files = licence_files("9.9", b"psf", wheels)
    assert sorted(files) == ["Alpha-2/LICENSE.APACHE", "NOTICE.txt", "Python-3.11.9/LICENSE.txt", "zeta-1/LICENSE"]
