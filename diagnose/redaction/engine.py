"""The redactor: anchors are found, each place is judged on its own, the spans are sorted and replaced.

Never one big pattern: that is ten times slower. What two finders claim is replaced once, by the one that begins first
or, of two that begin together, by the longer; what sticks out is replaced, too.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from diagnose.redaction import find_addresses, find_domains, find_people, find_secrets
from diagnose.redaction.find_licenses import find_licenses
from diagnose.redaction.find_names import KnownNames
from diagnose.redaction.find_registry import find_hex_values
from diagnose.redaction.kept import is_generic
from diagnose.redaction.literals import Role, literals_of
from diagnose.redaction.names import Names
from diagnose.redaction.page import CODE, KINDS, Originals, Page, Span, Tables
from diagnose.redaction.scan import Anchor, Places, Scanner
from diagnose.redaction.tokens import Kind, Pseudonyms, is_token

_ACCELERATOR = "ahocorasick_rs"
_MIN_ASCII_NAME = 3
_MIN_DIGITS = 5


@dataclass(frozen=True, slots=True)
class Notes:
    """`counts` by the numbers of the kinds; token to what it stands for. Not to be shown: no customer's name leaves."""

    counts: tuple[int, ...]
    originals: dict[str, str] = field(repr=False)


class Redactor:
    """Replaces what identifies the customer; one object for one thread.

    `accelerator`: None takes the optional wheel when it is there; True demands it (ImportError), False goes without.
    The bytes are the same.
    """

    def __init__(self, names: Names, pseudonyms: Pseudonyms, *, accelerator: bool | None = None) -> None:
        self._pseudonyms = pseudonyms.with_names(names.domains, names.keep_hosts)
        self._originals = Originals()
        self._counts = [0] * len(KINDS)
        self._tables = Tables(self._pseudonyms, self._originals)
        self._addresses = frozenset(address.encode() for address in names.addresses)
        literals = literals_of(_searched(names))
        self._known = KnownNames(literals, self._tables, self._originals)
        self._scanner = Scanner(literals, _wheel(accelerator))

    @property
    def counts(self) -> Mapping[Kind, int]:
        """How many places were replaced."""
        return {kind: count for kind, count in zip(KINDS, self._counts, strict=True) if count}

    def counted(self, before: Sequence[int] = ()) -> tuple[int, ...]:
        """How many places were replaced, by the numbers of the kinds; those since `before`, an earlier answer."""
        if not before:
            return tuple(self._counts)
        return tuple(count - earlier for count, earlier in zip(self._counts, before, strict=True))

    @property
    def originals(self) -> Mapping[str, str]:
        """Token to a value that got it, for what has a token; at most 200 000."""
        return self._originals

    def take_notes(self) -> Notes:
        """What was counted and learnt since the last time, for `take_over`; it is forgotten here."""
        notes = Notes(tuple(self._counts), dict(self._originals))
        self._counts[:] = [0] * len(KINDS)
        self._originals.clear()
        return notes

    def take_over(self, notes: Notes) -> None:
        """What another redactor of the same names and key counted and learnt."""
        for kind, count in enumerate(notes.counts):
            self._counts[kind] += count
        for token, value in notes.originals.items():
            self._originals.add(token, value)

    def redact(self, data: bytes) -> bytes:
        """A piece of UTF-8 text that ends with a line end, or a whole text."""
        return self.redact_part(data, 0, len(data))

    def redact_text(self, text: str) -> str:
        return self.redact(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def without_secrets(self, text: str) -> str:
        """Only passwords, keys and licence codes replaced; names and addresses stay."""
        data = text.encode("utf-8", "surrogatepass")
        spans = [span for span in self.spans(data) if span[2] in _SECRETS]
        return self.replaced(data, spans, 0, len(data)).decode("utf-8", "surrogatepass")

    def redact_part(self, data: bytes, start: int, end: int) -> bytes:
        """What becomes of data[start:end]; the rest is only looked at. No span may cross `start` or `end`."""
        return self.replaced(data, self.spans(data), start, end)

    def replaced(self, data: bytes, spans: list[Span], start: int, end: int) -> bytes:
        """The text between two places, with the sorted spans that begin there replaced."""
        out: list[bytes] = []
        add, counts, at = out.append, self._counts, start
        for first, negative_last, kind, token in spans:
            last = -negative_last
            if last <= at:
                continue
            if first >= end:
                break
            if first > at:
                add(data[at:first])
            elif first < at and at == start:
                continue
            counts[kind] += 1
            add(token)
            at = last
        add(data[at:end])
        return b"".join(out)

    def spans(self, data: bytes) -> list[Span]:
        """All spans, sorted by their start, the longer ones first."""
        # The finders look at the byte behind a value without asking whether there is one.
        data = data if data.endswith(b"\n") else data + b"\n"
        page = Page(data, data.lower(), self._tables, self._addresses)
        places = self._scanner.scan(page.low)
        self._known.find(page, places.known)
        _find_by_anchors(page, places)
        find_addresses.find_ipv4(page)
        find_licenses(page)
        find_hex_values(page, places.anchors[Anchor.HEX], self)
        page.spans.sort()
        return page.spans


_SECRETS = frozenset({CODE[Kind.SECRET], CODE[Kind.LICENSE]})
_FINDERS = (
    (Anchor.IPV6, find_addresses.find_ipv6),
    (Anchor.MAC, find_addresses.find_mac),
    (Anchor.SID, find_people.find_sids),
    (Anchor.USER, find_people.find_users),
    (Anchor.HOME, find_people.find_homes),
    (Anchor.ACCOUNT, find_people.find_labelled_accounts),
    (Anchor.HOST, find_people.find_hosts),
    (Anchor.INTERNAL, find_domains.find_internal_names),
    (Anchor.MAIL, find_secrets.find_odd_logins),
    (Anchor.MAIL, find_people.find_mails),
    (Anchor.SECRET, find_secrets.find_secrets),
    (Anchor.HEADER, find_secrets.find_headers),
    (Anchor.SCHEME, find_secrets.find_schemes),
    (Anchor.JWT, find_secrets.find_jwts),
    (Anchor.PEM, find_secrets.find_pem),
    (Anchor.EAV, find_secrets.find_accounts),
    (Anchor.CRYPT, find_secrets.find_crypt),
    (Anchor.SERIAL, find_secrets.find_serials),
)


def _find_by_anchors(page: Page, places: Places) -> None:
    # There may be a wide @, which is no place of a mail address.
    find_secrets.find_url_logins(page, places.anchors[Anchor.MAIL])
    for anchor, find in _FINDERS:
        found = places.anchors[anchor]
        if found:
            find(page, found)


def _searched(names: Names) -> Iterator[tuple[str, Role]]:
    """The names that are looked for wherever they stand, in a fixed order; short ones and plain words are not."""
    for group, role in (
        (names.domains, Role.DOMAIN),
        (names.hosts, Role.HOST),
        (names.users, Role.USER),
        (names.netbios_domains, Role.NETBIOS),
    ):
        for name in sorted(group):
            if is_searched(name):
                yield name.strip("."), role


def is_searched(name: str) -> bool:
    """Whether a name is long and rare enough to be replaced without a label beside it."""
    if is_generic(name) or is_token(name.lower()) or not any(char.isalnum() for char in name):
        return False
    if name.isascii():
        return len(name) >= (_MIN_DIGITS if name.isdigit() else _MIN_ASCII_NAME)
    return len(name) >= 2


def _wheel(wanted: bool | None) -> Any:
    if wanted is False:
        return None
    try:
        return importlib.import_module(_ACCELERATOR)
    except ImportError:
        if wanted:
            raise
        return None
