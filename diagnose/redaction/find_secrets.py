"""Judges of places where a password, a key, a licence or another secret may stand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagnose.redaction.page import ALNUM, SECRET, Page, ends_in_escape
from diagnose.redaction.tokens import CRYPT_REMOVED, Kind

QUOTE = rb"(?:\\{0,3}[\"']|&quot;|&#34;|%22)"
SEPARATOR = rb"[ \t]{0,40}(?:=>|[:=]|%3[ad]|\xef\xbc\x9a|" + QUOTE + rb"?>|[ \t]value[ \t]?=)[ \t]{0,40}"
_QUOTED = (
    rb"(?:\"(?P<double>(?:[^\"\\\r\n]|\\[^\r\n])*)|'(?P<single>(?:[^'\\\r\n]|\\[^\r\n])*)"
    rb"|\\+\"(?P<escaped>(?:[^\"\\\r\n]|\\+[^\"\\\r\n])*)|&quot;(?P<entity>(?:[^&\r\n]|&(?!quot;))*)"
    rb"|(?:%22|%27)(?P<percent>(?:[^%\s]|%(?!2[27]))*))"
)
_BARE = (
    rb"(?:[^\s\"'<>,;&\\]|[,;&](?![\w. -]{1,40}\s?[=:]|\s|[\"'])|\\(?![\"'])"
    rb"|[\"'](?![\s,;:&}\])>/]|\Z)|<(?![/A-Za-z!])|>(?!<))+"
)
_NUMBERS = rb"(?P<number>(?:hex(?:\([0-9a-f]+\))?:(?:[0-9a-f]{2},?|\\\r?\n[ \t]*)*|dword:[0-9a-f]{1,8}))"
_ELEMENT = rb"(?:(?<=[^=]>)(?P<element>[^<\r\n]+))"
_VALUE = (
    rb"(?:"
    + _ELEMENT
    + rb"|"
    + _NUMBERS
    + rb"|(?P<list>\[[ \t]*\"[^\]\r\n]*\]?)|"
    + _QUOTED
    + rb"|(?P<bare>"
    + _BARE
    + rb"))"
)
_NOT_SECRET = (
    rb"(?!last|expir|length|polic|age\b|count|requir|complex|hist|chang|never|reset|type|elevat|server|provid|url|uri"
    rb"|endpoint|file|path|manager|filter|size|min|max|usage|info)"
)
_SECRET = re.compile(
    rb"(?i)(?:(?<!by)(?<!com)(?<!sur)pass(?:(?:word|wd|phrase|code)s?[\w.-]{0,24}?)?|pwd[\w.-]{0,24}?"
    rb"|secret[\w.-]{0,24}?|(?<!publickey)token(?:s|_?id|_?value|_?key|_?secret)?|credential[\w.-]{0,16}?"
    rb"|(?:(?<=api)|(?<=api[-_ ])|(?<=access)|(?<=access[-_ ])|(?<=private[-_ ])|(?<=private)|(?<=auth)|(?<=auth[-_ ])"
    rb"|(?<=account[-_ ])|(?<=shared)|(?<=shared[-_ ])|(?<=encryption)|(?<=encryption[-_ ])|(?<=secret)"
    rb"|(?<=function[-_ ])|(?<=master[-_ ]))key|(?<=[?&])sig|(?<=x-amz-)signature"
    rb"|"
    + "パスワード|暗証番号|トークン".encode()
    + rb")(?P<name>"
    + QUOTE
    + rb"?)(?:(?P<separator>"
    + SEPARATOR
    + rb")|(?P<option>(?:[ \t]{1,8})))"
    + _VALUE
)
_REFUSED = re.compile(rb"(?i)(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|credentials?)[_-]?(?!s\b)" + _NOT_SECRET)
_OPTION = re.compile(rb"(?:^|[\s\"'])(?:--?|/)[\w-]{0,40}\Z")
DIRECTIVE = re.compile(rb"(?:^|\n)[ \t]{0,40}(?:#[ \t]{0,8})?[A-Za-z]{3,32}\Z")
"""The beginning of a line such as `HTTPProxyPassword secret` in a settings file, up to the word that tells."""
ENDS_LINE = re.compile(rb"[\"']?[ \t]{0,40}\r?\n")
_HARMLESS = re.compile(
    rb"(?i)(?:true|false|null|none|yes|no|on|off|enabled|disabled|\*+|\d|0x0+|\(null\)|\[\]|\{\}|%s|secret-removed"
    rb"|hex:|\[\"secret-removed\"\])?\Z"
)
_LICENSE_LABEL = re.compile(
    rb"(?i)(?:serial(?:[ _-]?(?:number|no\.?|num|key))?|activation[ _-]?(?:code|key)"
    rb"|(?:(?<=licen[sc]e)|(?<=licen[sc]e[ _-])"
    rb"|(?<=product)|(?<=product[ _-])|(?<=registration)|(?<=registration[ _-]))key|"
    + "シリアル(?:番号|ナンバー)?|ライセンスキー|アクティベーションコード|レジストレーションキー".encode()
    + rb")"
    + QUOTE
    + rb"?"
    + SEPARATOR
    + QUOTE
    + rb"?(?P<value>[A-Za-z0-9](?:[A-Za-z0-9-]{3,62})[A-Za-z0-9])(?![A-Za-z0-9-])"
)
_LICENSE_ID = re.compile(
    rb"(?i)(?:public_?id|licen[cs]e[ _]?id|"
    + "ライセンス".encode()
    + rb"id)(?:"
    + QUOTE
    + rb"?"
    + SEPARATOR
    + QUOTE
    + rb"?|[ \t]{1,40}REG_SZ[ \t]{1,40})\{?(?P<value>[A-Za-z0-9](?:[A-Za-z0-9-]{1,62})[A-Za-z0-9])(?![A-Za-z0-9-])"
)
_SEAT = re.compile(
    rb"(?i)seat_name" + QUOTE + rb"?" + SEPARATOR + rb"(?:" + _QUOTED + rb"|(?P<bare>[^\s\"'<>,;{}\\]+))"
)
"""Whom a licence is given to: mostly a computer's name."""

_HEADER = re.compile(
    rb"(?i)(?P<header>authorization|cookie2?)(?P<open>" + QUOTE + rb"?)[ \t]{0,40}(?::|=>?|%3a)[ \t]{0,40}"
    rb"(?:(?P<quote>\\{0,3}[\"'])|)(?:(?P<scheme>bearer|basic|negotiate|ntlm|token|apikey|kerberos)(?:[ \t]+|%20|\+))?"
)
_SCHEME_VALUE = re.compile(rb"[^\s\"'<>,;\\]+")
_LINE = re.compile(rb"[^\r\n]+")
_UP_TO_QUOTE = re.compile(rb"(?:[^\"'\\\r\n]|\\(?![\"']))+")
_SCHEME = re.compile(rb"(?i)(?:bearer|basic|negotiate|ntlm)(?:[ \t]{1,8}|%20)(?P<value>[A-Za-z0-9._~+/=-]{8,})")
_ENCODED = re.compile(rb"[0-9=]|[a-z][A-Z].*[a-z]|[A-Z]{3}.*[a-z]")
_JWT = re.compile(rb"eyJ[A-Za-z0-9_-]{5,}(?:(?:\.|%2[eE])[A-Za-z0-9_-]*)*={0,2}")
_URL_USER = re.compile(rb"://(?P<user>[^\s/?#:@\"'<>\[]*)(?P<end>[:@])")
_PORT = re.compile(rb"\d{1,5}(?:[/\s\"'<>?#,;)\]]|\Z)")
_URL_RUN = re.compile(rb"[^\s\"'<>]*")
_PEM = re.compile(rb"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_PEM_END = re.compile(rb"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_PEM_BODY = re.compile(
    rb"(?:[A-Za-z0-9+/=\s]|\\[nrt]|\\\\[nrt]|\\/|(?:Proc-Type|DEK-Info|Comment|Version)[^\r\n]*|&#1[03];|%0[aAdD])*"
)
MAX_PEM = 1 << 16
"""A private key has fewer bytes than this."""
_CRYPT = re.compile(rb"!CRYPT!(?P<value>[^\s\"'<>,;\\]*)", re.IGNORECASE)
_EAV = re.compile(rb"(?:EAV|TRIAL)-[0-9]{6,12}(?![A-Za-z0-9])", re.IGNORECASE)


def find_secrets(page: Page, places: list[int]) -> None:
    data, done = page.data, 0
    for place in places:
        if place < done:
            continue
        license_key = _LICENSE_LABEL.match(data, place) if data[place] in b"kK" else None
        if license_key is not None:
            done = _add_license(page, license_key)
            continue
        found = _SECRET.match(data, place)
        if found is None or _is_no_secret(data, found):
            continue
        done = _add_secret(page, found)


def _is_no_secret(data: bytes, found: re.Match[bytes]) -> bool:
    if found["separator"] is None and (found["name"] or not _is_option(data, found)):
        return True
    key = data[found.start() : found.start("name")]
    return len(key) > 6 and _REFUSED.match(key + b" ") is None and not key.lower().endswith(b"key") and key.isascii()


def _is_option(data: bytes, found: re.Match[bytes]) -> bool:
    start = found.start()
    if _OPTION.search(data, max(0, start - 48), start) is not None:
        return True
    return is_directive(data, start, found.end())


def is_directive(data: bytes, start: int, end: int) -> bool:
    """Whether a line holds nothing but a setting whose last word begins at `start`, and its value, up to `end`."""
    first = max(0, data.rfind(b"\n", max(0, start - 90), start))
    return DIRECTIVE.match(data, first, start) is not None and ENDS_LINE.match(data, end) is not None


def _add_secret(page: Page, found: re.Match[bytes]) -> int:
    group = found.lastgroup or "bare"
    value = found[group]
    start, end = found.span(group)
    if _HARMLESS.match(value):
        return end
    token = SECRET
    if group == "number":
        token = b'"%s"' % SECRET
    elif group == "list":
        token = b'["%s"]' % SECRET
    elif group == "bare" and found["name"].startswith(b'"') and found["separator"].strip() == b":":
        # A number in JSON, with what closes the object around it.
        stripped = value.rstrip(b"}])")
        end = start + len(stripped)
        token = b'"%s"' % SECRET
        if _HARMLESS.match(stripped):
            return end
    page.add(start, end, Kind.SECRET, token)
    return end


def find_serials(page: Page, places: list[int]) -> None:
    done = 0
    for place in places:
        if place < done:
            continue
        found = _LICENSE_LABEL.match(page.data, place) or _LICENSE_ID.match(page.data, place)
        if found is not None:
            done = _add_license(page, found)
        elif (seat := _SEAT.match(page.data, place)) is not None:
            done = _add_seat(page, seat)


def _add_seat(page: Page, found: re.Match[bytes]) -> int:
    group = found.lastgroup or "bare"
    token = page.tables.labelled_host[found[group]]
    if token:
        page.add(*found.span(group), Kind.HOST, token)
    return found.end()


def _add_license(page: Page, found: re.Match[bytes]) -> int:
    start, end = found.span("value")
    value = found["value"]
    token = page.tables.license[value]
    if token and (any(48 <= byte <= 57 for byte in value) or value.count(b"-") >= 2):
        page.add(start, end, Kind.LICENSE, token)
    return end


def find_headers(page: Page, places: list[int]) -> None:
    data, done = page.data, 0
    for place in places:
        if place < done:
            continue
        found = _HEADER.match(data, place)
        if found is None:
            continue
        pattern = _UP_TO_QUOTE if found["quote"] else _SCHEME_VALUE if found["scheme"] else _LINE
        value = pattern.match(data, found.end())
        if value is None:
            continue
        done = value.end()
        if value[0] != SECRET:
            page.add(value.start(), done, Kind.SECRET, SECRET)


def find_schemes(page: Page, places: list[int]) -> None:
    done = 0
    for place in places:
        found = _SCHEME.match(page.data, place) if place >= done else None
        if found is None:
            continue
        done = found.end()
        if found["value"] != SECRET and _ENCODED.search(found["value"]):
            page.add(*found.span("value"), Kind.SECRET, SECRET)


def find_jwts(page: Page, places: list[int]) -> None:
    done = 0
    for place in places:
        found = _JWT.match(page.data, place) if place >= done else None
        if found is None:
            continue
        done = found.end()
        if b"." in found[0] or b"%2" in found[0] or len(found[0]) >= 24:
            page.add(found.start(), done, Kind.SECRET, SECRET)


_WIDE_AT = "＠".encode()


def find_url_logins(page: Page, mails: list[int]) -> None:
    """User and password in a URL; the password ends at the last `@`, be it a wide one, before a blank or a quote."""
    data, done, run_end, last = page.data, 0, 0, -1
    for place in _urls_before_at(data, mails):
        found = _URL_USER.match(data, place) if place >= done else None
        if found is None:
            continue
        at = found.start("end")
        if found["end"] == b":":
            if at >= run_end:
                run = _URL_RUN.match(data, at)
                run_end = run.end() if run is not None else at
                last = max(data.rfind(b"@", at, run_end), data.rfind(_WIDE_AT, at, run_end))
            if last < at:
                done = run_end
                continue
            if _PORT.match(data, at + 1) and not _is_server(data, last):
                continue
            done, at = run_end, last
            page.add_changed(found.end(), at, Kind.SECRET, SECRET)
        done = max(done, at + 1)
        page.logins.add(at)
        token = page.tables.user[found["user"]] if found["user"] else b""
        if token:
            page.add(*found.span("user"), Kind.USER, token)


def _is_server(data: bytes, at: int) -> bool:
    """Whether a host and a port stand behind an `@`: then what looks like a port before it is of the password."""
    return _SERVER.match(data, at + (1 if data[at] == 64 else len(_WIDE_AT))) is not None


def _urls_before_at(data: bytes, mails: list[int]) -> Iterator[int]:
    """The `://` with an `@` behind it in the same line; most URLs have none."""
    if b"://" not in data:
        return
    ats = [place for place in mails if data[place] == 64]
    at = data.find(_WIDE_AT)
    while at >= 0:
        ats.append(at)
        at = data.find(_WIDE_AT, at + 1)
    before = 0
    for at in sorted(ats):
        place = data.find(b"://", max(before, data.rfind(b"\n", before, at)), at)
        while place >= 0:
            yield place
            place = data.find(b"://", place + 1, at)
        before = at


_WEB = rb"(?:https?|ftp)[:/\\]{1,8}"
_ODD_LOGIN = re.compile(rb"(?i)[ \t]*(?P<scheme>" + _WEB + rb")?(?P<user>[^:/\\\s]{0,64}):(?P<password>[^\r\n]+)\Z")
_SERVER = re.compile(rb"[A-Za-z0-9][A-Za-z0-9.-]{0,252}:[0-9]{1,5}(?![0-9A-Za-z])")
_BLANK = re.compile(rb"\s")
_MOST_LOGIN = 256


def find_odd_logins(page: Page, places: list[int]) -> None:
    """User and password in an address that is not written well: no `://` before them, or a blank in them."""
    for place in places:
        # Behind an `@` a host begins; the text ends with a line end, so there is a byte.
        if page.data[place] != 64 or not ALNUM[page.data[place + 1]] or place in page.logins:
            continue
        found = _odd_login(page.data, place)
        if found is None:
            continue
        page.logins.add(place)
        page.add_changed(*found.span("password"), Kind.SECRET, SECRET)
        token = page.tables.user[found["user"]] if found["user"] else b""
        if token:
            page.add(*found.span("user"), Kind.USER, token)


def _odd_login(data: bytes, place: int) -> re.Match[bytes] | None:
    """What stands before an `@`. With something like `http`, all from the quote; else the word, and a port behind:
    no mail address is to be taken for one. Where the beginning is written well, only a blank makes it odd.
    """
    start = max(data.rfind(b"\n", max(0, place - _MOST_LOGIN), place) + 1, place - _MOST_LOGIN, 0)
    if data.find(b":", start, place) < 0:
        return None
    server = _SERVER.match(data, place + 1)
    if server is None and b"tp" not in data[start:place].lower():
        return None
    quote = max(data.rfind(b'"', start, place), data.rfind(b"'", start, place), start - 1)
    found = _ODD_LOGIN.match(data, quote + 1, place)
    if found is None or not found["scheme"]:
        word = max(quote, *(data.rfind(blank, start, place) for blank in (b" ", b"\t", b"=", b"\0")))
        found = _ODD_LOGIN.match(data, word + 1, place)
    if found is None or _PORT.match(data, found.start("password")):
        return None
    if not found["scheme"]:
        return None if server is None else found
    well_begun = found["scheme"].endswith(b"://") and not _BLANK.search(found["password"])
    return None if well_begun else found


def find_pem(page: Page, places: list[int]) -> None:
    data, done = page.data, 0
    last: re.Match[bytes] | None = None
    searched = False
    for place in places:
        found = _PEM.match(data, place) if place >= done else None
        if found is None:
            continue
        # An end that lies ahead is the end for all that begin before it; none at all stays none.
        if not searched or (last is not None and last.start() < found.end()):
            last, searched = _PEM_END.search(data, found.end()), True
        if last is not None and last.end() <= found.end() + MAX_PEM:
            done = last.start()
        else:
            body = _PEM_BODY.match(data, found.end())
            done = body.end() if body is not None else found.end()
        body_text = data[found.end() : done].strip()
        if body_text and body_text != SECRET:
            page.add(found.end(), done, Kind.SECRET, b"\n%s\n" % SECRET)


def find_crypt(page: Page, places: list[int]) -> None:
    done = 0
    for place in places:
        found = _CRYPT.match(page.data, place) if place >= done else None
        if found is not None:
            done = found.end()
            if found["value"] not in {b"", b"removed"}:
                page.add(*found.span(), Kind.SECRET, CRYPT_REMOVED.encode())


def find_accounts(page: Page, places: list[int]) -> None:
    data = page.data
    for place in places:
        if place and ALNUM[data[place - 1]] and not ends_in_escape(data, place):
            continue
        found = _EAV.match(data, place)
        if found is not None:
            page.add(*found.span(), Kind.ACCOUNT, page.tables.account[found[0]])
