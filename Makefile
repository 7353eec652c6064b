# Two commands do everything on a fresh machine that has Python 3.11 or newer:
#   make run    sets up and looks at this computer; the result is in ./result
#   make test   sets up, installs what the tests need (as root, through apt-get) and runs them all

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FLOW ?=
ARGS ?=

.PHONY: run test check unit lab bench lock clean

run: $(VENV)/.run
	$(BIN)/diagnose run $(FLOW) --output result $(ARGS) || test $$? -eq 1 -o $$? -eq 3
	@echo
	@echo "result/report.html  result/result.json"

test: check unit

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/diagnose rules lint

unit: $(VENV)/.dev $(VENV)/.packages
	$(BIN)/python -m pytest

bench: $(VENV)/.dev
	$(BIN)/python -m tests.bench

# Locked with versions and hashes; only the program itself is installed without the lock.
$(VENV)/.run: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.lock
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock
	touch $@

# The lab tests build network namespaces. Without root, or without apt-get, they are skipped and say so.
$(VENV)/.packages: tests/packages.txt
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  command -v ip >/dev/null || { apt-get update -qq && xargs apt-get install -qq --no-install-recommends < tests/packages.txt; }; \
	fi
	mkdir -p $(VENV) && touch $@

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  pyproject.toml packaging/build.in -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --extra dev pyproject.toml packaging/build.in -o requirements-dev.lock

clean:
	rm -rf $(VENV) result dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
