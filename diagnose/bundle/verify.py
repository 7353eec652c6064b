"""Everything that a bundle says of itself, checked; the file may come from anybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from diagnose.bundle.limits import Limits
from diagnose.bundle.manifest import Manifest
from diagnose.bundle.problems import BundleProblem, Fault, UnreadableError
from diagnose.bundle.reading import checked_content, inspect
from diagnose.bundle.zip_format import Entry
from diagnose.input_files import open_input

MOST_PROBLEMS = 1000


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """`members` and `size` (bytes of content) were read and are as promised; `manifest` may be there in any case."""

    problems: tuple[BundleProblem, ...]
    members: int
    size: int
    manifest: Manifest | None

    @property
    def ok(self) -> bool:
        return not self.problems


def verify(path: Path, limits: Limits | None = None) -> VerifyReport:
    """Look at every byte of a bundle once or twice, in bounded memory. Raises InputError when there is no such file.

    Where the headers promise more than the limits in all, no content is read.
    """
    with open_input(path) as stream:
        found = inspect(stream, limits or Limits())
        problems = list(found.problems)
        checked: list[Entry] = []
        if found.manifest is not None:
            problems += _proof_problems(found.manifest)
            if not any(problem.fault is Fault.TOTAL_TOO_LARGE for problem in problems):
                checked = list(_intact(stream, found.entries, found.manifest, problems))
    size = sum(entry.size for entry in checked)
    return VerifyReport(tuple(problems[:MOST_PROBLEMS]), len(checked), size, found.manifest)


def _intact(
    stream: BinaryIO, entries: Mapping[str, Entry], manifest: Manifest, problems: list[BundleProblem]
) -> Iterator[Entry]:
    """The members that are what the manifest says; what is wrong with the others goes into `problems`."""
    for member in {member.name: member for member in manifest.members}.values():
        entry = entries.get(member.name)
        if entry is None:
            continue
        try:
            for _ in checked_content(stream, entry, member):
                pass
        except UnreadableError as error:
            problems.append(error.problem)
        else:
            yield entry


def _proof_problems(manifest: Manifest) -> Iterator[BundleProblem]:
    proof = manifest.redaction.proof
    if proof is None:
        yield BundleProblem(Fault.PROOF_MISSING)
        return
    if proof.hits:
        yield BundleProblem(Fault.PROOF_HITS, detail=str(proof.hits))
    content = sum(member.size for member in manifest.members)
    replaced = any(manifest.redaction.originals.values())
    searched = proof.members == len(manifest.members) and proof.bytes_searched == content
    if not searched or proof.patterns < proof.values or (replaced and not proof.values):
        yield BundleProblem(Fault.PROOF_DOUBTFUL)
