from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import msgspec
import pytest

from diagnose.bundle.manifest import manifest_bytes, manifest_schema
from diagnose.bundle.problems import Fault
from diagnose.bundle.reading import open_bundle
from diagnose.errors import InputError
from tests.unit.bundle_samples import FILES, member, pack, part, proven, with_manifest, write


def refusals(path: Path) -> list[str]:
    with pytest.raises(InputError) as told, open_bundle(path):
        pass
    return [problem.message.id for problem in told.value.problems]


def test_members_are_read_within_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    write(path)
    with open_bundle(path) as bundle:
        assert bundle.names() == tuple(FILES)
        assert {name: bundle.read(name, 5000) for name in bundle.names()} == FILES
        for name, limit, id_ in (("result.json", 255, "file-too-large"), ("none", 1, "bundle-no-member")):
            with pytest.raises(InputError) as told:
                bundle.read(name, limit)
            assert told.value.problems[0].message.id == id_


def test_the_recording_is_written_below_a_new_folder_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    write(path)
    folder = tmp_path / "new" / "folder"
    with open_bundle(path) as bundle:
        assert bundle.extract_recording(folder) == folder / "machine"
        with pytest.raises(InputError):
            bundle.extract_recording(folder)
    found = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*") if file.is_file()}
    assert {name: file.read_bytes() for name, file in found.items()} == {
        name: data for name, data in FILES.items() if name.startswith("machine/")
    }
    if os.name != "nt":
        assert {stat.S_IMODE(file.stat().st_mode) for file in found.values()} == {0o600}
        assert stat.S_IMODE((folder / "machine").stat().st_mode) == 0o700


def test_a_bundle_without_a_recording_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    write(path, {"a": b"1"})
    with open_bundle(path) as bundle, pytest.raises(InputError) as told:
        bundle.extract_recording(tmp_path / "x")
    assert told.value.problems[0].message.id == "bundle-no-recording"


def test_a_member_that_is_not_what_the_manifest_says_is_refused_while_reading(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    wrong = msgspec.structs.replace(member("machine/x", b"1"), sha256="0" * 64)
    path.write_bytes(pack(with_manifest({"machine/x": b"1"}, proven([wrong]))))
    with open_bundle(path) as bundle:
        for action in (lambda: bundle.read("machine/x", 10), lambda: bundle.extract_recording(tmp_path / "new")):
            with pytest.raises(InputError) as told:
                action()
            assert told.value.problems[0].message.id == "bundle-fault-in"


def test_hostile_bundles_are_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(pack(with_manifest({"machine/../../x": b"1"})))
    assert set(refusals(path)) == {"bundle-fault-in"}
    path.write_bytes(pack([part("a", b"")]))
    assert refusals(path) == ["bundle-fault-in"]
    path.write_bytes(b"PK")
    assert refusals(path) == [f"bundle-fault-{Fault.NOT_A_ZIP}"]
    assert refusals(tmp_path / "none") == ["file-not-found"]


def test_the_schema_of_the_manifest_is_json_schema() -> None:
    import jsonschema  # type: ignore[import-untyped]

    schema = manifest_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    plain = json.loads(manifest_bytes(proven([member("a", b"1")])))
    jsonschema.validate(plain, schema)
