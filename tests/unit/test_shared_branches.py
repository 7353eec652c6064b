"""Branches that steps of several flows share come after a step's own, and their mistakes stand in their file."""

from __future__ import annotations

from pathlib import Path

from diagnose.rules.compiler import compile_flow
from tests.unit.small_rules import FILES, lint_lines, write_files

SHARED = """\
branches:
  room:
    - when: 'evidence.enough == false'
      then: {fail: disk-full}
    - when: 'evidence.enough'
      then: pass
      because: {ja: '空きがあります。', en: 'There is room.'}
"""
OWN = FILES["demo/update.yaml"]
DISK = OWN.index("  - id: disk\n")


def files(shared: str = SHARED, name: str = "room") -> dict[str, str]:
    """The small rule folder, whose last step warns for itself and leaves the rest to the shared branches."""
    own = OWN[DISK:].split("      - when: 'evidence.enough'\n")[0] + f"    otherwise: {name}\n"
    return {**FILES, "demo/update.yaml": OWN[:DISK] + own, "branches.yaml": shared}


def test_they_come_after_the_steps_own(tmp_path: Path) -> None:
    assert lint_lines(tmp_path, files()) == []
    flow = compile_flow(write_files(tmp_path, files()), "demo", "update")
    assert [str(branch.status) for branch in flow.steps[-1].branches] == ["warn", "fail", "pass"]


def test_a_name_that_no_file_has_is_told(tmp_path: Path) -> None:
    [line] = lint_lines(tmp_path, files(name="rooms"))
    assert "branches.yaml has no 'rooms'" in line
    assert "'room'" in line


def test_a_mistake_in_them_is_told_where_it_stands(tmp_path: Path) -> None:
    lines = lint_lines(tmp_path, files(SHARED.replace("evidence.enough'", "evidence.enuff'")))
    assert [line.split(": ")[0] for line in lines] == ["branches.yaml:5:14"]


def test_the_first_folder_that_has_a_name_wins(tmp_path: Path) -> None:
    theirs = write_files(tmp_path / "theirs", {"branches.yaml": SHARED.replace("fail:", "warn:")})
    ours = write_files(tmp_path / "ours", files())
    folders = type(ours)((*theirs.roots, *ours.roots))
    flow = compile_flow(folders, "demo", "update")
    assert [str(branch.status) for branch in flow.steps[-1].branches] == ["warn", "warn", "pass"]


def test_a_step_says_what_follows_in_its_flow_from_whatever_they_find(tmp_path: Path) -> None:
    given = files()
    step = given["demo/update.yaml"].replace(
        "    otherwise: room\n", "    otherwise: room\n    explains: [scope-blocked]\n"
    )
    given["demo/update.yaml"] = step
    assert lint_lines(tmp_path, given) == []
    flow = compile_flow(write_files(tmp_path, given), "demo", "update")
    assert [branch.spec.explains for branch in flow.steps[-1].branches] == [(), ("scope-blocked",), ("scope-blocked",)]


def test_what_follows_must_be_a_cause_of_the_flow_and_stand_beside_otherwise(tmp_path: Path) -> None:
    given = files()
    own = given["demo/update.yaml"]
    given["demo/update.yaml"] = own.replace(
        "    otherwise: room\n", "    otherwise: room\n    explains: [scope-bloked]\n"
    )
    [line] = lint_lines(tmp_path, given)
    assert "'scope-blocked'" in line
    given["demo/update.yaml"] = own.replace("    otherwise: room\n", "    explains: [scope-blocked]\n")
    [line] = lint_lines(tmp_path, given)
    assert "otherwise" in line
