"""Names in free text, found by labels and shapes; conservative, because a word learnt here is replaced everywhere.

Each shape starts from a literal that `str.find` looks for, and a small pattern judges the place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from diagnose.redaction.kept import KEPT_HOSTS, is_generic, is_kept_host
from diagnose.redaction.tokens import is_token

_MIN_NAME = 3
_MAX_NAME = 64

_NAME = r"[^\s\\/:*?\"'<>|,;=()\[\]{}&%@]{1,64}"
_SEPARATOR = r"(?:\\{1,4}|/|\\/|%5[cC]|%2[fF])"
_LABEL_END = r"(?:name|id)?(?:\\?[\"'])?[ \t]*(?:=|:|\">|'>|>|：)[ \t]*(?:\\?[\"'])?"
_PROFILE = re.compile(
    rf"(?i:(?<![a-z0-9_])(?:users|home|documents and settings)){_SEPARATOR}([^\\/:*?\"<>|\r\n%]{{1,64}})"
)
_LABELLED_USER = re.compile(
    rf"(?i:(?:user|account)[ _]?{_LABEL_END})"
    rf"(?:({_NAME})\\{{1,2}})?({_NAME})(?!\\)"
)
_JAPANESE_USER = re.compile(
    rf"(?:ユーザー?名?|アカウント名|ログオン名)[ \t]*[:：=][ \t]*(?:({_NAME})\\{{1,2}})?({_NAME})(?!\\)"
)
_LABELLED_HOST = re.compile(
    rf"(?i:(?<![a-z])(?:computer|host|workstation|machine|netbios)[ _]?{_LABEL_END})"
    rf"\\{{0,4}}([A-Za-z0-9][A-Za-z0-9.-]{{1,252}})"
)
_JAPANESE_HOST = re.compile(
    r"(?:コンピューター?名|ホスト名|マシン名|端末名)[ \t]*[:：=][ \t]*([A-Za-z0-9][A-Za-z0-9.-]{1,252})"
)
_UNC = re.compile(r"(?<![\\\w:])\\\\(?:\\\\)?([A-Za-z0-9][A-Za-z0-9.-]{1,252})\\{1,2}[\w$]")
_URL = re.compile(r"://(?:[^\s/@\"'<>]{0,200}@)?([A-Za-z0-9][A-Za-z0-9.-]{1,252})")
_MAIL_LOCAL = re.compile(r"[A-Za-z0-9._+-]{1,64}\Z")
_MAIL_DOMAIN = re.compile(r"@((?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24})(?![\w.-])")
_LOGON = re.compile(
    r"(?<![\w\\/.:-])([A-Z][A-Z0-9-]{1,14})\\{1,2}([A-Za-z][A-Za-z0-9]{0,30}\.[A-Za-z0-9_.-]{1,31})(?![\\\w.])"
)
_LOGON_MIDDLE = re.compile(r"\\(?:\\)?(?=[A-Za-z][A-Za-z0-9]{0,30}\.)")
"""One backslash or two; a pattern that begins with a plain character is found ten times faster."""
_LOGON_DOMAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"
_MAX_DOMAIN = 15
_INTERNAL = frozenset(["local", "internal", "lan", "corp", "intra", "intranet", "localdomain", "home", "private", "ad"])
_NO_DOMAINS = frozenset(
    [
        "nt",
        "authority",
        "builtin",
        "workgroup",
        "service",
        "font",
        "driver",
        "host",
        "window",
        "manager",
        "iis",
        "apppool",
    ]
)
_FILE = re.compile(
    r".*\.(?:exe|dll|log|txt|dat|tmp|sys|xml|json|ini|zip|html?|php|js|png|jpg|gif|docx?|xlsx?|lnk)\Z", re.I
)
_WORD = re.compile(r"[^\W\d_]|\d")


class Discovery:
    """What was found so far; `read` may be called for one text after the other."""

    def __init__(self) -> None:
        self.users: set[str] = set()
        self.hosts: set[str] = set()
        self.domains: set[str] = set()
        self.netbios_domains: set[str] = set()

    def read(self, text: str) -> None:
        low = text.lower()
        if len(low) != len(text):
            low = text
        for anchor in ("users", "home", "documents and settings"):
            self._each(text, _places(low, anchor), _PROFILE, self._profile)
        for anchor in ("user", "account"):
            self._each(text, _places(low, anchor), _LABELLED_USER, self._account)
        for anchor in ("computer", "host", "workstation", "machine", "netbios"):
            self._each(text, _places(low, anchor), _LABELLED_HOST, self._host_match)
        # One character is looked for ten times faster than several.
        for anchor in ("ユーザ", "アカウント名", "ログオン名"):
            if anchor[-1] in text:
                self._each(text, _places(low, anchor), _JAPANESE_USER, self._account)
        for anchor in ("コンピュータ", "ホスト名", "マシン名", "端末名"):
            if anchor[-1] in text:
                self._each(text, _places(low, anchor), _JAPANESE_HOST, self._host_match)
        self._each(text, _places(low, "\\\\"), _UNC, self._host_match)
        self._each(text, _places(low, "://"), _URL, self._url)
        self._each(text, _places(low, "@"), _MAIL_DOMAIN, self._mail, before=_MAX_NAME)
        self._each(text, _logon_places(text), _LOGON, self._account)

    def _each(
        self,
        text: str,
        places: Iterable[int],
        pattern: re.Pattern[str],
        learn: Callable[[re.Match[str]], None],
        *,
        before: int = 0,
    ) -> None:
        """A log says the same thing a thousand times: it is learnt once.

        What `learn` looks at beside the match is one character behind it and `before` characters before.
        """
        match, learnt = pattern.match, set[str]()
        for at in places:
            found = match(text, at)
            if found is None:
                continue
            seen = text[max(0, at - before) : found.end() + 1]
            if seen not in learnt:
                learnt.add(seen)
                learn(found)

    def _profile(self, found: re.Match[str]) -> None:
        component = found[1]
        closed = found.end() < len(found.string) and found.string[found.end()] in "\\/%"
        if " " in component and not (closed and component.count(" ") <= 2):
            component = component.split(" ")[0]
        self._user(component.rstrip(" ."))

    def _account(self, found: re.Match[str]) -> None:
        domain, user = found[1], found[2]
        if domain and domain.lower() not in _NO_DOMAINS and _is_name(domain):
            self.netbios_domains.add(domain)
        self._user(user.rstrip("."))

    def _user(self, name: str) -> None:
        if _is_name(name) and not _FILE.match(name) and not name.lower().startswith("s-1-"):
            self.users.add(name)

    def _host_match(self, found: re.Match[str]) -> None:
        self._host(found[1])

    def _host(self, name: str) -> None:
        short, _, domain = name.strip(".-").partition(".")
        if is_kept_host(name, KEPT_HOSTS) or _FILE.match(name) or short.isdigit():
            return
        if domain:
            if domain.rpartition(".")[2].lower() not in _INTERNAL:
                return
            self.domains.add(domain.lower())
        if _is_name(short):
            self.hosts.add(short)

    def _url(self, found: re.Match[str]) -> None:
        """Only what is surely inside: a name of one label, or one below a top level that the internet has not."""
        self._host(found[1])

    def _mail(self, found: re.Match[str]) -> None:
        local = _MAIL_LOCAL.search(found.string, max(0, found.start() - _MAX_NAME), found.start())
        if local is not None and found[1].rpartition(".")[2].lower() in _INTERNAL:
            self.domains.add(found[1].lower())
            self._user(local[0])


def _places(low: str, anchor: str) -> Iterator[int]:
    at = low.find(anchor)
    while at >= 0:
        yield at
        at = low.find(anchor, at + len(anchor))


def _logon_places(text: str) -> Iterator[int]:
    """Where a domain in capitals may begin before a backslash."""
    for middle in _LOGON_MIDDLE.finditer(text):
        end = middle.start()
        before = text[max(0, end - _MAX_DOMAIN) : end]
        start = end - len(before) + len(before.rstrip(_LOGON_DOMAIN))
        if start < end:
            yield start


def _is_name(name: str) -> bool:
    """Long enough to be searched for, no plain word, no number, not ours."""
    least = _MIN_NAME if name.isascii() else 2
    if not least <= len(name) <= _MAX_NAME or is_generic(name) or is_token(name.lower()):
        return False
    return _WORD.search(name) is not None and not name.replace(".", "").replace("-", "").isdigit() and "0x" not in name
