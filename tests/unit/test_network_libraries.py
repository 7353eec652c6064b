"""What the network questions import is all there before the first of many threads asks one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from tests.unit.network_servers import (
    dns_server,
    http_response,
    make_identity,
    over_tls,
    replying,
    saying,
    server_context,
    tcp_server,
)

ASK = """
import sys
from datetime import UTC, datetime
from pathlib import Path

from diagnose.network.libraries import load_libraries

load_libraries()
before = set(sys.modules)
from diagnose.network import clock_probe, dns_probe, dns_query, dns_secure, http_probe, tls_probe, tls_tunnel
from diagnose.network.tls_trust import Trust

name_server, web, tls, authority = *map(int, sys.argv[1:4]), Path(sys.argv[4]).read_bytes()
assert dns_query.ask("127.0.0.1", "a.example", 5, name_server).addresses
assert http_probe.get(f"http://127.0.0.1:{web}/").status == 200
trust = Trust((authority,), (authority,))
answer = tls_probe.handshake("server.example", ["127.0.0.1"], tls, trust, datetime.now(UTC), 5)
assert str(answer.status) == "ok", answer
secure = dns_secure.SecureServers((f"https://127.0.0.1:{tls}/",), ("127.0.0.1",), tls)
dns_secure.ask_securely("a.example", secure, 5, None)
print(*sorted(one.partition(".")[0] for one in set(sys.modules) - before))
"""


def test_no_question_imports_a_library_that_was_not_loaded_before(tmp_path: Path) -> None:
    authority = make_identity(tmp_path, "CA")
    context = server_context(make_identity(tmp_path, "server.example", ("server.example",), authority).pem)
    (tmp_path / "ca.der").write_bytes(authority.certificate.public_bytes(Encoding.DER))
    with (
        dns_server(replying("192.0.2.1", "2001:db8::1")) as name_server,
        tcp_server(saying(http_response(body=b"ok"))) as web,
        tcp_server(over_tls(context)) as tls,
    ):
        argv = [sys.executable, "-c", ASK, *map(str, (name_server, web, tls)), str(tmp_path / "ca.der")]
        done = subprocess.run(argv, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    ours = {"diagnose"}
    standard = set(sys.stdlib_module_names)
    assert set(done.stdout.split()) - ours - standard == set()
