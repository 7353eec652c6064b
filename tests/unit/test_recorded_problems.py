from __future__ import annotations

from pathlib import Path

import pytest

from diagnose.errors import InputError
from diagnose.machine.recorded import RecordedMachine
from diagnose.text import Language
from tests.unit.recordings import REG, Make, der, maker, pem, write


@pytest.fixture
def make(tmp_path: Path) -> Make:
    return maker(tmp_path)


def problem(folder: Path) -> tuple[str, str, str]:
    """Message id, place below the folder, English words."""
    with pytest.raises(InputError) as caught:
        RecordedMachine.open(folder)
    found = caught.value.problems[0]
    assert found.message.in_language(Language.JA)
    place = str(found.place).removeprefix(str(folder)).lstrip("/\\")
    return found.message.id, place, found.message.in_language(Language.EN)


def test_a_drive_folder_is_one_letter(make: Make, tmp_path: Path) -> None:
    write(tmp_path, {"files/Program Files/a": "", "machine.yaml": "platform: windows\n"})
    assert problem(tmp_path)[:2] == ("recording-drive", "files/Program Files")


@pytest.mark.parametrize(
    "data", [b"", b"text", der(b"x")[:-1], der(b"x") + b"\n", pem(b"no der"), pem(der(b"x")) + pem(b"")]
)
def test_a_file_without_a_certificate_is_named(tmp_path: Path, data: bytes) -> None:
    write(tmp_path, {"machine.yaml": "platform: windows\n", "certificates/CA/悪い.cer": data})
    assert problem(tmp_path)[:2] == ("recording-no-certificate", "certificates/CA/悪い.cer")


@pytest.mark.parametrize(
    ("file", "text", "expected", "words"),
    [
        ("machine.yaml", "", ("recording-no-machine", "machine.yaml"), "platform"),
        ("machine.yaml", "hostname: a\n", ("missing-field", "machine.yaml:1:1"), "platform"),
        ("machine.yaml", "platform: window\n", ("invalid-value", "machine.yaml:1:11"), "windows"),
        ("machine.yaml", "platform: linux\nservice: []\n", ("unknown-field", "machine.yaml:2:1"), "services"),
        (
            "machine.yaml",
            "platform: linux\nservices:\n  - {name: 監視, status: runing}\n",
            ("invalid-value", "machine.yaml:3:24"),
            "running",
        ),
        ("machine.yaml", "platform: linux\nos: {build: new}\n", ("expected-got", "machine.yaml:2:13"), ""),
        ("machine.yaml", "platform: linux\nnow: today\n", ("recording-time", "machine.yaml:2:6"), "today"),
        (
            "machine.yaml",
            "platform: linux\nfile_times:\n  /a: 2026-01-01\n  /b: 昨日\n",
            ("recording-time", "machine.yaml:4:7"),
            "昨日",
        ),
        ("machine.yaml", "- a\n", ("expected-got", "machine.yaml:1:1"), ""),
        ("machine.yaml", "platform: [", ("yaml-syntax", "machine.yaml:2:1"), ""),
        (
            "machine.yaml",
            "platform: linux\nrecording: {stored_as: {/a: ../../etc/passwd}}\n",
            ("recording-outside", "files-renamed"),
            "passwd",
        ),
        ("commands.yaml", "- {argv: []}\n", ("recording-empty-command", "commands.yaml:1:10"), ""),
        ("commands.yaml", "- {argv: [a], exitcode: 1}\n", ("unknown-field", "commands.yaml:1:15"), "exit"),
        ("commands.yaml", "- {argv: [a], stdout_base64: '%'}\n", ("recording-base64", "commands.yaml:1:30"), ""),
        ("commands.yaml", "argv: a\n", ("expected-got", "commands.yaml:1:1"), ""),
        (
            "network.yaml",
            "dns: [{name: a, answers: nxdomian}]\n",
            ("recording-dns-answers", "network.yaml:1:26"),
            "nxdomain",
        ),
        (
            "network.yaml",
            "tcp: [{host: a, port: 1, result: conected}]\n",
            ("invalid-value", "network.yaml:1:34"),
            "connected",
        ),
        (
            "network.yaml",
            "tls: [{host: a, port: 1, result: ok, not_after: soon}]\n",
            ("recording-time", "network.yaml:1:49"),
            "soon",
        ),
        ("registry/a.reg", REG + "oops\n", ("reg-line", "registry/a.reg:3:1"), ""),
    ],
)
def test_a_malformed_recording_is_one_clear_line(
    tmp_path: Path, file: str, text: str, expected: tuple[str, str], words: str
) -> None:
    write(tmp_path, {"machine.yaml": "platform: windows\n", file: text})
    found = problem(tmp_path)
    assert found[:2] == expected
    assert words in found[2]


def test_a_missing_folder_or_machine_yaml_is_an_input_error(tmp_path: Path) -> None:
    assert problem(tmp_path / "none")[0] == "recording-no-folder"
    assert problem(tmp_path)[0] == "recording-no-machine"
