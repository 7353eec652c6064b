"""Judges of places where a user, a computer, a SID or an e-mail address may stand."""

from __future__ import annotations

import re

from diagnose.redaction.find_domains import INTERNAL_TOPS
from diagnose.redaction.find_secrets import QUOTE, SEPARATOR, is_directive
from diagnose.redaction.page import ALNUM, CODE, Found, Page, ends_in_escape
from diagnose.redaction.tokens import Kind

_SLASH = rb"(?:\\{1,4}|\\?/|%5[cC]|%2[fF]|&#92;|&#47;)"
_PROFILE_WINDOW = 32
_ESCAPE = 6
_PATH_GOES_ON = b'\\/"\r\n'
_PROFILE = re.compile(
    rb"(?i:users|/home|documents and settings)" + _SLASH + rb"(?P<name>(?:[^\\/:*?\"<>|\r\n\t%&\s,;]"
    rb"|%(?!5[cC]|2[fF]|2[26cC])[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|&#x?[0-9a-fA-F]{2,6};)+)"
)
_BLANKS = re.compile(rb"[^\\/:*?\"<>|\r\n\t%&;=]{1,64}(?=\\|/|%5[cC]|%2[fF])")
_QUOTED_NAME = re.compile(rb"[^\\/:*?\"'<>|\r\n\t%&;=,]{1,64}(?=\\*[\"'<]|&quot;)")
_NAME = (
    rb"(?:[^\s\\/:*?\"'<>|,;=()\[\]{}&%@#!]|%(?!2[026cC]|3[aAdD]|5[cC]|40|0[aAdD])[0-9a-fA-F]{2}"
    rb"|\\u(?!00)[0-9a-fA-F]{4}|&#x?[0-9a-fA-F]{2,6};){1,320}"
)
_BACKSLASH = rb"(?:\\{1,4}|%5[cC])"
_USER = re.compile(
    rb"(?i)(?:user(?:[ _-]?(?:name|id))?|account(?:[ _-]?name)?|"
    + "ユーザー?(?:名|ID)?|アカウント(?:名)?|ログオン名".encode()
    + rb")(?P<open>"
    + QUOTE
    + rb"?)(?:"
    + SEPARATOR
    + rb"|(?P<option>[ \t]{1,8}))(?P<quote>"
    + QUOTE
    + rb"?)(?:(?P<domain>[A-Za-z0-9][A-Za-z0-9._-]{0,62}|\.)"
    + _BACKSLASH
    + rb")?(?P<user>"
    + _NAME
    + rb")(?P<blanks>(?: [^\s\\/:*?\"'<>|,;=()\[\]{}&%@#!]{1,64}){0,3}(?=\\*[\"']|</|&quot;))?"
)
_DOMAIN_LABEL = re.compile(
    rb"(?i)account[ _-]?domain" + QUOTE + rb"?" + SEPARATOR + QUOTE + rb"?(?P<domain>[A-Za-z0-9][A-Za-z0-9_.-]{1,62})"
)
_OPTION = re.compile(rb"(?:^|[\s\"'])(?:--|/)[\w-]{0,40}\Z")
_HOST = re.compile(
    rb"(?i)(?:host[ _-]?(?:name|id)?|computer[ _-]?(?:name)?|workstation[ _-]?(?:name)?|"
    + "コンピュータ(?:ー)?名?|ホスト名".encode()
    + rb")"
    + QUOTE
    + rb"?"
    + SEPARATOR
    + QUOTE
    + rb"?\\{0,4}(?P<host>[A-Za-z0-9][A-Za-z0-9_.-]{0,252})"
)
_NO_LABEL = (b"svc", b"con", b"s_s", b"dll", b"exe")
_SID = re.compile(
    rb"(?i)S-1-(?:5-21-[0-9]{1,10}-[0-9]{1,10}-[0-9]{1,10}(?:-[0-9]{1,10})?|12-1(?:-[0-9]{1,10}){4})(?![0-9])"
)
_MAIL_DOMAIN = re.compile(rb"(?:@|%40)((?:[A-Za-z0-9-]{1,63}\.){1,10}[A-Za-z][A-Za-z0-9-]{1,62})(?![A-Za-z0-9])")
_MAIL_LOCAL = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._%+-!#$*'~^`{|}") | frozenset(
    range(128, 256)
)
_MAX_LOCAL = 128
_NO_MAIL_ENDS = (b".png", b".jpg", b".gif", b".svg", b".webp", b".js", b".css", b".dll", b".exe", b".so", b".service")


def find_users(page: Page, places: list[int]) -> None:
    """Profile folders (`users\\…`) and labels (`user=…`)."""
    data = page.data
    done = 0
    for place in places:
        if place < done:
            continue
        find = _profile if data[place + 4] in b"sS" else _labelled_user
        done = find(page, place) or done


def find_homes(page: Page, places: list[int]) -> None:
    done = 0
    for place in places:
        if place >= done:
            done = _profile(page, place) or done


def find_labelled_accounts(page: Page, places: list[int]) -> None:
    done = 0
    for place in places:
        if place < done:
            continue
        domain = _DOMAIN_LABEL.match(page.data, place)
        if domain is None:
            done = _labelled_user(page, place) or done
            continue
        done = domain.end()
        _add_domain(page, *domain.span("domain"))


def _profile(page: Page, place: int) -> int:
    """Returns where to go on, 0 when this is no profile folder."""
    window = page.data[place - 1 : place + _PROFILE_WINDOW] if place else b""
    known = page.tables.profile_windows.get(window)
    if known is None:
        known = _profile_at(page, place)
        # What a blank, a comma or an escape behind the name means is told by what comes further on.
        sure = place and known[1] and place + known[1] + _ESCAPE < place + _PROFILE_WINDOW
        if sure and page.data[place + known[1]] in _PATH_GOES_ON:
            page.tables.profile_windows.keep(window, known)
    first, last, token = known
    if token:
        page.spans.append((place + first, -(place + last), CODE[Kind.USER], token))
    return place + last if last else 0


def _profile_at(page: Page, place: int) -> Found:
    data = page.data
    found = _PROFILE.match(data, place)
    if found is None or (
        place and (ALNUM[data[place - 1]] or data[place - 1] == 95) and not ends_in_escape(data, place)
    ):
        return 0, 0, b""
    start, end = found.span("name")
    if data[end] == 32 or data[end] in b",;":
        wide = _BLANKS.match(data, start) or _QUOTED_NAME.match(data, start)
        if wide is not None and wide[0].count(b" ") <= 3:
            end = wide.end()
    value = data[start:end].rstrip(b".')")
    if not value or value[:4].lower() == b"s-1-" or value[:1] in b"$*{":
        return 0, end - place, b""
    return start - place, start + len(value) - place, page.tables.user[value]


def _labelled_user(page: Page, place: int) -> int:
    data = page.data
    found = _USER.match(data, place)
    if found is None:
        return 0
    if found["option"] is not None and (found["open"] or not _is_option(data, found)):
        return 0
    start, end = found.span("user")
    if data[end] == 64 or data[end : end + 3] == b"%40":
        return 0
    if data[end] == 92 and found["domain"] is None and data[end + 1] not in b"\"'rnt\\":
        return 0
    if found["blanks"]:
        end = found.end("blanks")
    if found["domain"] is not None:
        _add_domain(page, *found.span("domain"))
    value = data[start:end].rstrip(b".$")
    if value and not (value.isdigit() and len(value) < 5) and not value.lower().startswith((b"s-1-", b"0x")):
        table = page.tables.user if found["domain"] is not None else page.tables.labelled_user
        token = table[value]
        if token:
            page.add(start, start + len(value), Kind.USER, token)
    return end


def _is_option(data: bytes, found: re.Match[bytes]) -> bool:
    place = found.start()
    return _OPTION.search(data, max(0, place - 48), place) is not None or is_directive(data, place, found.end())


def _add_domain(page: Page, start: int, end: int) -> None:
    value = page.data[start:end]
    if b"." not in value.strip(b"."):
        token = page.tables.labelled_netbios[value] if value != b"." else b""
        if token:
            page.add(start, end, Kind.DOMAIN, token)
    else:
        _add_dotted(page, start, end)


def _add_dotted(page: Page, start: int, end: int) -> None:
    """A name with dots is the customer's in a known domain or below a top level that the internet lacks."""
    value = page.data[start:end].rstrip(b".-")
    low = value.lower()
    if low.endswith(INTERNAL_TOPS) or page.tables.pseudonyms.domain_of(low.decode()) is not None:
        token = page.tables.fqdn[value]
        if token:
            page.add(start, start + len(value), Kind.HOST, token)


def find_hosts(page: Page, places: list[int]) -> None:
    data, low = page.data, page.low
    done = 0
    for place in places:
        found = _HOST.match(data, place) if place >= done else None
        if found is None or low[max(0, place - 3) : place].endswith(_NO_LABEL):
            continue
        start, end = found.span("host")
        done = end
        value = data[start:end].rstrip(b".-_")
        if b"." in value:
            _add_dotted(page, start, start + len(value))
        elif value and value[:2].lower() != b"0x":
            token = page.tables.labelled_host[value]
            if token:
                page.add(start, start + len(value), Kind.HOST, token)


def find_sids(page: Page, places: list[int]) -> None:
    for place in places:
        found = _SID.match(page.data, place)
        if found is not None:
            token = page.tables.sid[found[0]]
            if token:
                page.add(*found.span(), Kind.SID, token)


def find_mails(page: Page, places: list[int]) -> None:
    data = page.data
    done = 0
    for place in places:
        if place < done or place in page.logins:
            continue
        found = _MAIL_DOMAIN.match(data, place)
        if found is None:
            continue
        done = found.end()
        floor = max(0, place - _MAX_LOCAL)
        start = place
        while start > floor and data[start - 1] in _MAIL_LOCAL:
            start -= 1
        start = _local_start(data, start, place)
        if start == place or found[1].lower().endswith(_NO_MAIL_ENDS):
            continue
        token = page.tables.email[data[start:place] + b"@" + found[1]]
        if token:
            page.add(start, done, Kind.EMAIL, token)


def _local_start(data: bytes, start: int, end: int) -> int:
    """Without the letter of an escape that stands before the local part, and without opening marks."""
    if (
        data[start - 1 : start] == b"\\"
        and data[start : start + 1] in {b"n", b"r", b"t"}
        and ends_in_escape(data, start + 1)
    ):
        start += 1
    while start < end and data[start] in b"'`*{|.-!#$^~":
        start += 1
    return start
