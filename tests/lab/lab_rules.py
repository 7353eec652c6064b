"""The rules of the lab's product: its own servers, judged by the shipped rules about networks."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

from diagnose.resources import rules_folder

PRODUCT, FLOW = "lab-agent", "updates"
_OWN = Path(__file__).parent / "rules" / PRODUCT
_NOT_NETWORK = frozenset(
    {"system-requirements", "signing-certificates", "reboot", "security-software", "disk", "services"}
)


def write_rules(folder: Path, shipped: Path | None = None) -> Path:
    """A folder for `--rules` below `folder`. `shipped`: the rules of the program, if not those of this checkout."""
    target = folder / "rules" / PRODUCT
    shutil.copytree(_OWN, target)
    file = (shipped or rules_folder()) / "machine" / "health.yaml"
    health: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    health["id"] = FLOW
    health["steps"] = [step for step in health["steps"] if step["id"] not in _NOT_NETWORK]
    text = yaml.safe_dump(health, allow_unicode=True, sort_keys=False, width=10_000)
    (target / f"{FLOW}.yaml").write_text(text, encoding="utf-8")
    return target.parent
