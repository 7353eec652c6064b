"""Settings of a Linux or macOS computer that decide about its network: name servers, proxies, trusted certificates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from diagnose.machine.pem_file import certificates_of
from diagnose.machine.posix_files import file_info, read_file
from diagnose.machine.proxy_settings import environment_proxies
from diagnose.machine.values import Absent, Certificate, FileContent, FileInfo, Reason, Unseen

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


def proxy_to_use(environ: Mapping[str, str]) -> str | None:
    """The first proxy that the environment names, with its user and password: without them it would answer 407."""
    first = next((setting for setting in environment_proxies(environ, ENVIRONMENT) if setting.url), None)
    if first is None:
        return None
    value = environ[first.where.removeprefix(f"{ENVIRONMENT}: ")].strip()
    return value if "://" in value else f"http://{value}"
