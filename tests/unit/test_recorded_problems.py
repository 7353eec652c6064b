from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from diagnose.errors import InputError
from diagnose.machine.recorded import RecordedMachine
from diagnose.machine.values import Reason, Unseen
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
        ("machine.yaml", "platform: window\n", ("invalid-value-of", "machine.yaml:1:11"), "windows"),
        ("machine.yaml", "platform: linux\nservice: []\n", ("unknown-field", "machine.yaml:2:1"), "services"),
        (
            "machine.yaml",
            "platform: linux\nservices:\n  - {name: 監視, status: runing}\n",
            ("invalid-value-of", "machine.yaml:3:24"),
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
        (
            "network.yaml",
            "downloads: [{url: a, body_base64: '%'}]\n",
            ("recording-base64", "network.yaml:1:35"),
            "",
        ),
        (
            "events.yaml",
            "- {log: System, events: [{provider: a, id: 1, time: soon}]}\n",
            ("recording-time", "events.yaml:1:53"),
            "soon",
        ),
        ("events.yaml", "- {log: System, event: []}\n", ("unknown-field", "events.yaml:1:17"), "events"),
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
            ("invalid-value-of", "network.yaml:1:34"),
            "connected",
        ),
        (
            "network.yaml",
            "tls: [{host: a, port: 1, result: ok, not_after: soon}]\n",
            ("recording-time", "network.yaml:1:49"),
            "soon",
        ),
        ("machine.yaml", "platform: linux\nprocessor: {cores: 0}\n", ("number-too-small", "machine.yaml:2:20"), "1"),
        (
            "machine.yaml",
            "platform: linux\nmemory: {total_mb: -4}\n",
            ("number-too-small", "machine.yaml:2:20"),
            "at least 0",
        ),
        (
            "machine.yaml",
            "platform: linux\ndisks: [{path: /, total_mb: 1, free_mb: -1}]\n",
            ("number-too-small", "machine.yaml:2:41"),
            "",
        ),
        (
            "machine.yaml",
            "platform: linux\nlistening: [{address: '::', port: 70000}]\n",
            ("number-too-large", "machine.yaml:2:35"),
            "65535",
        ),
        (
            "machine.yaml",
            "platform: linux\nrecording: {file_sizes: {/a: -1}}\n",
            ("number-too-small", "machine.yaml:2:25"),
            "",
        ),
        ("network.yaml", "downloads: [{url: a, bytes: -1}]\n", ("number-too-small", "network.yaml:1:29"), ""),
        ("network.yaml", "http: [{url: a, status: 99}]\n", ("number-too-small", "network.yaml:1:25"), "100"),
        ("network.yaml", "http: [{url: a, status: 1000}]\n", ("number-too-large", "network.yaml:1:25"), "999"),
        ("network.yaml", "http: [{url: a, bytes: -1}]\n", ("number-too-small", "network.yaml:1:24"), ""),
        (
            "network.yaml",
            "tcp: [{host: a, port: -1, result: refused}]\n",
            ("number-too-small", "network.yaml:1:23"),
            "",
        ),
        ("network.yaml", "clock: {offset_s: 1e999}\n", ("number-too-large", "network.yaml:1:19"), ""),
        ("registry/trendmicro.reg.txt", REG, ("recording-registry-entry", "registry/trendmicro.reg.txt"), ".reg"),
        ("registry", "text", ("recording-not-a-folder", "registry"), ""),
        ("files", "text", ("recording-not-a-folder", "files"), ""),
        ("certificates", "text", ("recording-not-a-folder", "certificates"), ""),
        ("certificates/ROOT", "text", ("recording-not-a-folder", "certificates/ROOT"), ""),
        ("certificates/根/a.cer", der(b""), ("recording-store", "certificates/根"), "ROOT"),
        ("certificates/ROOT/roots.p7b", "", ("recording-certificate-entry", "certificates/ROOT/roots.p7b"), ".cer"),
        ("registry/a.reg", REG + "oops\n", ("reg-line", "registry/a.reg:3:1"), ""),
    ],
)
def test_a_malformed_recording_is_one_clear_line(
    tmp_path: Path, file: str, text: str | bytes, expected: tuple[str, str], words: str
) -> None:
    write(tmp_path, {"machine.yaml": "platform: windows\n", file: text})
    found = problem(tmp_path)
    assert found[:2] == expected
    assert words in found[2]


def test_a_missing_folder_or_machine_yaml_is_an_input_error(tmp_path: Path) -> None:
    assert problem(tmp_path / "none")[0] == "recording-no-folder"
    assert problem(tmp_path)[0] == "recording-no-machine"


POSIX = pytest.mark.skipif(os.name == "nt", reason="pipes and links need a POSIX file system")
READ = ("machine.yaml", "commands.yaml", "network.yaml", "registry/HKLM.reg", "certificates/ROOT/根.cer")


@POSIX
@pytest.mark.parametrize("file", READ)
def test_an_entry_that_is_no_file_is_told_and_neither_hangs_nor_passes_for_nothing(tmp_path: Path, file: str) -> None:
    for kind, id_ in (("pipe", "file-not-regular"), ("folder", "file-not-regular"), ("dangling", "file-not-found")):
        folder = tmp_path / kind
        write(folder, {"machine.yaml": "platform: windows\n", file: ""})
        path = folder / file
        path.unlink()
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "folder":
            path.mkdir()
        else:
            path.symlink_to("ない")
        assert problem(folder)[:2] == (id_, file)


@POSIX
@pytest.mark.parametrize("name", [*READ, "registry", "certificates", "certificates/ROOT", "files"])
def test_a_loop_of_links_is_one_clear_line(tmp_path: Path, name: str) -> None:
    write(tmp_path, {"machine.yaml": "platform: windows\n"})
    path = tmp_path / name
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(path)
    assert problem(tmp_path)[:2] == ("file-unreadable", name)


@POSIX
@pytest.mark.parametrize("name", [*READ, "registry", "certificates", "certificates/ROOT", "files", "files-renamed"])
def test_no_link_leads_out_of_the_recording(tmp_path: Path, name: str) -> None:
    write(tmp_path, {"own/machine.yaml": "platform: linux\n", "secret/秘密": ""})
    path = tmp_path / "own" / name
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(tmp_path / "secret")
    assert problem(tmp_path / "own")[:2] == ("recording-link-outside", name)


@pytest.mark.parametrize("name", ["registry", "certificates", "certificates/CA", "files", "files/C", "files/C/深い"])
def test_a_folder_that_we_may_not_list_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    write(tmp_path, {"machine.yaml": "platform: windows\n", f"{name}/a": ""})
    for module, function in ((Path, "iterdir"), (os, "scandir")):
        real = getattr(module, function)

        def closed(folder: Any, real: Any = real) -> Any:
            if folder == tmp_path / name:
                raise PermissionError(13, "Permission denied")
            return real(folder)

        monkeypatch.setattr(module, function, closed)
    id_, place, words = problem(tmp_path)
    assert (id_, place) == ("folder-unreadable", name)
    assert "Permission denied" in words


def test_a_kept_file_that_we_may_not_open_is_denied(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = make("platform: linux\n", **{"files/etc/hosts": "127.0.0.1 localhost\n"})

    def closed(*args: Any, **kwargs: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", closed)
    assert machine.read_file("/etc/hosts") == Unseen(Reason.DENIED, "/etc/hosts")


@POSIX
def test_a_loop_of_links_under_files_is_no_file(make: Make, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "輪").symlink_to("輪")
    assert make("platform: linux\n").read_file("/輪") == Unseen(Reason.NOT_A_FILE, "/輪")


@pytest.mark.parametrize("name", ["a\\0b", "あ" * 300])
def test_a_stored_name_that_no_file_can_have_is_told(tmp_path: Path, name: str) -> None:
    machine = f'platform: linux\nrecording: {{stored_as: {{/a: "{name}"}}}}\n'
    write(tmp_path, {"machine.yaml": machine, "files-renamed/b": ""})
    assert problem(tmp_path)[0] == "file-unreadable"
