"""Every screen as text, in both languages, three sizes and with plain characters: read them when they change.

Of a dialog only its box is shown, at its place; the page below has its own.

`UPDATE_SNAPSHOTS=1 python -m pytest tests/tui/test_snapshots.py` writes them anew; `git diff` then shows what changed.
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path

import pytest

from diagnose.text import Language
from diagnose.tui.glyphs import Glyphs
from tests.tui.tour import SCENES, Sight, shared_folder, sights

SNAPSHOTS = Path(__file__).parent / "snapshots"
UPDATE = bool(os.environ.get("UPDATE_SNAPSHOTS"))


def snapshot(unicode: list[Sight], ascii: list[Sight]) -> str:  # noqa: A002
    """A section for each size and set of characters; a picture that is the same in both stands there once."""
    sections = []
    for one, other in zip(unicode, ascii, strict=True):
        assert (one.width, one.height) == (other.width, other.height)
        size = f"{one.width}x{one.height}"
        if one.lines == other.lines:
            sections.append(f"===== {size}, unicode and ascii\n{_picture(one)}")
        else:
            sections.append(f"===== {size}, unicode\n{_picture(one)}")
            sections.append(f"===== {size}, ascii\n{_picture(other)}")
    return "\n".join(sections)


def _picture(sight: Sight) -> str:
    assert len(sight.lines) <= sight.height
    return "".join(f"{line}\n" for line in sight.lines)


def name(scene: str, language: Language) -> str:
    return f"{scene}.{language}.txt"


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("scene", SCENES)
def test_the_screen_looks_as_it_did(scene: str, language: Language, tmp_path_factory: pytest.TempPathFactory) -> None:
    shared = shared_folder(tmp_path_factory)
    both = [
        [one for one in sights(language, glyphs, shared) if one.scene == scene]
        for glyphs in (Glyphs.UNICODE, Glyphs.ASCII)
    ]
    now, path = snapshot(*both), SNAPSHOTS / name(scene, language)
    if UPDATE:
        SNAPSHOTS.mkdir(exist_ok=True)
        path.write_text(now, encoding="utf-8")
    assert path.exists(), f"{path.name} is missing; {__doc__}"
    before = path.read_text(encoding="utf-8")
    if now != before:
        lines = difflib.unified_diff(before.splitlines(), now.splitlines(), "before", "now", n=2, lineterm="")
        pytest.fail("\n".join([f"{path.name} looks different", *lines, "", str(__doc__)]), pytrace=False)


def test_every_scene_was_seen_and_every_snapshot_is_of_one(tmp_path_factory: pytest.TempPathFactory) -> None:
    seen = {one.scene for one in sights(Language.JA, Glyphs.UNICODE, shared_folder(tmp_path_factory))}
    assert seen == set(SCENES)
    wanted = {name(scene, language) for scene in SCENES for language in Language}
    if not UPDATE:
        assert {path.name for path in SNAPSHOTS.iterdir()} == wanted
