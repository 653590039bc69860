# Every target sets up what it needs; only python3 (3.11 or newer), pip and make must be there.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help install test coverage torture lint types check demo bench bench-learn lock clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(INSTALLED): pyproject.toml requirements.lock manifest.json
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PYTHON=python3.11 …")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

install: $(INSTALLED) ## Make the virtual environment with the locked libraries

demo: $(INSTALLED) ## Play a recorded month of a small firm through receiver, worker and sender
	$(BIN)/maturo demo

# More workers than cores: much of the waiting is for processes that the tests start.
test: $(INSTALLED) ## Run every test
	$(BIN)/pytest -n 4 --dist worksteal

coverage: $(INSTALLED) ## Run every test and measure what they reach (slower)
	$(BIN)/pytest -n 4 --dist worksteal --cov --cov-report=term:skip-covered --cov-fail-under=90

torture: $(INSTALLED) ## Prove the promises at length: hundreds of kills, 10,000 histories, 100,000 contacts recalculated
	MATURO_CONTACTS=100000 $(BIN)/pytest -s tests/acceptance/test_n03_killed_in_the_middle.py
	MATURO_TORTURE=1 MATURO_HISTORIES=10000 MATURO_EXAMPLES=10000 $(BIN)/pytest -n auto \
		-k "test_f0 or test_f1 or test_s0 or test_n01 or test_invariants"

lint: $(INSTALLED) ## Check style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(INSTALLED) ## Check types
	$(BIN)/mypy

check: lint types test ## Everything that CI checks

bench: $(INSTALLED) ## Measure: machines told from people, scoring, receiver, worker, PostgreSQL
	$(BIN)/python -m benchmarks.evidence
	$(BIN)/python -m benchmarks.fold
	$(BIN)/python -m benchmarks.receiver
	$(BIN)/python -m benchmarks.worker
	$(BIN)/python -m benchmarks.recalculation
	$(BIN)/python -m benchmarks.postgresql

bench-learn: $(INSTALLED) ## Measure what learning reaches on public data, beside its bars
	$(BIN)/python -m benchmarks.learn

lock: ## Pin every library anew, with hashes
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet 'pip-tools>=7.5'
	$(BIN)/pip-compile --quiet --extra dev --generate-hashes --strip-extras --allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file requirements.lock pyproject.toml

clean: ## Remove everything that was made
	rm -rf $(VENV) build dist .coverage* .mypy_cache .pytest_cache .ruff_cache .hypothesis
