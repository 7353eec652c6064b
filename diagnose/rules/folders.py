"""Where rule files are, and reading them one by one: products, flows, causes, signatures, evidence labels."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from diagnose.errors import InputError, Place, Problem, nearest
from diagnose.input_files import folder_entries, is_folder, is_there
from diagnose.messages import did_you_mean, message
from diagnose.rules.model import Branch, BranchFile, CauseFile, EvidenceFile, Flow, Product, SignatureFile
from diagnose.rules.shapes import shape_problems
from diagnose.yaml_file import Document, convert, load_yaml

T = TypeVar("T")

SHARED_PRODUCT = "machine"
"""The product whose facts every other product may use: the computer itself."""

_PRODUCT_FILE = "product.yaml"
_NO_FLOWS = frozenset({_PRODUCT_FILE, "causes.yaml", "signatures.yaml"})


_PRODUCT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
"""Wider than what a product file may say: a folder with capitals must get as far as the message about its id."""


class ShapeError(InputError):
    """A rule file without the shape of its kind. Keeps the document, so that its conditions can be looked at."""

    def __init__(self, document: Document, problems: Sequence[Problem]) -> None:
        super().__init__(problems[0].message, problems[0].place)
        self.problems = tuple(problems)
        self.document = document


@dataclass(frozen=True, slots=True)
class Loaded(Generic[T]):
    """A rule file: its typed content and the places of its values."""

    document: Document
    value: T


@dataclass(slots=True)
class RuleFolders:
    """One or more folders shaped like `rules/`; a product is taken from the first folder that has it.

    Files are read once and kept: a command sees one picture of the rules.
    """

    roots: tuple[Path, ...]
    _files: dict[Path, Loaded[object]] = field(default_factory=dict)

    def product_ids(self) -> tuple[str, ...]:
        folders = [entry for root in self.roots for entry in folder_entries(root) if is_folder(entry)]
        return tuple(sorted({folder.name for folder in folders if is_there(folder / _PRODUCT_FILE)}))

    def product(self, product_id: str) -> Loaded[Product]:
        loaded = self._read(self.product_folder(product_id) / _PRODUCT_FILE, Product)
        if loaded.value.id != product_id:
            raise InputError(message("id-not-folder", id=loaded.value.id), loaded.document.place(("id",)))
        return loaded

    def product_folder(self, product_id: str) -> Path:
        for root in self.roots if _PRODUCT_ID.fullmatch(product_id) else ():
            if is_there(root / product_id / _PRODUCT_FILE):
                return root / product_id
        guess = nearest(product_id, self.product_ids())
        raise InputError(message("unknown-product", did_you_mean(guess), name=product_id))

    def flow_ids(self, product_id: str) -> tuple[str, ...]:
        files = [file for file in folder_entries(self.product_folder(product_id)) if not file.name.startswith(".")]
        return tuple(sorted(file.stem for file in files if file.suffix == ".yaml" and file.name not in _NO_FLOWS))

    def flow(self, product_id: str, flow_id: str) -> Loaded[Flow]:
        known = self.flow_ids(product_id)
        if flow_id not in known:
            guess = nearest(flow_id, known)
            raise InputError(message("unknown-flow", did_you_mean(guess), name=flow_id, product=product_id))
        loaded = self._read(self.product_folder(product_id) / f"{flow_id}.yaml", Flow)
        if loaded.value.id != flow_id:
            raise InputError(message("id-not-file", id=loaded.value.id), loaded.document.place(("id",)))
        return loaded

    def cause_files(self, product_id: str) -> tuple[Loaded[CauseFile], ...]:
        """The product's own causes first, then the generic ones of every folder."""
        own = self.product_folder(product_id) / "causes.yaml"
        files = [own, *(root / "causes.yaml" for root in self.roots)]
        return tuple(self._read(file, CauseFile) for file in files if is_there(file))

    def branches(self) -> dict[str, Loaded[tuple[Branch, ...]]]:
        """The branches that flows share, by id; the first folder that has an id wins."""
        found: dict[str, Loaded[tuple[Branch, ...]]] = {}
        for root in self.roots:
            if is_there(file := root / "branches.yaml"):
                loaded = self._read(file, BranchFile)
                for name, branches in loaded.value.branches.items():
                    found.setdefault(name, Loaded(loaded.document, branches))
        return found

    def signatures(self, product_id: str) -> Loaded[SignatureFile] | None:
        file = self.product_folder(product_id) / "signatures.yaml"
        return self._read(file, SignatureFile) if is_there(file) else None

    def evidence(self, check: str) -> Loaded[EvidenceFile] | None:
        for root in self.roots:
            if is_there(file := root / "evidence" / f"{check}.yaml"):
                return self._read(file, EvidenceFile)
        return None

    def file_count(self) -> int:
        """How many files were read so far."""
        return len(self._files)

    def digest(self, product_id: str) -> str:
        """SHA-256 over the rule files that were read for this product: which rules judged a run.

        Detection reads other products too, and folders have other names elsewhere; neither counts.
        """
        texts = []
        for file, loaded in self._files.items():
            name = next(file.relative_to(root) for root in self.roots if file.is_relative_to(root)).as_posix()
            if "/" not in name or name.split("/")[0] in {product_id, SHARED_PRODUCT, "evidence"}:
                texts.append(f"{name}\0" + "\n".join(loaded.document.lines))
        return hashlib.sha256("\0".join(sorted(texts)).encode()).hexdigest()

    def _read(self, file: Path, type_: type[T]) -> Loaded[T]:
        if (known := self._files.get(file)) is not None and isinstance(known.value, type_):
            return Loaded(known.document, known.value)
        document = load_yaml(file, hint=message("yaml-quote-hint"))
        try:
            loaded = Loaded(document, convert(document, (), type_))
        except InputError:
            raise ShapeError(document, shape_problems(document, (), type_, document.data)) from None
        self._files[file] = Loaded(document, loaded.value)
        return loaded


def open_rule_folders(builtin: Path, extra: tuple[Path, ...] = ()) -> RuleFolders:
    """The folders given by the user come first, so that they can replace a product. Raises InputError."""
    for folder in extra:
        if not is_folder(folder):
            raise InputError(message("folder-not-found"), Place(str(folder)))
    return RuleFolders((*extra, builtin))
