"""Runs on Windows: asks the live machine what its input says, and prints the answers as JSON.

Input: a list of questions, each a method of `Machine` and its arguments. An answer is `{"kind": type, field: value}`
for a record, else a list or a plain value; bytes are text of the code page 437, in which every byte is a character.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from diagnose.machine.live import open_live_machine
from diagnose.machine.values import Resolver, Store, View

_WORDS: Mapping[str, Any] = {"registry_key": View, "certificates": Store, "resolve": Resolver}
"""The type of the last argument of some methods."""


def plain(value: Any) -> Any:
    if is_dataclass(value):
        held = {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        return {"kind_of_answer": type(value).__name__, **held}
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return value.decode("cp437")
    return value.isoformat() if isinstance(value, datetime) else value


def main() -> None:
    machine = open_live_machine(lambda: datetime.now().astimezone())
    answers = []
    for method, *arguments in json.loads(sys.stdin.buffer.read()):
        if method in _WORDS and len(arguments) > (method != "certificates"):
            arguments[-1] = _WORDS[method](arguments[-1])
        asked = getattr(machine, method)
        answers.append(plain(asked(*arguments) if callable(asked) else asked))
    sys.stdout.buffer.write(json.dumps(answers).encode())


if __name__ == "__main__":
    main()
