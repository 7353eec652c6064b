#!/usr/bin/env bash
# Everything on a fresh machine that has Python 3.11 or newer:
#   ./do run [FLOW] [OPTIONS]   set up, look at this computer, leave the result in ./result
#   ./do screens                the same on the terminal, step by step
#   ./do test                   set up, install what the tests need (as root, through apt-get), run them all
#   ./do portable               set up, build dist/diagnose-windows-x64.zip
#   ./do check | unit | bench | lock | clean
set -euo pipefail
cd "$(dirname "$0")"

venv=.venv
bin=$venv/bin
# uv writes the locks: versions and hashes for every platform, no addresses.
options="--python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header"
lock="uv pip compile --universal $options"
lock_windows="uv pip compile --python-platform x86_64-pc-windows-msvc --constraint requirements.lock $options"

# Install from a lock unless this very lock is installed already.
installed() { [ -f "$venv/.$1" ] && cmp -s "$2" "$venv/.$1"; }

set_up() {
  installed run requirements.lock && return
  "${PYTHON:-python3}" -c 'import ensurepip' 2>/dev/null || python_venv
  "${PYTHON:-python3}" -m venv "$venv"
  "$bin/pip" install --quiet --require-hashes -r requirements.lock
  "$bin/pip" install --quiet --no-deps --no-build-isolation --editable .
  cp requirements.lock "$venv/.run"
}

# Debian's own Python comes without venv.
python_venv() {
  as_root || { echo "This Python has no venv; install python3-venv first." >&2; exit 2; }
  apt_install python3-venv
}

set_up_tests() {
  set_up
  installed dev requirements-dev.lock && return
  "$bin/pip" install --quiet --require-hashes -r requirements-dev.lock
  cp requirements-dev.lock "$venv/.dev"
}

apt_install() {
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends -o Dpkg::Use-Pty=0 "$@" > /dev/null
}

# One package a word; installed when one of the commands is missing. Where they cannot be installed, whoever needs them
# says so.
need() {
  local packages=$1 command
  shift
  for command in "$@"; do
    command -v "$command" >/dev/null && continue
    as_root || return 0
    # shellcheck disable=SC2046
    apt_install $(cat "$packages")
    return
  done
}

as_root() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

set_up_portable() {
  set_up
  need packaging/windows/packages.txt osslsigncode x86_64-w64-mingw32-gcc
}

# The lab tests build network namespaces and break Debian's ClamAV in them, the screens are tested in tmux, the Windows
# tests run the portable program under Wine; where they cannot, they are skipped and say so.
set_up_labs() {
  need tests/packages.txt ip tmux ssh openssl
  ! as_root || tests/lab/prepare.sh
  ! as_root || tests/lab/servers.sh
  set_up_portable
  # 2: this computer cannot build, as it has said.
  "$bin/python" packaging/windows/build.py || [ $? -eq 2 ]
  need tests/windows/packages.txt x86_64-w64-mingw32-gcc ip openssl osslsigncode
  ! as_root || tests/windows/prepare.sh
}

check() {
  "$bin/ruff" check .
  "$bin/ruff" format --check .
  "$bin/mypy"
  "$bin/mypy" --platform win32 diagnose/machine/windows*.py diagnose/commands/console.py diagnose/tui/clipboard.py
  "$bin/lint-imports"
  "$bin/diagnose" rules lint
}

case "${1:-}" in
  run)
    shift
    set_up
    # 1 (something was found) and 3 (could not decide) are verdicts too.
    code=0
    "$bin/diagnose" run "$@" --output result || code=$?
    [ "$code" -le 3 ] && [ "$code" -ne 2 ] || exit "$code"
    printf '\nresult/report.html  result/result.json\n'
    ;;
  screens) shift; set_up; exec "$bin/diagnose" "$@" ;;
  test) set_up_tests; set_up_labs; check; "$bin/python" -m pytest ;;
  check) set_up_tests; check ;;
  unit) set_up_tests; set_up_labs; "$bin/python" -m pytest "${@:2}" ;;
  portable) set_up_portable; "$bin/python" packaging/windows/build.py "${@:2}" ;;
  bench) set_up_tests; "$bin/python" -m tests.bench ;;
  lock)
    $lock pyproject.toml packaging/build.in -o requirements.lock
    $lock --extra dev pyproject.toml packaging/build.in -o requirements-dev.lock
    $lock_windows --constraint requirements-dev.lock --extra fast pyproject.toml -o packaging/windows/requirements.lock
    ;;
  clean) rm -rf "$venv" .wine .cache result dist .mypy_cache .ruff_cache .pytest_cache .hypothesis ;;
  *) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
