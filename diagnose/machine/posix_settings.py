"""Settings of a Linux or macOS computer that decide about its network: name servers, proxies, trusted certificates."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence

from diagnose.machine.posix_files import file_info, read_file
from diagnose.machine.proxy_settings import environment_proxies
from diagnose.machine.values import Absent, Certificate, FileContent, FileInfo, Reason, Unseen, thumbprint

ENVIRONMENT = "environment"
RESOLV_CONF = "/etc/resolv.conf"
BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Arch, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",  # Red Hat, Fedora
    "/etc/ssl/ca-bundle.pem",  # SUSE
    "/etc/ssl/cert.pem",  # macOS
)
_RESOLV_CONF_LIMIT = 64 * 1024
_BUNDLE_LIMIT = 16 * 1024 * 1024
# What the resolver of glibc looks at, however many are listed.
_MOST_NAMESERVERS = 3
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END ")


def nameservers(path: str = RESOLV_CONF) -> tuple[str, ...]:
    """The addresses that the resolver asks, in its order; without any it asks the computer itself."""
    content = read_file(path, _RESOLV_CONF_LIMIT)
    text = content.data.decode(errors="replace") if isinstance(content, FileContent) else ""
    entries = [line.split() for line in text.splitlines()]
    found = [entry[1] for entry in entries if len(entry) >= 2 and entry[0] == "nameserver"]
    return tuple(found[:_MOST_NAMESERVERS]) or ("127.0.0.1",)


def trust_bundle(environ: Mapping[str, str], bundles: Sequence[str] = BUNDLES) -> str | Unseen:
    """The path of the PEM file with the authorities that OpenSSL programs here trust; SSL_CERT_FILE overrides."""
    override = environ.get("SSL_CERT_FILE")
    places = (override,) if override else bundles
    trouble: Unseen | None = None
    for path in places:
        info = file_info(path)
        if isinstance(info, FileInfo) and not info.is_folder:
            return path
        trouble = trouble or (info if isinstance(info, Unseen) else None)
    return trouble or Unseen(Reason.FAILED, ", ".join(places))


def root_certificates(path: str) -> tuple[Certificate, ...] | Unseen:
    """Every certificate of the PEM file `path`, in its order."""
    content = read_file(path, _BUNDLE_LIMIT)
    if isinstance(content, Absent):
        return Unseen(Reason.FAILED, path)
    return content if isinstance(content, Unseen) else certificates_of(content.data, path)


def certificates_of(pem: bytes, where: str) -> tuple[Certificate, ...]:
    """The certificates of a PEM text; blocks that are not base64 are passed over."""
    found: list[Certificate] = []
    for block in _CERTIFICATE.finditer(pem):
        try:
            der = base64.b64decode(b"".join(block[1].split()), validate=True)
        except binascii.Error:
            continue
        if der:
            found.append(Certificate(thumbprint(der), der, where))
    return tuple(found)


def proxy_to_use(environ: Mapping[str, str]) -> str | None:
    """The first proxy that the environment names, with its user and password: without them it would answer 407."""
    first = next((setting for setting in environment_proxies(environ, ENVIRONMENT) if setting.url), None)
    if first is None:
        return None
    value = environ[first.where.removeprefix(f"{ENVIRONMENT}: ")].strip()
    return value if "://" in value else f"http://{value}"
