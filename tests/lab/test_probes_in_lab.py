from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

import pytest

from tests.lab.internet import WEB
from tests.lab.netlab import Lab, Mode, open_lab, why_not

pytestmark = pytest.mark.lab

WEB_SERVER = WEB["www.example.com"]
Answers = dict[str, dict[str, Any]]


def answers(lab: Lab, mode: Mode) -> Answers:
    lab.switch(mode)
    ran = lab.run_in_client([sys.executable, "-m", "tests.lab.answers"])
    assert ran.returncode == 0, ran.stderr
    found: Answers = json.loads(ran.stdout)
    return found


def test_on_a_healthy_network_everything_is_found(lab: Lab) -> None:
    found = answers(lab, Mode.NORMAL)
    for resolver in ("system", "public"):
        assert (found[resolver]["status"], found[resolver]["addresses"]) == ("answered", [WEB_SERVER])
        assert found[f"{resolver} unknown"]["status"] == "nxdomain"
    assert found["tcp"]["status"] == found["tcp by address"]["status"] == "connected"
    assert found["tcp closed"]["status"] == "refused"
    assert (found["tls"]["status"], found["tls"]["issuer"]) == ("ok", "CN=試験用認証局")
    assert found["tls by address"]["status"] == "name_mismatch"
    assert (found["http"]["status"], found["http"]["body"], found["http"]["error"]) == (200, "試験用のページ", "")
    assert abs(found["clock"]["seconds"]) < 10


def test_a_dead_resolver_is_told_from_a_dead_network(lab: Lab) -> None:
    found = answers(lab, Mode.RESOLVER_DEAD)
    assert (found["system"]["status"], found["system"]["server"]) == ("timeout", "192.0.2.53")
    assert (found["public"]["status"], found["public"]["addresses"]) == ("answered", [WEB_SERVER])
    assert found["public unknown"]["status"] == "nxdomain"
    assert found["tcp by address"]["status"] == "connected"
    assert (found["tcp"]["kind"], found["tcp"]["reason"]) == ("Unseen", "timed_out")
    assert found["tls"]["detail"].startswith("name-not-resolved")
    assert found["http"]["error"] == "name-not-resolved"
    assert found["clock"]["kind"] == "Unseen"


def test_without_a_network_nothing_is_found_and_soon(lab: Lab) -> None:
    start = time.monotonic()
    found = answers(lab, Mode.NETWORK_DOWN)
    assert time.monotonic() - start < 15
    assert found["system"]["status"] == found["public"]["status"] == "timeout"
    assert found["system unknown"]["status"] == "timeout"
    assert found["tcp by address"]["status"] == "unreachable"
    assert found["tls by address"]["detail"].startswith("unreachable")
    assert found["http"]["error"] == "name-not-resolved"
    assert found["clock"]["kind"] == "Unseen"


def test_the_lab_can_be_repaired_and_has_no_way_out(lab: Lab) -> None:
    lab.switch(Mode.NETWORK_DOWN)
    lab.switch(Mode.NORMAL)
    routes = lab.run_in_client(["ip", "route", "get", WEB_SERVER])
    assert "via 10.77.0.1" in routes.stdout
    code = f"import socket; socket.create_connection(('{WEB_SERVER}', 80), 2).close()"
    assert lab.run_in_client([sys.executable, "-c", code]).returncode == 0
    assert lab.run_in_client([sys.executable, "-c", code.replace(WEB_SERVER, "198.51.100.1")]).returncode != 0


def test_nothing_is_left_of_a_lab() -> None:
    reason = why_not()
    if reason:
        pytest.skip(reason)
    with pytest.raises(KeyError, match="途中"), open_lab() as lab:
        raise KeyError("途中")
    listed = subprocess.run(["ip", "netns", "list"], capture_output=True, encoding="utf-8", check=True).stdout
    assert lab.client not in listed
    assert lab.client.replace("cli", "net") not in listed
    assert not lab.settings.exists()
    assert not lab.authority.exists()
