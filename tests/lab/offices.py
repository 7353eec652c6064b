"""Offices of the fault lab: a client behind a gateway each, so that each can have another fault at the same time.

    client 10.77.N.2 -- gateway 10.77.N.1 -- the namespace of the lab itself, with every server on its loopback

A fault is a `Setup`: rules of the gateway's and the client's firewall, and files and variables of the client.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab.addresses import RESOLVERS, SILENT

PROJECT = Path(__file__).parents[2]
GOOD_RESOLVER = RESOLVERS["good"]


@dataclass(frozen=True, slots=True)
class Setup:
    """What is unlike a healthy office; `|` joins two."""

    forward: tuple[str, ...] = ()
    """nft rules of the gateway, for what is passed on."""
    redirect: tuple[str, ...] = ()
    """nft rules of the gateway, before it is decided where a packet goes."""
    inspect: tuple[str, ...] = ()
    """iptables rules of the gateway's chain FORWARD, for what nft cannot do: to look for a text."""
    firewall: tuple[str, ...] = ()
    """nft rules of the client, for what it sends."""
    links: tuple[str, ...] = ()
    """Commands of `ip` on the client; `{n}` is the number of its office."""
    resolvers: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    """Lines of the client's hosts file."""
    proxy: str = ""
    """For `https_proxy` and `http_proxy`."""
    clock: str = ""
    """How far the clock is off, as libfaketime writes it: `+400d`."""
    trusts_inspection: bool = False
    """The company's own authority is in the client's store."""
    user_proxy: str = ""
    """Windows only: `host:port` in the settings of the user, which no service sees."""
    user_script: str = ""
    """Windows only: the address of the user's script for proxies (PAC)."""

    def __or__(self, other: Setup) -> Setup:
        return Setup(
            self.forward + other.forward,
            self.redirect + other.redirect,
            self.inspect + other.inspect,
            self.firewall + other.firewall,
            self.links + other.links,
            self.resolvers or other.resolvers,
            self.hosts + other.hosts,
            self.proxy or other.proxy,
            self.clock or other.clock,
            self.trusts_inspection or other.trusts_inspection,
            self.user_proxy or other.user_proxy,
            self.user_script or other.user_script,
        )


@dataclass(frozen=True, slots=True)
class Office:
    """`certificates`: where `certificates.make_certificates` wrote."""

    number: int
    certificates: Path

    @property
    def client(self) -> str:
        return f"client{self.number}"

    @property
    def gateway(self) -> str:
        return f"gateway{self.number}"

    @property
    def settings(self) -> Path:
        """The files that `ip netns exec` lays over those of /etc."""
        return Path("/etc/netns") / self.client

    def open(self) -> None:
        """Build it. Takes some 50 ms."""
        for namespace in (self.client, self.gateway):
            ip("netns", "add", namespace)
        n, own, far = self.number, f"to{self.number}", "out"
        ip("link", "add", own, "type", "veth", "peer", "name", far, "netns", self.gateway)
        near = (
            f"address add 10.79.{n}.2/24 dev {own}",
            f"address add fd79:{n}::2/64 dev {own} nodad",
            f"link set {own} up",
        )
        ip(lines=(*near, f"route add 10.77.{n}.0/24 via 10.79.{n}.1", f"route add fd77:{n}::/64 via fd79:{n}::1"))
        outside = (
            "link set lo up",
            f"address add 10.79.{n}.1/24 dev {far}",
            f"address add fd79:{n}::1/64 dev {far} nodad",
        )
        away = (f"link set {far} up", f"route add default via 10.79.{n}.2", f"route add default via fd79:{n}::2")
        ip("-n", self.gateway, lines=(*outside, *away))
        forwarding = "echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding"
        self._at_gateway("sh", "-c", forwarding)
        # Else the network card would put packets together, and no path could be too narrow for one.
        for command in (["ethtool", "-K", own], ["ip", "netns", "exec", self.gateway, "ethtool", "-K", far]):
            run([*command, "tso", "off", "gso", "off", "gro", "off"])
        ip("link", "add", "lan", "netns", self.client, "type", "veth", "peer", "name", "lan", "netns", self.gateway)
        inside = (f"address add 10.77.{n}.1/24 dev lan", f"address add fd77:{n}::1/64 dev lan nodad", "link set lan up")
        ip("-n", self.gateway, lines=inside)
        ip("-n", self.client, lines=("link set lo up", f"address add 10.77.{n}.2/24 dev lan"))
        self.settings.mkdir(parents=True)
        self.switch(Setup())

    def switch(self, setup: Setup) -> None:
        """Holds for what is started in the client from now on."""
        n = self.number
        # A link that was down has lost its routes and its IPv6 address.
        link = (
            "link set lan up",
            f"route replace default via 10.77.{n}.1",
            f"address replace fd77:{n}::2/64 dev lan nodad",
        )
        ip("-n", self.client, lines=(*link, f"route replace default via fd77:{n}::1"))
        if setup.links:
            ip("-n", self.client, lines=[line.format(n=n) for line in setup.links])
        run(["ip", "netns", "exec", self.gateway, "nft", "-f", "-"], text=_gateway_rules(setup))
        run(["ip", "netns", "exec", self.client, "nft", "-f", "-"], text=_client_rules(setup))
        for rule in setup.inspect:
            self._at_gateway("iptables-nft", "-A", "FORWARD", *rule.split())
        resolvers = "".join(f"nameserver {address}\n" for address in setup.resolvers or (GOOD_RESOLVER,))
        (self.settings / "resolv.conf").write_text(resolvers, encoding="ascii")
        hosts = "\n".join(("127.0.0.1 localhost", *setup.hosts, ""))
        (self.settings / "hosts").write_text(hosts, encoding="utf-8")

    def environment(self, setup: Setup) -> dict[str, str]:
        store = self.certificates / ("store-with-inspection.pem" if setup.trusts_inspection else "store.pem")
        variables = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "SSL_CERT_FILE": str(store)}
        if setup.proxy:
            variables |= dict.fromkeys(("https_proxy", "http_proxy"), setup.proxy)
        if setup.clock:
            library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
            variables |= {"LD_PRELOAD": str(library), "FAKETIME": setup.clock, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
            # Else waiting for a lock until a moment of the monotonic clock returns at once, and threads run in circles.
            variables |= {"FAKETIME_FORCE_MONOTONIC_FIX": "0"}
        return variables

    def run(
        self, argv: Sequence[str | Path], setup: Setup, timeout_s: float = 90.0
    ) -> subprocess.CompletedProcess[str]:
        """Run a program on the client, in the project's folder."""
        command = ["ip", "netns", "exec", self.client, *map(str, argv)]
        return subprocess.run(
            command,
            env=self.environment(setup),
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=timeout_s,
            check=False,
        )

    def _at_gateway(self, *argv: str) -> None:
        run(["ip", "netns", "exec", self.gateway, *argv])


def _gateway_rules(setup: Setup) -> str:
    silent = ", ".join(SILENT)
    rules = (f"ip daddr {{ {silent} }} drop", *setup.forward)
    chains = (
        ("leading", "type nat hook prerouting priority dstnat", setup.redirect),
        ("passing", "type filter hook forward priority filter", rules),
    )
    return _table(chains)


def _client_rules(setup: Setup) -> str:
    return _table((("sending", "type filter hook output priority filter", setup.firewall),))


def _table(chains: Iterable[tuple[str, str, Sequence[str]]]) -> str:
    """One step for the kernel: nothing passes between the old rules and the new ones."""
    lines = ["flush ruleset", "table inet lab {"]
    for name, kind, rules in chains:
        lines += [f"chain {name} {{", f"{kind};", *rules, "}"]
    return "\n".join([*lines, "}", ""])


def run(argv: Sequence[str], text: str = "") -> None:
    done = subprocess.run(argv, input=text, capture_output=True, encoding="utf-8", check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(argv)}: {done.stderr.strip()}\n{text}")


def ip(*arguments: str, lines: Iterable[str] = ()) -> None:
    """`ip` with `arguments`, or with a batch of command `lines`."""
    batch = "\n".join(lines)
    run(["ip", *arguments, *(["-batch", "-"] if batch else [])], batch)
