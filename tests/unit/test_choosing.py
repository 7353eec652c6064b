from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest

from diagnose.errors import InputError
from diagnose.machine.interface import Machine
from diagnose.machine.values import Absent, RegistryKey, Unseen, View
from diagnose.rules.folders import RuleFolders
from diagnose.run import choosing
from diagnose.run.choosing import choose, detect
from tests.unit.fake_machine import NOON, FakeMachine
from tests.unit.small_rules import FILES, PRODUCT, changed, write_files

HERE = {r"HKLM\SOFTWARE\デモ": {"Version": "7.1"}}


def found(folders: RuleFolders, machine: Machine, now: datetime = NOON) -> tuple[tuple[str, ...], bool]:
    detected = detect(folders, "demo", machine, now)
    return tuple(role.id for role in detected.roles), detected.undecided


def test_a_product_is_detected_by_its_facts_on_its_platforms(tmp_path: Path) -> None:
    folders = write_files(tmp_path, FILES)
    assert found(folders, FakeMachine(registry=HERE)) == (("agent",), False)
    assert found(folders, FakeMachine(registry={})) == ((), False)
    assert found(folders, FakeMachine(platform="linux")) == ((), False)


class Stuck(FakeMachine):
    """A registry that never answers, as a path on a dead network share would not."""

    def __init__(self, released: threading.Event) -> None:
        super().__init__()
        self._released = released

    def registry_key(self, key: str, view: View = View.NATIVE) -> RegistryKey | Absent | Unseen:
        self._released.wait(60)
        return Absent(key)


def test_detection_that_hangs_costs_its_limit_and_decides_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "_DETECTION_S", 0.05)
    released = threading.Event()
    try:
        assert found(write_files(tmp_path, FILES), Stuck(released)) == ((), True)
    finally:
        released.set()


@pytest.mark.parametrize(
    ("target", "registry", "chosen"),
    [
        (None, HERE, ("demo", "update")),
        ("demo", {}, ("demo", "update")),
        ("demo/update", {}, ("demo", "update")),
    ],
)
def test_the_flow_is_the_named_one_or_that_of_what_is_detected(
    tmp_path: Path, target: str | None, registry: Mapping[str, Mapping[str, str]], chosen: tuple[str, str]
) -> None:
    assert choose(write_files(tmp_path, FILES), target, FakeMachine(registry=registry), NOON) == chosen


def test_of_several_flows_the_default_one_counts_and_without_one_the_operator_must_choose(tmp_path: Path) -> None:
    files = {**FILES, "demo/other.yaml": FILES["demo/update.yaml"].replace("id: update\n", "id: other\n")}
    with pytest.raises(InputError) as refused:
        choose(write_files(tmp_path / "a", files), "demo", FakeMachine(), NOON)
    assert refused.value.problems[0].message.values["flows"] == "other, update"
    files["demo/product.yaml"] = PRODUCT + "default_flow: other\n"
    assert choose(write_files(tmp_path / "b", files), "demo", FakeMachine(), NOON) == ("demo", "other")


def test_a_folder_of_rules_without_the_machine_product_is_refused(tmp_path: Path) -> None:
    files = {name: text for name, text in changed("causes.yaml", "KA-2", "KA-9").items() if "machine" not in name}
    with pytest.raises(InputError):
        choose(write_files(tmp_path, files), None, FakeMachine(registry={}), NOON)


def test_what_comes_with_the_system_is_meant_only_where_nothing_else_is_detected(tmp_path: Path) -> None:
    own = PRODUCT.replace("id: demo", "id: about\npart_of_system: true", 1)
    flow = FILES["demo/update.yaml"]
    files = {**FILES, "about/product.yaml": own, "about/update.yaml": flow}
    folders = write_files(tmp_path, files)
    assert choose(folders, None, FakeMachine(registry=HERE), NOON) == ("demo", "update")
    files = {name: data for name, data in files.items() if not name.startswith("demo/")}
    alone = write_files(tmp_path / "alone", files)
    assert choose(alone, None, FakeMachine(registry=HERE), NOON) == ("about", "update")
