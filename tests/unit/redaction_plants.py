"""Random secrets, the places in which logs and exports carry them, and what must stay readable beside them."""

from __future__ import annotations

import base64
import html
import json
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st

from diagnose.redaction.names import Names

LOWER = "abcdefghijklmnopqrstuvwxyz"
_KANJI = ["山田太郎", "鈴木花子", "佐藤健一", "高橋表彦", "能勢構", "十川予一", "ソノダ美咲", "ガンダ陽子", "申貼付"]
_HEX = "0123456789abcdef"


@dataclass(frozen=True)
class Plant:
    """One value in one line."""

    value: str
    line: str
    names: Names = field(default_factory=Names)


def _word(size: int) -> st.SearchStrategy[str]:
    return st.text(LOWER, min_size=size, max_size=size + 4)


_ascii_name = st.one_of(
    _word(5).map(lambda word: "zq" + word), st.builds("{}.zq{}".format, st.sampled_from("tkms"), _word(5))
)
_blank_name = st.builds("Zq{} Xv{}".format, _word(4), _word(4))
_known_name = st.one_of(
    _ascii_name,
    _blank_name,
    st.sampled_from(_KANJI),
    st.builds("{}{}".format, st.sampled_from(_KANJI), st.integers(1, 99)),
)
_case = st.sampled_from([str, str.upper, str.lower, str.title])

Carrier = Callable[[str], str]

NAME_CARRIERS: tuple[Carrier, ...] = (
    lambda v: f"2026-11-21 10:00:01.123 INFO  scan: {v} logged on, rc=0x80070005",
    lambda v: f"C:\\Users\\{v}\\AppData\\Local\\Temp\\1a2b3c4d.tmp result=clean",
    lambda v: json.dumps({"ts": "2026-11-21T10:00:01Z", "user": v, "path": f"C:\\Users\\{v}\\Desktop"}),
    lambda v: json.dumps({"user": v}, ensure_ascii=False),
    lambda v: f'<Data Name="SubjectUserName">{html.escape(v)}</Data>',
    lambda v: '<x y="' + "".join(f"&#{ord(char)};" if ord(char) > 127 else char for char in v) + '"/>',
    lambda v: f"[Account]\r\nLastUser={v}",
    lambda v: f'"Profile"="C:\\\\Users\\\\{v}\\\\NTUSER.DAT"',
    lambda v: '"Profile"=hex(2):' + f"C:\\Users\\{v}\\x\0".encode("utf-16-le").hex(","),
    lambda v: f"GET https://update.eset.com/v3/x?u={urllib.parse.quote(v)}&os=10 HTTP/1.1",
    lambda v: f"file:///C:/Users/{urllib.parse.quote(v)}/Downloads/a.pdf",
    lambda v: f'"C:\\Program Files\\agent.exe" --folder "C:\\Users\\{v}\\x" --verbose',
    lambda v: f"1,2026-11-21,{v},OK,14.0.0.12345",
    lambda v: f"X-Forwarded-User: {v}",
    lambda v: f"/home/{v}/.cache: No such file",
    lambda v: "blob " + base64.b64encode(f"session={v};id=5".encode()).decode(),
)
LABELLED: tuple[Carrier, ...] = (
    lambda v: f"2026-11-21 10:00:01 logon user={v} session=3",
    lambda v: f"Account Name:\t\t{v}",
    lambda v: json.dumps({"username": v, "n": 1}),
    lambda v: f"<UserName>{v}</UserName>",
    lambda v: f"UserName={v}",
    lambda v: f'"DefaultUserName"="{v}"',
    lambda v: f"setup.exe --user {v} --quiet",
    lambda v: f"ユーザー名: {v}",
    lambda v: f"http://{v}:x1y2@proxy:8080/",
    lambda v: f"C:\\Users\\{v}\\AppData",
)
SECRET_CARRIERS: tuple[Carrier, ...] = (
    lambda v: f"2026-11-21 10:00:01 DEBUG config: ProxyPassword={v}",
    lambda v: f"password: {v}",
    lambda v: json.dumps({"a": 1, "apiKey": v, "b": "x"}),
    lambda v: json.dumps({"msg": json.dumps({"client_secret": v})}),
    lambda v: f"<Password>{html.escape(v)}</Password>",
    lambda v: f'<add key="password" value="{v}" />',
    lambda v: f"UninstallPassword={v}",
    lambda v: f'"ProxyPassword"="{v}"',
    lambda v: '"ProxyPassword"=hex:' + v.encode().hex(","),
    lambda v: f"https://update.eset.com/api?token={v}&v=2",
    lambda v: f"http://proxyuser:{v}@proxy:3128/",
    lambda v: f"setup.exe --password {v} --quiet",
    lambda v: f"Authorization: Bearer {v}",
    lambda v: f"Proxy-Authorization: Basic {base64.b64encode(v.encode()).decode()}",
    lambda v: f"Cookie: session={v}; path=/",
    lambda v: f"パスワード：{v}",
    lambda v: f"HTTPProxyPassword {v}",
    lambda v: f'  HTTPProxyPassword\t"{v} {v}"',
    lambda v: f'"UpdateUrl"="http//proxyuser:{v}@mirror:2221/eset_upd"',
    lambda v: f'"UpdateUrl"="http://proxyuser:{v} {v}@mirror:2221"',
    lambda v: f'"UpdateUrl"="http:\\\\proxyuser:{v}@mirror"',
    lambda v: f"UpdateUrl=proxyuser:{v}@mirror.example.org:2221",
    lambda v: f"http://proxyuser:{v}/{v}@mirror:2221/",
    lambda v: f"http://proxyuser:12/{v}@mirror:2221/",
)
ID_CARRIERS: tuple[Carrier, ...] = (
    lambda v: f'"WebLicensePublicId"="{v}"',
    lambda v: f"    WebLicensePublicId    REG_SZ    {v}",
    lambda v: json.dumps({"id": 1, "result": {"type": "full", "public_id": v, "expiration_date": "2027-01-01"}}),
    lambda v: json.dumps({"stdout": json.dumps({"public_id": v})}),
    lambda v: f"License ID: {v}",
    lambda v: f"ライセンスID: {v}",
    lambda v: f"<LicenseId>{v}</LicenseId>",
)
SEAT_CARRIERS: tuple[Carrier, ...] = (
    lambda v: json.dumps({"seat_name": v, "expiration_state": "ok"}),
    lambda v: json.dumps({"seat_name": v}, ensure_ascii=False),
    lambda v: json.dumps(
        {"stdout": json.dumps({"public_id": "none", "seat_name": v}, ensure_ascii=False)}, ensure_ascii=False
    ),
)
PLAIN_CARRIERS: tuple[Carrier, ...] = (
    lambda v: f"2026-11-21 10:00:01 INFO  net: {v} ok",
    lambda v: json.dumps({"value": v, "list": [v]}),
    lambda v: json.dumps({"text": f"first\n{v}\t{v}\r\n"}),
    lambda v: f"<a b='{v}'>{v}</a>",
    lambda v: f"Value={v}",
    lambda v: f'"Value"="{v}"',
    lambda v: f"https://update.eset.com/x?y={urllib.parse.quote(v, safe='')}&z=1",
    lambda v: f"tool.exe /x:{v} /y",
    lambda v: f"1;{v};2",
    lambda v: f"X-Thing: {v}",
    lambda v: f"接続先{v}に失敗しました",
)

DECOYS = (
    "14.0.0.12345", "version 8.1.13.0", "FileVersion=5.2.3.1", "Chrome/120.0.0.0", "OID 1.3.6.1.5.5.7.3.1", "v7.0.0.1",
    "d41d8cd98f00b204e9800998ecf8427e", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "{1a2b3c4d-1234-4abc-9def-1234567890ab}", "update.eset.com", "osce14-p.activeupdate.trendmicro.com",
    "2026-11-21 10:00:01.123", "0x80070005", "ECP.4097", "Win32/Exploit.CVE-2017-11882", "Foo::Bar", "10.0.22631.4317",
    "www.example.com", "8.8.8.8", "127.0.0.1", "S-1-5-18", "C:\\Users\\Public\\Desktop",
)  # fmt: skip


def _user(name: str, case: Callable[[str], str], carrier: Carrier) -> Plant:
    return Plant(name, carrier(case(name)), Names(users=frozenset({name})))


def _host(name: str, domain: str, case: Callable[[str], str], carrier: Carrier, full: bool) -> Plant:
    names = Names(hosts=frozenset({name}), domains=frozenset({domain}))
    return Plant(name, carrier(case(f"{name}.{domain}" if full else name)), names)


def _mapped(values: st.SearchStrategy[str], carriers: tuple[Carrier, ...]) -> st.SearchStrategy[Plant]:
    return st.builds(lambda value, carrier: Plant(value, carrier(value)), values, st.sampled_from(carriers))


_host_names = st.builds("{}-zq{}".format, st.sampled_from(["pc", "srv", "nb"]), _word(4))
_domains = st.builds("zq{}.{}".format, _word(4), st.sampled_from(["co.jp", "local", "example.jp"]))
_octet = st.integers(0, 254)
_ipv4 = st.one_of(
    st.builds("10.{}.{}.{}".format, _octet, _octet, st.integers(1, 254)),
    st.builds("192.168.{}.{}".format, _octet, st.integers(1, 254)),
    st.builds("{}.{}.{}.{}".format, st.sampled_from([126, 150, 203, 210]), _octet, _octet, st.integers(1, 254)),
)
_group = st.text(_HEX, min_size=4, max_size=4).map(lambda text: "1" + text[1:])
_ipv6 = st.one_of(
    st.builds("fe80::{}:{}:{}:{}".format, _group, _group, _group, _group),
    st.builds("2400:{}:{}::{}".format, _group, _group, _group),
    st.builds("fd{}:{}:{}:{}:{}:{}:{}:{}".format, st.just("00"), *[_group] * 7),
)
_mac = st.builds(
    lambda pairs, separator, case: case(separator.join(["00", "1b", *pairs])),
    st.lists(st.text(_HEX, min_size=2, max_size=2), min_size=4, max_size=4),
    st.sampled_from(":-"),
    st.sampled_from([str.upper, str.lower]),
)
_sid_part = st.integers(10**8, 4 * 10**9)
_sid = st.builds("S-1-5-21-{}-{}-{}-{}".format, _sid_part, _sid_part, _sid_part, st.integers(1000, 9999))
_key_group = st.text("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", min_size=5, max_size=5).map(lambda text: text[:4] + "7")
_license = st.one_of(
    st.builds(lambda groups: "-".join(group[1:] for group in groups), st.lists(_key_group, min_size=5, max_size=5)),
    st.builds(
        lambda groups: "OS-" + groups[0][1:] + "-" + "-".join(groups[1:]), st.lists(_key_group, min_size=6, max_size=6)
    ),
    st.builds(
        lambda groups: "AP-" + "-".join(group[1:] for group in groups), st.lists(_key_group, min_size=4, max_size=4)
    ),
)
_public_id = st.lists(_key_group, min_size=3, max_size=3).map(lambda groups: "-".join(group[2:] for group in groups))
_account = st.builds("{}-{:010d}".format, st.sampled_from(["EAV", "TRIAL"]), st.integers(10**8, 10**10 - 1))
_email = st.builds("{}@{}".format, _ascii_name, _domains)
_password = st.text(LOWER + "ABCDEFXYZ23456789!#$*+_.~", min_size=6, max_size=24).map(lambda text: "Zq7" + text + "x")
_crypt = _word(12).map(lambda word: "!CRYPT!10" + word.upper())
_login = _ascii_name

plants: st.SearchStrategy[Plant] = st.one_of(
    st.builds(_user, _known_name, _case, st.sampled_from(NAME_CARRIERS)),
    st.builds(
        _host,
        _host_names,
        _domains,
        st.sampled_from([str, str.upper, str.lower]),
        st.sampled_from(NAME_CARRIERS),
        st.booleans(),
    ),
    _mapped(_login, LABELLED),
    _mapped(_password, SECRET_CARRIERS),
    _mapped(_public_id, ID_CARRIERS),
    _mapped(_known_name, SEAT_CARRIERS),
    _mapped(st.one_of(_ipv4, _ipv6, _mac, _sid, _license, _account, _crypt), PLAIN_CARRIERS),
    _mapped(_email, PLAIN_CARRIERS),
)
