"""Pseudonyms: the same value gets the same token in every file, and only who holds the key can tell which.

Every token is ASCII in lower case, valid as a host label and as a file name, and a fixed point: giving a token to the
method that made it gives the token back. The exception are private IPv4 addresses, which are permuted.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum

from diagnose.redaction.addresses import AddressTokens
from diagnose.redaction.kept import KEPT_HOSTS, is_kept_host, is_kept_user

SECRET_REMOVED = "secret-removed"
CRYPT_REMOVED = "!CRYPT!removed"
DOMAIN_END = ".invalid"


class Kind(StrEnum):
    """What a token stands for."""

    USER = "user"
    HOST = "host"
    DOMAIN = "domain"
    SUBDOMAIN = "subdomain"
    IPV4 = "ipv4"
    IPV6 = "ipv6"
    MAC = "mac"
    SID = "sid"
    EMAIL = "email"
    LICENSE = "license"
    ACCOUNT = "account"
    SECRET = "secret"


# Words that a later pass would take for the label of a value, were they at the end of a token.
_TRIGGERS = re.compile(
    r"pass|pwd|key|token|secret|user|host|sig|eyj|serial|basic|ntlm|bearer|cookie|account|hex|mac|ver"
)
_TOKEN = re.compile(r"(?:user|host|dom|sub|lic|eav)-[a-z2-7]{10}\Z")
_FQDN_TOKEN = re.compile(r"(?:(?:(?:host|sub|dom)-[a-z2-7]{10}|_[a-z]+|dc|gc)\.)*dom-[a-z2-7]{10}\.invalid\Z")
_SID = re.compile(r"S-1-5-21-(\d{1,10})-(\d{1,10})-(\d{1,10})(?:-(\d{1,10}))?\Z", re.IGNORECASE)
_AZURE_SID = re.compile(r"S-1-12-1(?:-\d{1,10}){4}\Z", re.IGNORECASE)
_SERVICE_LABELS = frozenset({"dc", "gc", "domains", "pdc"})


def is_token(text: str) -> bool:
    """Whether the text is a token of one of the kinds that have a prefix of their own."""
    return _TOKEN.match(text) is not None or _FQDN_TOKEN.match(text) is not None


def canonical(name: str) -> str:
    """How names are compared: composed, without case."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


class Pseudonyms:
    """Tokens under one key: pure functions of key and value, so threads and processes agree without talking.

    `key`: 32 random bytes of the case. `domains`: the customer's FQDN suffixes. `keep_hosts`: more suffixes that stay.
    """

    def __init__(self, key: bytes, domains: Iterable[str] = (), keep_hosts: Iterable[str] = ()) -> None:
        self._key = key
        self.domains: frozenset[str] = frozenset(name.lower().strip(".") for name in domains if name.strip("."))
        self.keep_hosts: frozenset[str] = KEPT_HOSTS | {name.lower().strip(".") for name in keep_hosts}
        self._addresses = AddressTokens(self.digest)

    def with_names(self, domains: Iterable[str], keep_hosts: Iterable[str]) -> Pseudonyms:
        """The same key, knowing more domains."""
        return Pseudonyms(self._key, self.domains | set(domains), self.keep_hosts | set(keep_hosts))

    def digest(self, kind: str, value: str) -> bytes:
        """32 bytes that only this key gives for this value."""
        return hmac.digest(self._key, f"{kind}\0{value}".encode("utf-8", "surrogatepass"), hashlib.sha256)

    def user(self, name: str) -> str:
        if is_kept_user(name) or _TOKEN.match(name):
            return name
        return self._token("user", canonical(name))

    def host(self, name: str) -> str:
        """The token of a short host name."""
        short = name.lower()
        return short if _TOKEN.match(short) else self._token("host", canonical(short))

    def netbios(self, name: str) -> str:
        low = name.lower()
        return low if _TOKEN.match(low) else self._token("dom", "netbios\0" + canonical(low))

    def domain(self, name: str) -> str:
        """The token of a whole domain, as one name."""
        low = name.lower().strip(".")
        return low if _FQDN_TOKEN.match(low) else self._token("dom", canonical(low)) + DOMAIN_END

    def domain_of(self, name: str) -> str | None:
        """The longest of the customer's domains that this host name lies in."""
        low = name.lower().strip(".")
        while low:
            if low in self.domains:
                return low
            low = low.partition(".")[2]
        return None

    def keeps_host(self, name: str) -> bool:
        """Whether the name belongs to a vendor, to the system or to the rest of the world that everybody knows."""
        return self.domain_of(name) is None and is_kept_host(name, self.keep_hosts)

    def fqdn(self, name: str) -> str:
        """The token of a host name with its domain; a name in no known domain has all but its first label as domain."""
        low = name.lower().strip(".")
        if _FQDN_TOKEN.match(low) or self.keeps_host(low):
            return low
        domain = self.domain_of(low)
        if domain is None:
            first, _, domain = low.partition(".")
            return f"{self.host(first)}.{self.domain(domain)}" if domain else self.host(first)
        labels = low[: -len(domain)].strip(".").split(".") if low != domain else []
        tokens = [self._label(label, index == 0) for index, label in enumerate(labels)]
        return ".".join([*tokens, self.domain(domain)])

    def _label(self, label: str, first: bool) -> str:
        if label.startswith("_") or label in _SERVICE_LABELS or _TOKEN.match(label):
            return label
        return self.host(label) if first else self._token("sub", canonical(label))

    def email(self, text: str) -> str:
        """The token of an e-mail address or a user principal name."""
        local, _, domain = text.rpartition("@")
        known = self.domain_of(domain)
        if known is None or known == domain.lower():
            return f"{self.user(local)}@{self.domain(domain)}"
        labels = domain[: -len(known)].strip(".").lower().split(".")
        subs = [label if _TOKEN.match(label) else self._token("sub", canonical(label)) for label in labels]
        return f"{self.user(local)}@{'.'.join([*subs, self.domain(known)])}"

    def license(self, text: str) -> str:
        low = text.lower()
        return low if _TOKEN.match(low) else self._token("lic", low)

    def account(self, text: str) -> str:
        """The token of a vendor's account name, such as EAV-0123456789."""
        low = text.lower()
        return low if _TOKEN.match(low) else self._token("eav", low)

    def ipv4(self, text: str) -> str:
        return self._addresses.ipv4(text)

    def ipv6(self, text: str) -> str:
        return self._addresses.ipv6(text)

    def mac(self, text: str) -> str:
        return self._addresses.mac(text)

    def sid(self, text: str) -> str:
        """Well-known SIDs stay; the last of the three numbers of a token proves the others to be ours."""
        found = _SID.match(text)
        if found is None:
            return self._azure_sid(text) if _AZURE_SID.match(text) else text
        parts = [int(part) for part in found.groups() if part is not None]
        if parts[2] == self._sid_check(parts[0], parts[1]):
            return text
        machine = "-".join(str(part) for part in parts[:3])
        made = self.digest("sid", machine)
        first, second = int.from_bytes(made[:4], "big"), int.from_bytes(made[4:8], "big")
        token = f"S-1-5-21-{first}-{second}-{self._sid_check(first, second)}"
        return token if len(parts) == 3 else f"{token}-{self._rid(machine, parts[3])}"

    def _sid_check(self, first: int, second: int) -> int:
        return int.from_bytes(self.digest("sid-check", f"{first}-{second}")[:4], "big")

    def _rid(self, machine: str, rid: int) -> int:
        if rid < 1000:
            return rid
        return 1000 + int.from_bytes(self.digest("rid", f"{machine}-{rid}")[:8], "big") % (2**31 - 1000)

    def _azure_sid(self, text: str) -> str:
        numbers = [int(part) for part in text.split("-")[4:]]
        if numbers[2] == self._sid_check(numbers[0], numbers[1]) and numbers[3] == self._sid_check(*numbers[1:3]):
            return text
        made = self.digest("sid", text.lower())
        first, second = int.from_bytes(made[:4], "big"), int.from_bytes(made[4:8], "big")
        third = self._sid_check(first, second)
        return f"S-1-12-1-{first}-{second}-{third}-{self._sid_check(second, third)}"

    def _token(self, prefix: str, value: str) -> str:
        attempt = 0
        while True:
            digest = self.digest(prefix, value if not attempt else f"{value}\0{attempt}")
            body = base64.b32encode(digest[:7])[:10].decode().lower()
            if not _TRIGGERS.search(body):
                return f"{prefix}-{body}"
            attempt += 1
