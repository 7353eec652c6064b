"""What can be wrong with an archive that came from outside, as codes that a program and a sentence for people share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from diagnose.messages import Message


class Fault(StrEnum):
    """The value is the end of the sentence's id: `bundle-fault-<value>`."""

    # the file
    NOT_A_ZIP = "not-a-zip"
    AGE_FILE = "age-file"
    DIRECTORY = "directory"
    SPLIT = "split"
    ZIP64 = "zip64"
    TOO_MANY_MEMBERS = "too-many-members"
    TOTAL_TOO_LARGE = "total-too-large"
    HIDDEN_BYTES = "hidden-bytes"
    SEAL_MISSING = "seal-missing"
    SEAL_BROKEN = "seal-broken"
    # members
    OVERLAP = "overlap"
    HEADERS_DISAGREE = "headers-disagree"
    ENCRYPTED_MEMBER = "encrypted-member"
    METHOD = "method"
    NOT_A_FILE = "not-a-file"
    EXTRA_FIELD = "extra-field"
    MEMBER_TOO_LARGE = "member-too-large"
    RATIO = "ratio"
    DAMAGED = "damaged"
    # names
    NAME_ENCODING = "name-encoding"
    NAME_ABSOLUTE = "name-absolute"
    NAME_PARENT = "name-parent"
    NAME_BACKSLASH = "name-backslash"
    NAME_INVISIBLE = "name-invisible"
    NAME_DEVICE = "name-device"
    NAME_TOO_LONG = "name-too-long"
    NAME_UNSAFE = "name-unsafe"
    NAME_TWICE = "name-twice"
    # the manifest
    MANIFEST_MISSING = "manifest-missing"
    MANIFEST_MALFORMED = "manifest-malformed"
    MANIFEST_KEY_TWICE = "manifest-key-twice"
    MANIFEST_SCHEMA = "manifest-schema"
    NOT_IN_MANIFEST = "not-in-manifest"
    MEMBER_MISSING = "member-missing"
    LISTED_TWICE = "listed-twice"
    SIZE_DIFFERS = "size-differs"
    HASH_DIFFERS = "hash-differs"
    # the proof
    PROOF_MISSING = "proof-missing"
    PROOF_HITS = "proof-hits"
    PROOF_DOUBTFUL = "proof-doubtful"


@dataclass(frozen=True, slots=True)
class BundleProblem:
    """One thing that is wrong. `member` and `detail` come from the file: hostile until `diagnostics.one_line`."""

    fault: Fault
    member: str = ""
    """Empty when the whole file is meant."""
    detail: str = ""

    @property
    def message(self) -> Message:
        sentence = Message(f"bundle-fault-{self.fault}")
        if self.detail:
            sentence = Message("bundle-fault-detail", {"fault": sentence, "detail": self.detail})
        return Message("bundle-fault-in", {"member": self.member, "fault": sentence}) if self.member else sentence


class UnreadableError(Exception):
    """A member whose content cannot be trusted or had."""

    def __init__(self, problem: BundleProblem) -> None:
        super().__init__(problem.fault)
        self.problem = problem
