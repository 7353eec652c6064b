"""The servers of the fault lab: what each is started with. Debian's own programs wherever one can behave like that."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.lab.addresses import (
    BACKEND,
    BACKENDS,
    BROKEN_UPSTREAM,
    CONTROLS,
    MANY,
    MIRROR,
    NAMES,
    OTHER_SERVER,
    PORTAL,
    PORTAL_NAME,
    PROXY,
    PROXY_PORTS,
    PUBLIC,
    RESOLVERS,
    SILENT_UPSTREAM,
    UPDATE,
    UPDATE_V6,
    VENDOR,
    VENDOR_NAMES,
)

PAGE = "lab-update 7"
_BLOCK_PAGE = "<html><h1>アクセスは管理者により禁止されています</h1></html>"
_DEAD_LOCAL_NAME = f"--local=/{UPDATE}/"


def start_daemons(folder: Path) -> list[subprocess.Popen[bytes]]:
    """Start all of them and wait until they listen. `folder` has the certificates and takes their settings."""
    running = [_start(argv) for argv in [*_resolvers(), _unbound(folder), _nginx(folder), *_squids(folder)]]
    odd = subprocess.Popen([sys.executable, "-m", "tests.lab.odd_servers", str(folder)], stdout=subprocess.PIPE)
    assert odd.stdout is not None
    if odd.stdout.readline() != b"ready\n":
        raise RuntimeError("the odd servers of the fault lab did not start")
    _wait_for([(BACKEND, BACKENDS["expired"]), (PUBLIC[0], 53), (RESOLVERS["all-nxdomain"], 53)])
    _wait_for([(PROXY, PROXY_PORTS[name]) for name in ("open", "ntlm")])
    return [*running, odd]


def _start(argv: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def _wait_for(listeners: Sequence[tuple[str, int]]) -> None:
    deadline = time.monotonic() + 20
    for address in listeners:
        while True:
            try:
                socket.create_connection(address, 1).close()
                break
            except OSError as error:
                if time.monotonic() > deadline:
                    raise RuntimeError(f"no server of the fault lab listens at {address}") from error
                time.sleep(0.01)


# Name servers


def _resolvers() -> Iterator[list[str]]:
    outside = f"--server={PUBLIC[0]}"
    kinds: Mapping[str, Sequence[str]] = {
        "good": (outside, f"--host-record=proxy.corp.example,{PROXY}"),
        "nxdomain": (outside, f"--address=/{UPDATE}/"),
        "refuses": (),
        "portal": (f"--address=/#/{PORTAL}",),
        "dead-upstream": (f"--server={SILENT_UPSTREAM}",),
        "dual-stack": (outside, f"--host-record={UPDATE},{VENDOR[UPDATE]},{UPDATE_V6}"),
        "zero": (outside, f"--address=/{UPDATE}/0.0.0.0"),
        "loopback": (outside, f"--address=/{UPDATE}/127.0.0.1"),
        "block-page": (outside, f"--address=/{UPDATE}/{PORTAL}"),
        "other-server": (outside, f"--address=/{UPDATE}/{OTHER_SERVER}"),
        "no-server": (outside, f"--address=/{UPDATE}/203.0.113.97"),
        "split": (outside, f"--address=/{UPDATE}/{MIRROR}"),
        "servfail-name": (outside, f"--server=/{UPDATE}/{BROKEN_UPSTREAM}"),
        "silent-name": (outside, f"--server=/{UPDATE}/{SILENT_UPSTREAM}"),
        "no-data": (outside, _DEAD_LOCAL_NAME, f"--txt-record={UPDATE},none"),
        "servfail": (f"--server={BROKEN_UPSTREAM}",),
        "large": (outside, *(f"--host-record={UPDATE},203.0.113.{number}" for number in (20, *range(120, 170)))),
        "inside-only": ("--address=/#/", f"--host-record=proxy.corp.example,{PROXY}"),
        "all-nxdomain": ("--address=/#/",),
    }
    for name, options in kinds.items():
        fixed = (
            "--keep-in-foreground",
            "--conf-file=/dev/null",
            "--no-resolv",
            "--no-hosts",
            "--user=root",
            "--pid-file",
        )
        own = (f"--listen-address={RESOLVERS[name]}", "--bind-interfaces", "--cache-size=0", "--log-facility=/dev/null")
        yield ["dnsmasq", *fixed, *own, *options]


def _unbound(folder: Path) -> list[str]:
    """The whole of public DNS."""
    records = [f'local-data: "{name}. 60 IN A {address}"' for name, address in NAMES.items()]
    interfaces = [f"interface: {address}@{port}" for address in PUBLIC for port in (53, 853, 443)]
    settings = (
        "server:",
        "do-daemonize: no",
        'chroot: ""',
        f'directory: "{folder}"',
        'username: ""',
        'pidfile: ""',
        "use-syslog: no",
        'logfile: "/dev/null"',
        'module-config: "iterator"',
        "access-control: 0.0.0.0/0 allow",
        "tls-port: 853",
        "https-port: 443",
        f"tls-service-pem: {folder}/resolvers.pem",
        f"tls-service-key: {folder}/resolvers.key",
        *interfaces,
        'local-zone: "." static',
        f'local-zone: "{MANY}." redirect',
        f'local-data: "{MANY}. 60 IN A {VENDOR[UPDATE]}"',
        *records,
        "remote-control:",
        "control-enable: no",
    )
    file = folder / "unbound.conf"
    file.write_text("\n".join((*settings, "")), encoding="utf-8")
    return ["unbound", "-d", "-c", str(file)]


# Web servers


def _nginx(folder: Path) -> list[str]:
    work = folder / "nginx"
    work.mkdir()
    file = folder / "nginx.conf"
    places = " ".join(
        f"{kind}_temp_path {work}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    lines = (
        "daemon off; master_process off; user root; error_log /dev/null; pid nginx.pid;",
        "events { worker_connections 512; }",
        f"http {{ access_log off; {places} default_type text/plain; charset utf-8; keepalive_timeout 5;",
        *_good_servers(folder),
        *_faulty_servers(folder),
        "}",
    )
    file.write_text("\n".join((*lines, "")), encoding="utf-8")
    return ["nginx", "-p", str(work), "-c", str(file)]


def _site(listen: Sequence[str], content: str, folder: Path, certificate: str = "", options: str = "") -> str:
    secured = f"ssl_certificate {folder}/{certificate}.pem; ssl_certificate_key {folder}/{certificate}.key;"
    listening = " ".join(f"listen {one};" for one in listen)
    return f"server {{ {listening} {secured if certificate else ''} {options} location / {{ {content} }} }}"


def _page(text: str = PAGE) -> str:
    return f"return 200 '{text}';"


def _good_servers(folder: Path) -> Iterator[str]:
    for addresses, text in ((CONTROLS.values(), "control"), ((*VENDOR.values(), MIRROR, f"[{UPDATE_V6}]"), PAGE)):
        listen = [one for address in addresses for one in (f"{address}:80", f"{address}:443 ssl")]
        yield _site(listen, _page(text), folder, "good")
    yield _site([f"{OTHER_SERVER}:80", f"{OTHER_SERVER}:443 ssl"], _page("another server"), folder, "other-host")
    portal = _page("<html><title>Wi-Fi</title>ログインしてください</html>")
    yield _site([f"{PORTAL}:443 ssl"], portal, folder, "portal")
    login = f"if ($host != {PORTAL_NAME}) {{ return 302 http://{PORTAL_NAME}/login; }} {portal}"
    yield _site([f"{PORTAL}:80"], login, folder)
    yield _site([f"{PROXY}:{PROXY_PORTS['web-server']}"], _page("a web server"), folder)


def _faulty_servers(folder: Path) -> Iterator[str]:
    certificates = ("expired", "future", "other-host", "no-chain", "name-in-subject", "expired-between", "self-signed")
    for name in (*certificates, "unknown-authority", "inspected", "inspected-expired", "big"):
        yield _site(_backend(name), _page(), folder, name)
    legacy = "ssl_protocols TLSv1; ssl_ciphers ALL:@SECLEVEL=0;"
    yield _site(_backend("tls-1.0"), _page(), folder, "rsa", legacy)
    yield _site(_backend("tls-1.3"), _page(), folder, "good", "ssl_protocols TLSv1.3;")
    yield _site(_backend("rsa-exchange"), _page(), folder, "rsa", "ssl_protocols TLSv1.2; ssl_ciphers AES128-SHA;")
    yield _site([f"{BACKEND}:{BACKENDS['plain']}"], _page(), folder)
    yield _site([f"{BACKEND}:{BACKENDS['http2']} ssl http2"], _page(), folder, "good")
    wanted = f"ssl_verify_client on; ssl_client_certificate {folder}/corporate.pem;"
    yield _site(_backend("client-certificate"), _page(), folder, "good", wanted)
    for status in ("401", "403", "404", "500", "503"):
        yield _site(_backend(status), f"return {status};", folder, "good")
    yield _site(_backend("429"), "add_header Retry-After 3600 always; return 429;", folder, "good")
    yield _site(_backend("block-page"), _page(_BLOCK_PAGE), folder, "good")
    yield _site(_backend("to-portal"), f"return 302 http://{PORTAL_NAME}/login;", folder, "good")
    yield _site(_backend("loop"), "return 302 https://$host$request_uri;", folder, "good")
    yield _site(_backend("no-answer"), "return 444;", folder, "good")


def _backend(name: str) -> list[str]:
    return [f"{BACKEND}:{BACKENDS[name]} ssl"]


# Proxies


def _squids(folder: Path) -> Iterator[list[str]]:
    ports = PROXY_PORTS
    helpers = Path("/usr/lib/squid")
    passwords, forged = folder / "passwords", folder / "forged"
    # lab / secret
    passwords.write_text("lab:$apr1$labsalt0$4cf3Dn7mBKuv6Sm2pGaBs1\n", encoding="ascii")
    subprocess.run(
        [helpers / "security_file_certgen", "-c", "-s", forged, "-M", "4MB"], check=True, capture_output=True
    )
    shutil.chown(forged, "proxy", "proxy")
    for path in forged.rglob("*"):
        shutil.chown(path, "proxy", "proxy")
    pem = folder / "inspection.pem"
    pem.write_bytes((folder / "corporate.pem").read_bytes() + (folder / "corporate.key").read_bytes())
    plain = ("open", "password", "blocks-vendor", "blocks-all")
    first = (
        *(f"http_port {PROXY}:{ports[name]}" for name in plain),
        f"http_port {PROXY}:{ports['inspects']} ssl-bump tls-cert={pem} generate-host-certificates=on",
        f"sslcrtd_program {helpers}/security_file_certgen -s {forged} -M 4MB",
        "sslcrtd_children 3 startup=1 idle=1",
        f"tls_outgoing_options cafile={folder}/public.pem",
        "acl first at_step SslBump1",
        "ssl_bump peek first",
        "ssl_bump bump all",
        f"auth_param basic program {helpers}/basic_ncsa_auth {passwords}",
        "auth_param basic children 2 startup=1 idle=1",
        *(f"acl {name} localport {ports[name]}" for name in (*plain, "inspects")),
        f"acl vendor dstdomain {' '.join(VENDOR_NAMES)}",
        "acl known proxy_auth REQUIRED",
        "http_access deny blocks-all",
        "http_access deny blocks-vendor vendor",
        "http_access deny password !known",
        "http_access allow all",
        f"dns_nameservers {PUBLIC[0]}",
    )
    second = (
        f"http_port {PROXY}:{ports['ntlm']}",
        f"http_port {PROXY}:{ports['no-names']}",
        f"auth_param ntlm program {helpers}/ntlm_fake_auth",
        "auth_param ntlm children 2 startup=1 idle=1",
        f"acl ntlm localport {ports['ntlm']}",
        "acl known proxy_auth REQUIRED",
        "http_access deny ntlm !known",
        "http_access allow all",
        f"dns_nameservers {RESOLVERS['nxdomain']}",
    )
    for name, lines in (("lab1", first), ("lab2", second)):
        file = folder / f"{name}.conf"
        file.write_text("\n".join((*lines, *_SQUID, "")), encoding="utf-8")
        yield ["squid", "-N", "-n", name, "-f", str(file)]


_SQUID = (
    "pid_filename none",
    "cache deny all",
    "access_log none",
    "cache_log /dev/null",
    "cache_store_log none",
    "pinger_enable off",
    "mime_table /usr/share/squid/mime.conf",
    "error_directory /usr/share/squid/errors/templates",
    "icon_directory /usr/share/squid/icons",
    "shutdown_lifetime 0 seconds",
    "hosts_file none",
    "visible_hostname proxy.corp.example",
    "cache_effective_user proxy",
    "coredump_dir none",
    "dns_timeout 5 seconds",
    "connect_timeout 5 seconds",
)
