"""Registry keys in memory, looked up without case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from diagnose.machine.registry_paths import normalise_key, value_where
from diagnose.machine.values import RegistryData, RegistryKey, RegistryValue


@dataclass(slots=True)
class KeyNode:
    """One key while a tree is built."""

    name: str
    values: dict[str, tuple[str, str, RegistryData]] = field(default_factory=dict)
    """Folded name to (name, kind, data)."""
    children: dict[str, KeyNode] = field(default_factory=dict)

    def set_value(self, name: str, value: RegistryValue) -> None:
        """Adds or replaces a value; `value.where` is not kept, the tree knows it."""
        self.values[name.lower()] = (name, value.kind, value.data)

    def drop_value(self, name: str) -> None:
        """Removes a value, if it is there."""
        self.values.pop(name.lower(), None)


class RegistryTree:
    """What is known of a registry; nothing here changes it."""

    def __init__(self, root: KeyNode) -> None:
        self._root = root

    @property
    def empty(self) -> bool:
        """True when not a single key is known."""
        return not self._root.children

    def key(self, path: str) -> RegistryKey | None:
        """The key with its values and the names of its subkeys in alphabetical order; None when there is none.

        The places of key and values are written as in `path`, so that an answer looks like its question.
        """
        node = self._find(path)
        if node is None:
            return None
        where = normalise_key(path)
        values = {
            name: RegistryValue(kind, data, value_where(where, name)) for name, kind, data in node.values.values()
        }
        return RegistryKey(where, values, sorted_names(child.name for child in node.children.values()))

    def covers(self, path: str) -> bool:
        """Whether any key is known in the part of the hive (`HKLM\\SOFTWARE`, `HKCU\\Software`) that holds `path`."""
        return self._find("\\".join(normalise_key(path).split("\\")[:2])) is not None

    def _find(self, path: str) -> KeyNode | None:
        node: KeyNode | None = self._root
        for part in normalise_key(path).lower().split("\\"):
            if node is None:
                return None
            node = node.children.get(part)
        return node


class TreeBuilder:
    """Collects keys for one `RegistryTree`. Who adds keys of foreign files bounds their number and depth."""

    def __init__(self) -> None:
        self._root = KeyNode("")
        self.keys = 0
        """How many keys were made so far."""

    def add_key(self, path: str) -> KeyNode:
        """The key at `path`, made with all keys above it where missing."""
        node = self._root
        for part in normalise_key(path).split("\\"):
            child = node.children.get(part.lower())
            if child is None:
                child = node.children[part.lower()] = KeyNode(part)
                self.keys += 1
            node = child
        return node

    def drop_key(self, path: str) -> None:
        """Removes the key and all below it, if it is there."""
        node: KeyNode | None = self._root
        *above, last = normalise_key(path).lower().split("\\")
        for part in above:
            node = node.children.get(part) if node else None
        if node:
            node.children.pop(last, None)

    def tree(self) -> RegistryTree:
        """The finished tree; the builder must not be used afterwards."""
        return RegistryTree(self._root)


def sorted_names(names: Iterable[str]) -> tuple[str, ...]:
    """Key names in the order that the registry lists them: alphabetical, without case."""
    return tuple(sorted(names, key=lambda name: (name.lower(), name)))
