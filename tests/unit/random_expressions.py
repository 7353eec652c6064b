"""Random typed conditions and random values for the names in them, for the tests of the condition language."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone

from diagnose.expressions import BOOL, DOUBLE, DURATION, DYN, INT, STRING, TIMESTAMP, Type, list_of

NAMES: Mapping[str, Type] = {
    "c.i": INT,
    "c.j": INT,
    "c.d": DOUBLE,
    "c.e": DOUBLE,
    "c.s": STRING,
    "c.t.u": STRING,
    "c.b": BOOL,
    "c.ok": BOOL,
    "c.l": list_of(INT),
    "c.words": list_of(STRING),
    "c.ts": TIMESTAMP,
    "c.due": TIMESTAMP,
    "c.du": DURATION,
    "c.y": DYN,
    "c.z": DYN,
}
WRAP = "‹"
"""Becomes `(` for us and `dyn(` for the reference."""

Data = dict[str, object]
TIMES = (
    '"2026-06-01T00:00:00Z"',
    '"2026-01-01T09:00:00.5+09:00"',
    "'9999-12-31T23:59:59.999999Z'",
    '"0001-01-01T00:00:00Z"',
)
DUE = (
    datetime(1, 12, 31, 23, tzinfo=UTC),
    datetime(2026, 12, 31, 23, tzinfo=timezone(timedelta(hours=9))),
    datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-9))),
)
"""Python, unlike CEL, cannot tell the time of a zone whose own clock would show the year 0: so no zone in year 1."""
DURATIONS = ('"24h"', "'-1.5h'", '"1h30m"', "'250ms'", "'.5s'", '"0"', "'2400000h'", "'+1m5.25s'")


class Generator:
    """Writes expressions of a wanted type, at most a few levels deep."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.loops = 0

    def expression(self, kind: str, depth: int) -> str:
        if depth <= 0 or self.random.random() < 0.15:
            return self.leaf(kind)
        makers: dict[str, Callable[[int], str]] = {
            "bool": self.make_bool,
            "int": self.make_int,
            "double": self.make_double,
            "string": self.make_string,
            "timestamp": self.make_timestamp,
            "duration": self.make_duration,
            "list": self.make_list,
            "words": self.make_words,
            "dyn": self.make_dyn,
        }
        return makers[kind](depth - 1)

    def leaf(self, kind: str) -> str:
        choose = self.random.choice
        match kind:
            case "bool":
                return choose(["c.b", "c.ok", "true", "false"])
            case "int":
                numbers = ["0", "1", "2", "7", "-1", "-3", "0x1F", "9223372036854775807", "(-9223372036854775808)"]
                return choose(["c.i", "c.j", *(f"x{n}" for n in range(self.loops)), choose(numbers)])
            case "double":
                return choose(["c.d", "c.e", "1.5", "0.25", "2.0", ".5", "1e3", "-2.5e-1", "0.0", "1e300"])
            case "string":
                return choose(["c.s", "c.t.u", self.text(), self.text()])
            case "timestamp":
                return choose(["c.ts", "c.due", *map("timestamp({})".format, TIMES)])
            case "duration":
                return choose(["c.du", "(c.ts - c.due)", *map("duration({})".format, DURATIONS)])
            case "list":
                return choose(["c.l", "c.l", "[]", "[1, 2, 3,]"])
            case "words":
                return choose(["c.words", "c.words", '["期限", "a"]'])
            case _:
                return choose(["c.y", "c.z"])

    def text(self) -> str:
        quote = self.random.choice(["'", '"', "'''", '"""'])
        characters = self.random.choices("abc期限切れ日本\\'\"\n\t é😀%{}", k=self.random.randint(0, 5))
        if self.random.random() < 0.2:
            plain = "".join(character for character in characters if character not in "'\"\n\\")
            return f"{self.random.choice('rR')}{quote}{plain}{quote}"
        return quote + "".join(map(self.escaped, characters)) + quote

    def escaped(self, character: str) -> str:
        code = ord(character)
        forms = [f"\\U{code:08x}"]
        if code < 0x10000:
            forms.append(f"\\u{code:04X}")
        if code < 0x80:
            forms += [f"\\x{code:02x}", f"\\{code:03o}"]
        if character in "\\'\"":
            forms += ["\\" + character] * 3
        elif character in "\n\t":
            forms.append({"\n": "\\n", "\t": "\\t"}[character])
        else:
            forms += [character] * 6
        return self.random.choice(forms)

    def conditional(self, kind: str, depth: int) -> str:
        first, second = self.expression(kind, depth), self.expression(kind, depth)
        return f"({self.expression('bool', depth)} ? {first} : {second})"

    def make_int(self, depth: int) -> str:
        left, right = self.expression("int", depth), self.expression("int", depth)
        texts = self.expression(self.random.choice(["string", "list", "words"]), depth)
        return self.random.choice(
            [
                f"({left} {self.random.choice('+-*/%')} {right})",
                f"({left} {self.random.choice('/%')} {right})",
                f"{left} {self.random.choice('+-*/%')} {right}",
                f"-{self.leaf('int')}",
                f"size({texts})",
                f"({texts}).size()",
                f"{self.expression('list', depth)}[{self.random.randint(-1, 3)}]",
                f"c.l[{right}]",
                self.conditional("int", depth),
            ]
        )

    def make_double(self, depth: int) -> str:
        left, right = self.expression("double", depth), self.expression("double", depth)
        operation = f"({left} {self.random.choice('+-*/')} {right})"
        return self.random.choice([operation, operation, f"-{self.leaf('double')}", self.conditional("double", depth)])

    def make_string(self, depth: int) -> str:
        together = f"({self.expression('string', depth)} + {self.expression('string', depth)})"
        return self.random.choice([together, together, "c.words[0]", self.conditional("string", depth)])

    def make_timestamp(self, depth: int) -> str:
        moved = f"({self.leaf('timestamp')} {self.random.choice('+-')} {self.expression('duration', depth)})"
        other = f"({self.expression('duration', depth)} + {self.leaf('timestamp')})"
        return self.random.choice([moved, other, self.conditional("timestamp", depth)])

    def make_duration(self, depth: int) -> str:
        left, right = self.expression("duration", depth), self.expression("duration", depth)
        between = f"({self.expression('timestamp', depth)} - {self.expression('timestamp', depth)})"
        return self.random.choice([f"({left} {self.random.choice('+-')} {right})", between])

    def make_list(self, depth: int) -> str:
        items = ", ".join(self.expression("int", depth) for _ in range(self.random.randint(0, 3)))
        together = f"({self.leaf('list')} + {self.expression('list', depth)})"
        return self.random.choice([f"[{items}]", together, self.conditional("list", depth)])

    def make_words(self, depth: int) -> str:
        return f"[{self.expression('string', depth)}, {self.expression('string', depth)}]"

    def make_dyn(self, depth: int) -> str:
        left, right = self.leaf("dyn"), self.random.choice([self.leaf("dyn"), self.expression("int", depth)])
        return self.random.choice(
            [f"({left} {self.random.choice('+-*/%')} {right})", f"{left}.left", f"{left}[0]", f"(-{left})"]
        )

    def make_bool(self, depth: int) -> str:
        make = self.random.choice(
            [
                self.logic,
                self.logic,
                self.comparison,
                self.comparison,
                self.mixed,
                self.membership,
                self.loop,
                self.tests,
            ]
        )
        return make(depth)

    def logic(self, depth: int) -> str:
        terms = [self.expression("bool", depth) for _ in range(self.random.randint(2, 4))]
        return self.random.choice(
            [
                " && ".join(terms),
                f"({' || '.join(terms)})",
                f"({terms[0]} && {terms[1]} || {terms[-1]})",
                f"!({terms[0]})",
                f"!{self.leaf('bool')}",
                self.conditional("bool", depth),
                f"{terms[0]} ? {self.leaf('bool')} : {terms[1]}",
            ]
        )

    def comparison(self, depth: int) -> str:
        kind = self.random.choice(["int", "int", "string", "double", "timestamp", "duration", "bool", "dyn"])
        operators = ["==", "!=", "<", "<=", ">", ">="]
        left, right = self.expression(kind, depth), self.expression(kind, depth)
        if self.random.random() < 0.15:
            other = self.random.choice(["list", "words"])
            return f"({self.expression(other, depth)} == {self.expression(other, depth)})"
        if kind == "dyn" and self.random.random() < 0.5:
            right = self.random.choice([self.leaf("string"), self.leaf("double"), "null", "true", "[1, 'a']"])
            return f"({left} {self.random.choice(['==', '!='])} {right})"
        return f"(({left}) {self.random.choice(operators)} ({right}))"

    def mixed(self, depth: int) -> str:
        left, right = self.expression("int", depth), self.expression("double", depth)
        operator = self.random.choice(["==", "!=", "<", "<=", ">", ">="])
        return self.random.choice(
            [f"({WRAP}{left}) {operator} {WRAP}{right}))", f"({WRAP}{right}) {operator} {WRAP}{left}))"]
        )

    def membership(self, depth: int) -> str:
        kind, items = self.random.choice([("int", "list"), ("string", "words"), ("dyn", "list"), ("int", "dyn")])
        return f"({self.expression(kind, depth)} in {self.expression(items, depth)})"

    def loop(self, depth: int) -> str:
        items = self.expression("list", depth)
        variable = f"x{self.loops}"
        self.loops += 1
        body = self.expression("bool", min(depth, 2))
        if self.random.random() < 0.5:
            body = f"{self.expression('int', 1)} / {variable} {self.random.choice(['<', '==', '>'])} {variable}"
        self.loops -= 1
        return f"{items}.{self.random.choice(['exists', 'all'])}({variable}, {body})"

    def tests(self, depth: int) -> str:
        text = self.expression("string", depth)
        method = self.random.choice(["startsWith", "endsWith", "contains"])
        pattern = self.random.choice(["^a.*c$", "期限", "[a-c]+", "(a|ab)(c|bcd)*$", "", ".", r"\\d", "(?i)A"])
        return self.random.choice([f"({text}).{method}({self.leaf('string')})", f"({text}).matches('{pattern}')"])

    def source(self) -> str:
        kinds = ["bool"] * 12 + ["int", "int", "double", "string", "timestamp", "duration", "list", "dyn"]
        source = self.expression(self.random.choice(kinds), self.random.randint(1, 3))
        if WRAP not in source and "null" not in source and self.random.random() < 0.12:
            source = self.spoiled(source)
        return source

    def spoiled(self, source: str) -> str:
        """The same with one slip: another name, a typo, a lost or doubled character."""
        names = [name for name in NAMES if name in source]
        if names and self.random.random() < 0.6:
            return source.replace(self.random.choice(names), self.random.choice([*NAMES, "c.k", "c.i.left", "d"]), 1)
        at = self.random.randrange(len(source))
        return source[:at] + self.random.choice(["", "(", ")", "?", " == ", "1", "a", "期"]) + source[at + 1 :]

    def data(self) -> Data:
        choose, integer = self.random.choice, self.random.randint
        dynamic: list[object] = [0, 3, -1, 1.0, 2.5, "a", "期限", True, None, [1, 2.0, "a"], {"left": 3}, []]
        data: Data = {
            "c.i": choose([integer(-5, 5), integer(-5, 5), 2**63 - 1, -(2**63)]),
            "c.j": integer(-2, 2),
            "c.d": choose([0.25, 1.5, 2.0, -0.0, 1e308]),
            "c.e": float(integer(-2, 2)),
            "c.s": choose(["a", "abc", "期限切れ", "", "ab\ncd", "\\", "😀"]),
            "c.t.u": choose(["a", "限", "b'\""]),
            "c.b": choose([True, False]),
            "c.ok": choose([True, False]),
            "c.l": [integer(-2, 2) for _ in range(integer(0, 3))],
            "c.words": self.random.sample(["a", "期限", "abc", ""], integer(0, 3)),
            "c.ts": datetime(2026, integer(1, 12), 1, tzinfo=UTC),
            "c.due": choose(DUE),
            "c.du": timedelta(seconds=choose([0, 90, -3600, 86400 * 365 * 200, -86400 * 365 * 290])),
            "c.y": choose(dynamic),
            "c.z": choose(dynamic),
        }
        return {name: value for name, value in data.items() if self.random.random() < 0.88}
