"""Goes into the small program that tests put on hosts, in place of ours: does what the order's answer `act` says."""

import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any


def hang() -> int:
    subprocess.Popen(["sleep", "60"])
    time.sleep(60)
    return 0


def crash() -> int:
    print("Traceback: nothing works here", file=sys.stderr)
    return 3


CODES: "dict[str, Any]" = {"hang": hang, "crash": crash, "late": lambda: 124}
CHANGES: "dict[str, dict[str, Any]]" = {
    "other-order": {"about.json": {"order": "another", "exit_code": 0}},
    "refused": {"about.json": {"exit_code": 2, "refused": ["no such product \x1b[2J"]}},
    "bundle-late": {"about.json": {"exit_code": 0, "bundle_problem": "late"}},
    "no-json": {"result.json": "<html>"},
    "other-schema": {"result.json": '{"schema": "diagnose.result/9"}'},
    "huge": {"result.json": " " * 17_000_000},
    "climbs": {"../../climbed": "x"},
    "absolute": {"/tmp/climbed": "x"},
}
"""What is another in the answer; of about.json the fields."""


def main(argv: "list[str]") -> int:
    folder = Path(argv[0])
    file = folder / "order.json"
    order = json.loads(file.read_bytes() if file.exists() else sys.stdin.buffer.read())
    act = order["answers"].get("act", "good")
    print(f"act: {act}", file=sys.stderr, flush=True)
    (folder / "begun").write_text("x")
    members = {
        "about.json": json.dumps({"order": order["id"], "exit_code": 0}),
        "result.json": (Path(__file__).parent / "result.json").read_text(encoding="utf-8"),
        "machine/machine.yaml": "platform: linux\n",
    }
    if act in CODES:
        return int(CODES[act]())
    if act in CHANGES:
        for name, text in CHANGES[act].items():
            members[name] = json.dumps({"order": order["id"], **text}) if isinstance(text, dict) else text
    if act == "no-result":
        del members["result.json"]
    if act == "bundle":
        (folder / "bundle.zip").write_bytes(b"PK bundle")
    if act == "no-zip":
        (folder / "answer.zip").write_bytes(os.urandom(1000))
        return 0
    with zipfile.ZipFile(folder / "answer.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            info = zipfile.ZipInfo(name)
            if act == "link" and name.startswith("machine/"):
                info.external_attr = 0o120777 << 16
            archive.writestr(info, text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
