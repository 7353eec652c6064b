"""Registry questions to a recorded machine."""

from __future__ import annotations

from pathlib import Path

from diagnose.machine.recording_format import (
    REGISTRY_FOLDER,
    RecordingPart,
    part_entries,
    part_folder,
    question,
    refuse,
)
from diagnose.machine.registry_file import read_registry_file
from diagnose.machine.registry_paths import in_first_control_set, in_view, normalise_key
from diagnose.machine.registry_tree import RegistryTree, TreeBuilder
from diagnose.machine.values import Absent, Platform, Reason, RegistryKey, Unseen, View


def load_registry(folder: Path) -> RegistryTree:
    """All `.reg` files of `registry/` as one tree, read in the order of their names. Raises InputError."""
    builder = TreeBuilder()
    registry = folder / REGISTRY_FOLDER
    for path in part_entries(registry) if part_folder(registry) else ():
        if path.suffix.lower() != ".reg":
            raise refuse(path, "recording-registry-entry")
        read_registry_file(path, builder)
    return builder.tree()


class RecordedRegistry:
    """Answers from a tree, and knows what the tree says nothing about.

    A folder made by hand is a full picture of every hive part that it holds a key of. A folder that the recorder
    wrote says itself which keys were read.
    """

    def __init__(self, tree: RegistryTree, recording: RecordingPart | None, unseen: dict[str, Unseen]) -> None:
        self._tree = tree
        self._recording = recording
        self._unseen = unseen
        self._read = {normalise_key(key).lower() for key in recording.registry} if recording else set()
        self._absent = {normalise_key(key).lower() for key in recording.absent.registry} if recording else set()

    def key(self, key: str, view: View, platform: Platform, architecture: str | None) -> RegistryKey | Absent | Unseen:
        """See `Machine.registry_key`; the place in the answer is the key behind the view, spelt as in the question."""
        where = in_view(key, view, architecture)
        if self._recording is not None:
            return self._as_recorded(where)
        if platform is not Platform.WINDOWS:
            return Unseen(Reason.UNSUPPORTED, where)
        return self._as_written(where)

    def _as_recorded(self, where: str) -> RegistryKey | Absent | Unseen:
        folded = where.lower()
        if folded in self._absent:
            return Absent(where)
        if unseen := self._unseen.get(question("registry", folded)):
            return unseen
        found = self._tree.key(where)
        # The recorder writes values only for keys that it read; so others with values were added by a person.
        if found is not None and (folded in self._read or found.values):
            return found
        return Unseen(Reason.NOT_RECORDED, where)

    def _as_written(self, where: str) -> RegistryKey | Absent | Unseen:
        found = self._tree.key(where)
        first_control_set = in_first_control_set(where)
        if found is None and first_control_set:
            found = self._tree.key(first_control_set)
        if found is not None:
            return found
        return Absent(where) if self._tree.covers(where) else Unseen(Reason.NOT_RECORDED, where)
