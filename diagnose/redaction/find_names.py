"""Judges of places where a known name stands, in any of its spellings."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence

from diagnose.redaction.find_domains import add_suffix
from diagnose.redaction.literals import Hit, Literal, Role
from diagnose.redaction.page import (
    ALNUM,
    CODE,
    LABELS,
    LONGEST_HOST,
    Found,
    Originals,
    Page,
    Tables,
    behind_escape,
    ends_in_escape,
)
from diagnose.redaction.spelling import Style
from diagnose.redaction.tokens import Kind

_KIND_OF = {Role.USER: Kind.USER, Role.HOST: Kind.HOST, Role.NETBIOS: Kind.DOMAIN, Role.DOMAIN: Kind.DOMAIN}
_HOST, _DOMAIN = CODE[Kind.HOST], CODE[Kind.DOMAIN]
_BEHIND_DOMAIN = re.compile(rb"(?:\\{1,4}|%5[cC])(?P<user>[^\s\\/:*?\"'<>|,;=()\[\]{}&%@#!]{1,64})(?!\\[^\"'nrt])")
_HOST_RUN = re.compile(rb"[a-z0-9._-]{0,253}")


class KnownNames:
    """The spellings with what is written for each."""

    def __init__(self, literals: Sequence[Literal], tables: Tables, originals: Originals) -> None:
        self._literals = literals
        self._originals = originals
        self._tokens = list(_tokens(literals, tables))
        self._left = [literal.left_border for literal in literals]
        self._right = [literal.right_border for literal in literals]
        self._codes = [CODE[_KIND_OF[literal.role]] for literal in literals]
        self._plain_domain = [
            literal.role is Role.DOMAIN and literal.style is Style.PLAIN and literal.pattern.isascii()
            for literal in literals
        ]
        # An escape of JSON or of ours begins with a lower-case letter; what looks like one is a folder.
        self._case_matters = [b"\\u" in literal.pattern or b"\\x" in literal.pattern for literal in literals]
        self._plain_host = [literal.role is Role.HOST and literal.style is Style.PLAIN for literal in literals]
        self._may_own = [literal.role in {Role.HOST, Role.NETBIOS} for literal in literals]
        self._seen = bytearray(len(literals))

    def find(self, page: Page, hits: list[Hit]) -> None:
        data, alnum, spans = page.data, ALNUM, page.spans
        left, right, domains, seen = self._left, self._right, self._plain_domain, self._seen
        case_matters = self._case_matters
        for start, end, index in hits:
            if right[index] and alnum[data[end]]:
                continue
            if left[index] and alnum[data[start - 1]] and not ends_in_escape(data, start):
                continue
            if case_matters[index] and (b"\\U" in data[start:end] or b"\\X" in data[start:end]):
                continue
            if domains[index]:
                self._domain(page, start, end)
                continue
            if (data[end] == 46 or data[start - 1] == 46) and _in_kept_host(page, start, end):
                continue
            if data[end] in b"\\%" and self._may_own[index]:
                self._user_behind(page, start, end)
            if data[end] == 46 and self._plain_host[index]:
                add_suffix(page, start, end)
            if not seen[index]:
                self._remember(index)
            spans.append((start, -end, self._codes[index], self._tokens[index]))

    def _remember(self, index: int) -> None:
        self._seen[index] = 1
        literal = self._literals[index]
        if literal.style in {Style.PLAIN, Style.ESCAPED}:
            self._originals.add(self._tokens[index].decode(), literal.name)

    @staticmethod
    def _domain(page: Page, start: int, end: int) -> None:
        """With the labels before it: the host and what lies between."""
        data, low, windows = page.data, page.low, page.tables.domain_windows
        before = low[start - LONGEST_HOST if start > LONGEST_HOST else 0 : start]
        begin = start - len(before) + len(before.rstrip(LABELS))
        # What whole labels make is the same for every known domain that ends here. A dot behind it may go on with other
        # labels, an escape reaches further back than the window does.
        whole = begin == start or low[start - 1] == 46
        sure = begin and whole and low[end] != 46 and data[begin - 1] not in b"\\%"
        known = windows.get(data[begin - 1 : end]) if sure else None
        if known is None:
            known = _domain_at(page, begin, start, end)
            if sure:
                windows.keep(data[begin - 1 : end], known)
        offset, _, token = known
        if token:
            first = begin + offset
            page.spans.append((first, -end, _HOST if first < start else _DOMAIN, token))
            if first < start or begin == start:
                page.last_dots.add(low.rfind(b".", start, end))

    @staticmethod
    def _user_behind(page: Page, start: int, end: int) -> None:
        """DOMAIN\\user: the user behind the name of a domain or a computer; what follows in a UNC path is none."""
        data = page.data
        found = _BEHIND_DOMAIN.match(data, end) if start == 0 or data[start - 1] != 92 else None
        if found is not None:
            value = found["user"].rstrip(b".$")
            token = page.tables.user[value] if value else b""
            if token:
                page.add(found.start("user"), found.start("user") + len(value), Kind.USER, token)


def _domain_at(page: Page, begin: int, start: int, end: int) -> Found:
    """The known domain at data[start:end] with its labels, which begin at `begin` or later; counted from there."""
    data, low = page.data, page.low
    ends_in_dot = low[start - 1] == 46 if begin < start else False
    if begin < start and not ends_in_dot and low[start - 1] not in b"-_":
        return 0, 0, b""
    first = behind_escape(data, begin if ends_in_dot else start, end)
    while first < start and low[first] in b".-":
        first += 1
    if low[end] == 46 and ALNUM[low[end + 1]]:
        rest = _HOST_RUN.match(low, end)
        if rest is not None and page.tables.keeps(low[first : rest.end()].rstrip(b".-")):
            return 0, 0, b""
    return first - begin, end - begin, page.tables.fqdn[data[first:end]]


def _in_kept_host(page: Page, start: int, end: int) -> bool:
    low = page.low
    before = low[max(0, start - LONGEST_HOST) : start]
    first = start - (len(before) - len(before.rstrip(LABELS)))
    rest = _HOST_RUN.match(low, end)
    last = rest.end() if rest is not None else end
    return last - first <= LONGEST_HOST + 64 and page.tables.keeps(low[first:last].strip(b".-_"))


def _tokens(literals: Sequence[Literal], tables: Tables) -> Iterator[bytes]:
    """What is written for each; a name has many spellings, and its pseudonym is made once."""
    pseudonyms = tables.pseudonyms
    make = {
        Role.USER: pseudonyms.user,
        Role.HOST: pseudonyms.host,
        Role.NETBIOS: pseudonyms.netbios,
        Role.DOMAIN: pseudonyms.domain,
    }
    known: dict[tuple[str, str], str] = {}
    for literal in literals:
        # By its word: to hash a member of an enumeration takes longer than all the rest.
        name = literal.role.value, literal.name
        token = known.get(name)
        if token is None:
            token = known[name] = make[literal.role](literal.name)
        yield _spelt(token, literal)


def _spelt(token: str, literal: Literal) -> bytes:
    """A token as this spelling of the name is written."""
    if literal.style is Style.HEX_UTF16:
        return token.encode("utf-16-le").hex(",").encode()
    if literal.style is Style.HEX_UTF8:
        return token.encode().hex(",").encode()
    if literal.style is Style.BASE64:
        # Of the same length, so that what stands around it can still be decoded.
        return base64.b64encode(b"x" * len(literal.pattern))[: len(literal.pattern)]
    return token.encode()
