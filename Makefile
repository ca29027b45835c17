# Factbook's commands for people. Every setting (FACTBOOK_PORT, FACTBOOK_DATA_DIR, ...) reaches the service through the environment.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help run test check bench simulate tour lock clean

help: ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: $(VENV)/run.stamp ## install, start database and service, load the demo tenant
	@exec $(BIN)/factbook serve --demo

test: $(VENV)/check.stamp ## the whole test suite
	@FACTBOOK_BUILD_HATCHET=1 $(BIN)/python -m tests.faults.hatchet_engine
	@$(BIN)/python -m tests.console.browser.chromium
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: $(VENV)/check.stamp ## formatting, lint, types, architecture, links
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/architecture tests/documents

bench: $(VENV)/check.stamp ## measure and write benchmarks/*.json (forty minutes)
	$(BIN)/python -m benchmarks.history
	$(BIN)/python -m benchmarks.identity
	$(BIN)/python -m benchmarks.profile
	$(BIN)/python -m benchmarks.language
	$(BIN)/python -m benchmarks.jobs
	$(BIN)/python -m benchmarks.persona
	$(BIN)/python -m benchmarks.persona_migration
	$(BIN)/python -m benchmarks.console

simulate: $(VENV)/check.stamp ## twenty workers, ten thousand jobs, killed at random
	$(BIN)/python -m tests.jobs.simulation

tour: $(VENV)/check.stamp ## take the pictures of the console's tour anew
	$(BIN)/python -m tests.console.browser.tour

lock: $(VENV)/check.stamp ## choose exact versions anew from pyproject.toml
	$(PIP) install uv
	$(BIN)/uv pip compile pyproject.toml --group build --universal --generate-hashes --python-version 3.11 \
		--no-header --no-annotate --quiet --upgrade --output-file requirements/run.txt
	$(BIN)/uv pip compile pyproject.toml --group build --group dev --universal --generate-hashes --python-version 3.11 \
		--no-header --no-annotate --quiet --upgrade --constraints requirements/run.txt --output-file requirements/check.txt
	$(BIN)/uv pip compile --group samples --no-deps --generate-hashes --python-version 3.11 \
		--no-header --no-annotate --quiet --upgrade --output-file requirements/samples.txt

clean: ## remove the virtual environment and caches; data folders stay
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Factbook needs Python 3.11 or newer; set PYTHON=...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements/run.txt pyproject.toml | $(BIN)/python
	@echo "Installing Factbook into $(VENV) ..."
	$(PIP) install --require-hashes -r requirements/run.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/check.stamp: requirements/check.txt requirements/samples.txt $(VENV)/run.stamp
	@echo "Installing the tools of development ..."
	$(PIP) install --require-hashes -r requirements/check.txt
	$(PIP) install --require-hashes --no-deps -r requirements/samples.txt
	@touch $@
