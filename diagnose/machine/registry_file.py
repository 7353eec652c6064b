"""`.reg` files as regedit and `reg export` write them, both ways.

Reads `Windows Registry Editor Version 5.00` and `REGEDIT4`, in UTF-16 or UTF-8 or, as old Japanese tools write them,
CP932. One pass over the text with possessive patterns, so the time is linear in its length.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from diagnose.errors import InputError, Place
from diagnose.input_files import read_input
from diagnose.machine.registry_data import BINARY, DWORD, SZ, from_bytes, to_bytes
from diagnose.machine.registry_paths import known_hive, normalise_key, with_long_hive
from diagnose.machine.registry_tree import KeyNode, RegistryTree, TreeBuilder
from diagnose.machine.values import RegistryValue
from diagnose.messages import message

MAX_BYTES = 64 * 1024 * 1024
MAX_VALUES = 500_000
MAX_KEYS = 500_000
MAX_DEPTH = 512
"""Levels of keys; Windows allows no more."""

HEADER = "Windows Registry Editor Version 5.00"
OLD_HEADER = "REGEDIT4"

_BLANK = re.compile(r"(?:\s++|;[^\r\n]*+)*+")
_KEY = re.compile(r"\[([^\r\n]*)\][ \t]*+")
_NAME = re.compile(r'(?:@|"((?:[^"\\]++|\\.)*+)")[ \t]*+=[ \t]*+', re.DOTALL)
_TEXT = re.compile(r'"((?:[^"\\]++|\\.)*+)"', re.DOTALL)
_DWORD = re.compile(r"dword:[ \t]*+([0-9a-f]{1,8})(?![0-9a-f])", re.IGNORECASE)
_HEX = re.compile(r"hex(?:\(([0-9a-f]{1,8})\))?:", re.IGNORECASE)
# The outer repetition is not possessive: before Python 3.11.5 such a one also takes what its last round matched half.
_HEX_BODY = re.compile(r"(?:[0-9a-fA-F, \t]++|\\[ \t]*+\r?+\n)*")
_HEX_SPACE = str.maketrans("", "", " \t\r\n\\")
_END_OF_LINE = re.compile(r"[ \t]*+(?:;[^\r\n]*+)?(?=[\r\n]|\Z)")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
# regedit itself writes only the first two; Wine's `reg export` also the others.
_ESCAPES = {"\\": "\\", '"': '"', "n": "\n", "r": "\r", "0": "\0"}

_LINE_WIDTH = 77
"""Columns after which `reg export` continues hexadecimal data on the next line."""


def read_registry_file(path: Path, builder: TreeBuilder | None = None) -> TreeBuilder:
    """Parse one file, into `builder` when several belong together (what is read later wins). Raises InputError."""
    return parse_registry_file(read_input(path, MAX_BYTES), str(path), builder)


def parse_registry_tree(data: bytes, file: str) -> RegistryTree:
    """The keys of one file. Raises InputError with the place."""
    return parse_registry_file(data, file).tree()


def parse_registry_file(data: bytes, file: str, builder: TreeBuilder | None = None) -> TreeBuilder:
    """Parse the bytes of one file; `file` is only for the places of problems. Raises InputError."""
    if len(data) > MAX_BYTES:
        raise InputError(message("file-too-large", limit=MAX_BYTES), Place(file))
    builder = TreeBuilder() if builder is None else builder
    _Parser(_decode(data, file), file, builder).parse()
    return builder


def _decode(data: bytes, file: str) -> str:
    for bom, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(bom):
            return data[len(bom) :].decode(encoding, "replace")
    if data[1:2] == b"\0":
        return data.decode("utf-16-le", "replace")
    if data[:1] == b"\0":
        return data.decode("utf-16-be", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp932")
    except UnicodeDecodeError as error:
        raise InputError(message("reg-encoding"), Place(file, data.count(b"\n", 0, error.start) + 1)) from None


class _Parser:
    """One pass over the text of one file; `_at` is the position of the next character to read."""

    def __init__(self, text: str, file: str, builder: TreeBuilder) -> None:
        self._text = text
        self._file = file
        self._builder = builder
        self._at = 0
        self._values = 0
        self._keys_before = builder.keys
        self._old_text_encoding = ""

    def parse(self) -> None:
        self._header()
        key: KeyNode | None = None
        in_deleted_key = False
        self._skip_blank()
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                key = self._key()
                in_deleted_key = key is None
            elif self._text[self._at] in '"@':
                if key is None and not in_deleted_key:
                    raise self._problem("reg-value-without-key")
                self._named_value(key)
            else:
                raise self._problem("reg-line")
            self._skip_blank()

    def _header(self) -> None:
        start = len(self._text) - len(self._text.lstrip())
        end = self._text.find("\n", start)
        header = self._text[start : end if end >= 0 else len(self._text)].strip()
        if header not in {HEADER, OLD_HEADER}:
            self._at = start
            raise self._problem("reg-header", expected=HEADER)
        if header == OLD_HEADER:
            self._old_text_encoding = "cp932"
        self._at = start + len(header)

    def _skip_blank(self) -> None:
        found = _BLANK.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _key(self) -> KeyNode | None:
        """The key that a header line opens; None when the line deletes it."""
        found = _KEY.match(self._text, self._at)
        if found is None:
            raise self._problem("reg-key")
        deletes = found[1].startswith("-")
        path = found[1].removeprefix("-")
        if not known_hive(normalise_key(path)):
            raise self._problem("reg-hive", key=path[:120])
        if path.count("\\") > MAX_DEPTH or self._builder.keys - self._keys_before > MAX_KEYS:
            raise self._problem("reg-too-many", values=MAX_VALUES, keys=MAX_KEYS, depth=MAX_DEPTH)
        self._at = found.end()
        self._end_of_line(self._at)
        if deletes:
            self._builder.drop_key(path)
            return None
        return self._builder.add_key(path)

    def _named_value(self, key: KeyNode | None) -> None:
        start = self._at
        found = _NAME.match(self._text, start)
        if found is None:
            raise self._problem("reg-name")
        self._values += 1
        if self._values > MAX_VALUES:
            raise self._problem("reg-too-many", values=MAX_VALUES, keys=MAX_KEYS, depth=MAX_DEPTH)
        name = self._unescaped(found[1], found.start(1)) if found[1] is not None else ""
        self._at = found.end()
        value = self._value()
        self._end_of_line(start)
        if key is not None and value is not None:
            key.set_value(name, value)
        elif key is not None:
            key.drop_value(name)

    def _value(self) -> RegistryValue | None:
        """The value behind `=`; None for `-`, which deletes."""
        text, at = self._text, self._at
        if found := _TEXT.match(text, at):
            self._at = found.end()
            # A zero cannot be part of a text value, whatever the escapes of the file say.
            return RegistryValue("REG_SZ", self._unescaped(found[1], found.start(1)).split("\0", 1)[0])
        if found := _DWORD.match(text, at):
            self._at = found.end()
            return RegistryValue("REG_DWORD", int(found[1], 16))
        if found := _HEX.match(text, at):
            return self._hexadecimal(int(found[1], 16) if found[1] else BINARY, found.end())
        if text.startswith("-", at):
            self._at = at + 1
            return None
        raise self._problem("reg-unfinished-text" if text.startswith('"', at) else "reg-value")

    def _hexadecimal(self, number: int, start: int) -> RegistryValue:
        found = _HEX_BODY.match(self._text, start)
        body = found[0].translate(_HEX_SPACE) if found else ""
        pairs = body.split(",")
        if not pairs[-1]:
            pairs.pop()
        self._at = start
        if not all(1 <= len(pair) <= 2 for pair in pairs):
            raise self._problem("reg-hex")
        self._at = found.end() if found else start
        data = bytes.fromhex("".join(pair.zfill(2) for pair in pairs))
        return from_bytes(number, data, encoding=self._old_text_encoding or "utf-16-le")

    def _unescaped(self, text: str, start: int) -> str:
        if "\\" not in text:
            return text

        def replacement(found: re.Match[str]) -> str:
            if found[1] not in _ESCAPES:
                self._at = start + found.start()
                raise self._problem("reg-escape", text=found[0])
            return _ESCAPES[found[1]]

        return _ESCAPE.sub(replacement, text)

    def _end_of_line(self, start: int) -> None:
        """Nothing but a comment may follow on the line of a key or value that starts at `start`."""
        found = _END_OF_LINE.match(self._text, self._at)
        if found is None:
            # After a quote that was closed on a later line, the mistake most likely lies where the text began.
            if "\n" in self._text[start : self._at] and self._text[self._at - 1] == '"':
                self._at = start
                raise self._problem("reg-unfinished-text")
            while self._text[self._at] in " \t":
                self._at += 1
            raise self._problem("reg-rest")
        self._at = found.end()

    def _problem(self, what: str, **values: object) -> InputError:
        line = self._text.count("\n", 0, self._at) + 1
        column = self._at - self._text.rfind("\n", 0, self._at)
        return InputError(message(what, **values), Place(self._file, line, column))


def write_registry_file(keys: Mapping[str, Mapping[str, RegistryValue]]) -> bytes:
    """Keys with their values as `reg export` writes them: UTF-16LE with BOM, CRLF, hexadecimal data wrapped.

    A text value ends at its first zero and half surrogate pairs are replaced, as a registry file cannot hold them.
    """
    lines = [HEADER, ""]
    for path, values in keys.items():
        lines.append(f"[{with_long_hive(path)}]")
        for name, value in values.items():
            lines += _value_lines(name, value)
        lines.append("")
    return codecs.BOM_UTF16_LE + ("\r\n".join(lines) + "\r\n").encode("utf-16-le", "replace")


def _value_lines(name: str, value: RegistryValue) -> Iterator[str]:
    label = f'"{_escaped(name)}"=' if name else "@="
    number, data = to_bytes(value)
    if number == SZ and isinstance(value.data, str):
        yield f'{label}"{_escaped(value.data.split(chr(0), 1)[0])}"'
    elif number == DWORD and isinstance(value.data, int):
        yield f"{label}dword:{int.from_bytes(data, 'little'):08x}"
    else:
        yield from _wrapped(f"{label}hex:" if number == BINARY else f"{label}hex({number:x}):", data)


def _wrapped(line: str, data: bytes) -> Iterator[str]:
    last = len(data) - 1
    for position, byte in enumerate(data):
        line += f"{byte:02x}" if position == last else f"{byte:02x},"
        if position != last and len(line) >= _LINE_WIDTH:
            yield line + "\\"
            line = "  "
    yield line


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
