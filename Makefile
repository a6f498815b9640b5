# Each target does its own set-up on a fresh machine. `make run` and `make test` are the two
# commands of the README; `make check` adds the slow proofs.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: run test check bench lint pytest docs data lock clean
.DELETE_ON_ERROR:

$(VENV)/.made:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed: install it, or set PYTHON=…"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' || { echo "$(PYTHON) is not Python 3.11-3.13: set PYTHON=…"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

# --no-deps: the lock names every package; pip would resolve what is resolved already. --no-compile:
# Python compiles what is imported, when it first is; most of the packages never are.
$(VENV)/.runtime: requirements.lock pyproject.toml $(VENV)/.made
	@echo "Installing Harbourlight's packages (once, about a minute) …"
	$(PIP) install --no-compile --no-deps --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "Installing the tools of the tests …"
	$(PIP) install --no-compile --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

run: $(VENV)/.runtime
	@$(BIN)/harbourlight serve --demo

# What is compiled is kept: the tests start many processes, and are read anew by each worker.
test check: export PYTHONDONTWRITEBYTECODE :=
test: $(VENV)/.dev
	@$(BIN)/python -m tests.browser
	@$(MAKE) --no-print-directory --jobs=2 lint pytest

# Beside each other: mypy takes a minute of one core, and tests wait for browsers and servers. How
# many workers that makes, tests/conftest.py says.
pytest: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto --dist loadgroup -m "not slow" -q

lint: $(VENV)/.dev
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --quiet --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

check: test
	$(BIN)/python -m pytest -m slow -q
	$(BIN)/python -m pytest -n 2 -m "hypothesis and not slow" --hypothesis-profile=thorough -q
	$(BIN)/python -m tests.audit_dependencies

bench: $(VENV)/.dev
	$(BIN)/python -m bench

docs: $(VENV)/.dev
	$(BIN)/python -m docs.generate

data: $(VENV)/.dev
	$(BIN)/python -m data.build

# Needs `uv`. Writes hashes and no index address.
lock:
	uv pip compile -q --generate-hashes --python-version 3.11 --no-emit-index-url --no-header pyproject.toml -o requirements.lock
	uv pip compile -q --generate-hashes --python-version 3.11 --no-emit-index-url --no-header pyproject.toml --extra dev -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache
