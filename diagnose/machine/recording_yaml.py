"""Data as YAML that a person can read and that `diagnose.yaml_file` reads back without a change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from diagnose.yaml_file import plain_scalar

if TYPE_CHECKING:
    from yaml import SafeDumper
else:
    SafeDumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(SafeDumper):
    pass


def _text(dumper: Any, text: str) -> yaml.ScalarNode:
    # Half of a surrogate pair, as broken file names give them, cannot be written in any encoding.
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    node: yaml.ScalarNode = dumper.represent_scalar("tag:yaml.org,2002:str", text, style=_style(text))
    return node


def _style(text: str) -> str | None:
    if _reads_well_as_block(text):
        return "|"
    # The dumper knows YAML 1.1 only: it leaves words plain that mean a number in YAML 1.2.
    return "'" if text != plain_scalar(text) else None


def _reads_well_as_block(text: str) -> bool:
    lines = text.split("\n")
    return len(lines) > 2 and all(
        line.isprintable() and line == line.rstrip() and not (index == 0 and (not line or line[0].isspace()))
        for index, line in enumerate(lines)
    )  # fmt: skip


_Dumper.add_representer(str, _text)


def to_yaml(data: Any) -> bytes:
    """`data` of dicts, lists, tuples and scalars as one UTF-8 document, keys in their order."""
    text = yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, default_flow_style=False, width=120)
    return str(text).encode("utf-8")
