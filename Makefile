PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help demo test conformance check format bench bench-deploy fuzz clean

help:
	@echo "make demo    convert a real project and show the files"
	@echo "make test    every test"
	@echo "make conformance  the tests against the real docker compose alone"
	@echo "make check   format, lint, types, import contracts"
	@echo "make format  let ruff write the format"
	@echo "make bench   measure convert side by side with its floor and its peers"
	@echo "make bench-deploy  measure up and down in the sandbox at 50 ms a call"
	@echo "make fuzz    read real files broken at random (FUZZ='--minutes 10 --seed N')"

$(VENV)/bin/python:
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || { \
	  $(PYTHON) -m pip install --quiet --user virtualenv && $(PYTHON) -m virtualenv --quiet $(VENV); }

$(VENV)/.runtime: setup.cfg pyproject.toml | $(VENV)/bin/python
	@echo "Installing into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.dev: setup.cfg pyproject.toml | $(VENV)/bin/python
	@echo "Installing into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@ $(VENV)/.runtime

demo: $(VENV)/.runtime
	@sh fixtures/demo.sh $(BIN)/compose2ecs

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto $(PYTEST)

conformance: $(VENV)/.dev
	$(BIN)/python -m pytest tests/conformance -n auto

check: $(VENV)/.dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(VENV)/.dev
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks $(BENCH)

bench-deploy: $(VENV)/.dev
	$(BIN)/python -m benchmarks.deploy

fuzz: $(VENV)/.dev
	$(BIN)/python -m tests.fuzz $(FUZZ)

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache
