"""`diagnose products` and `diagnose flows`."""

from __future__ import annotations

from pathlib import Path

from diagnose import output
from diagnose.diagnostics import Exit
from diagnose.messages import message
from diagnose.resources import rules_folder
from diagnose.rules.folders import SHARED_PRODUCT, open_rule_folders
from diagnose.run.choosing import detect
from diagnose.run.clock import SystemClock
from diagnose.run.opening import open_machine
from diagnose.text import Language


def list_products(language: Language, recording: Path | None, rules: tuple[Path, ...], *, as_json: bool) -> Exit:
    """What is supported, and what is detected on this machine in which role."""
    machine = open_machine(recording, SystemClock())
    folders = open_rule_folders(rules_folder(), rules)
    now = machine.now()
    rows = []
    for product_id in folders.product_ids():
        found = detect(folders, product_id, machine, now)
        flows = [f"{product_id}/{flow}" for flow in folders.flow_ids(product_id)]
        rows.append((found, flows))
    if as_json:
        import msgspec

        listed = [
            {
                "id": found.product.id,
                "name": found.product.name,
                "roles": [role.id for role in found.roles],
                "undecided": found.undecided,
                "flows": flows,
            }
            for found, flows in rows
        ]
        output.write_bytes(msgspec.json.format(msgspec.json.encode({"products": listed}), indent=2) + b"\n")
        return Exit.PASS
    for found, flows in rows:
        if found.product.id == SHARED_PRODUCT:
            state = message("product-any")
        elif found.roles:
            roles = ", ".join(role.title.in_language(language) for role in found.roles)
            state = message("product-detected", roles=roles)
        else:
            state = message("product-undecided" if found.undecided else "product-absent")
        output.write(f"{found.product.id}  {found.product.name.in_language(language)}: {state.in_language(language)}")
        for flow in flows:
            output.write(f"    {flow}")
    return Exit.PASS


def list_flows(product_id: str | None, language: Language, rules: tuple[Path, ...]) -> Exit:
    folders = open_rule_folders(rules_folder(), rules)
    for name in folders.product_ids() if product_id is None else (product_id,):
        for flow_id in folders.flow_ids(name):
            flow = folders.flow(name, flow_id).value
            output.write(f"{name}/{flow_id}  {flow.title.in_language(language)}")
    return Exit.PASS
