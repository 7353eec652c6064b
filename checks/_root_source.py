"""Can the place be reached from which Windows fetches roots that it lacks?"""

from __future__ import annotations

from diagnose.check import Saw, Sighting
from diagnose.machine.interface import Machine
from diagnose.machine.values import HttpAnswer, Reason, Unseen, Via

LIST_URL = "http://ctldl.windowsupdate.com/msdownload/update/v3/static/trustedr/en/authrootstl.cab"
_OK = 200


def root_source_reachable(machine: Machine, url: str) -> Sighting:
    """True when the list came, directly or through the proxy; False when neither way that there is brought it."""
    direct = machine.fetch(url, Via.DIRECT)
    if _came(direct):
        return Saw(True, f"HTTP {Via.DIRECT} {url}")
    proxied = machine.fetch(url, Via.PROXY)
    if _came(proxied):
        return Saw(True, f"HTTP {Via.PROXY} {url}")
    if isinstance(direct, Unseen):
        return direct
    no_proxy = isinstance(proxied, Unseen) and (proxied.reason is Reason.UNSUPPORTED or machine.proxies() == ())
    return Saw(False, f"HTTP {url}") if no_proxy or isinstance(proxied, HttpAnswer) else proxied


def _came(answer: HttpAnswer | Unseen) -> bool:
    return isinstance(answer, HttpAnswer) and answer.status == _OK
