# Every target sets up what it needs; only python3 (3.11 or newer), pip and make must be there.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
PEERS := $(VENV)/.peers
# Byte code is kept, also where the machine's environment says not to: the tests start some hundred
# processes, and without it each would compile all that it imports.
export PYTHONDONTWRITEBYTECODE :=
FRENCH := plugin/locale/fr/LC_MESSAGES/messages.po

.DEFAULT_GOAL := help
.PHONY: help install test coverage torture lint types check demo connector e2e-nodered strings screenshots bench bench-learn lock clean

help: ## Show this list
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(INSTALLED): pyproject.toml requirements.lock manifest.json $(FRENCH)
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PYTHON=python3.11 …")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

install: $(INSTALLED) ## Make the virtual environment with the locked libraries

demo: $(INSTALLED) ## Open the pages on an invented firm with half a year of history
	$(BIN)/maturo demo

# More workers than cores: much of the waiting is for disks and processes that the tests start.
test: $(INSTALLED) ## Run every test
	$(BIN)/pytest -n 5 --dist worksteal

coverage: $(INSTALLED) ## Run every test and measure what they reach (slower)
	$(BIN)/pytest -n 4 --dist worksteal --cov --cov-report=term:skip-covered --cov-fail-under=90

# Some twelve minutes on two quiet cores. More workers than cores, as for the tests.
torture: $(INSTALLED) ## Prove the promises at length: hundreds of kills, 10,000 histories, 100,000 contacts recalculated
	MATURO_TORTURE=1 MATURO_CONTACTS=100000 MATURO_HISTORIES=10000 MATURO_EXAMPLES=1000 $(BIN)/pytest -n 3 --dist worksteal \
		-k "test_f0 or test_f1 or test_s0 or test_n01 or test_n02 or test_n03 or test_r63 or test_invariants"

screenshots: $(INSTALLED) ## Take a picture of every page, in both languages, over the demo's firm (needs Chromium)
	$(BIN)/python tests/screenshots.py

strings: $(INSTALLED) ## Bring the sentences of the pages into the French catalogue
	@mkdir -p build
	$(BIN)/pybabel -q extract -F babel.cfg -k _l -k lazy_gettext --no-location --sort-output --no-wrap --omit-header -o build/messages.pot .
	$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap --omit-header -l fr -i build/messages.pot -o $(FRENCH)
	$(BIN)/python hatch_build.py

e2e-nodered: $(INSTALLED) ## Try signed webhooks both ways with a real Node-RED (needs node and npm; downloads 98 MB)
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
		npm install --silent --no-audit --no-fund --prefix "$$folder" node-red@4.1.8 && \
		PYTHONPATH=. $(BIN)/python tests/e2e/nodered.py "$$folder"

lint: $(INSTALLED) ## Check style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(INSTALLED) ## Check types
	$(BIN)/mypy

check: lint types test ## Everything that CI checks

bench: $(PEERS) ## Measure every bar beside its peers, some 20 minutes: a table, JSON and a picture
	$(BIN)/python -m benchmarks

bench-quick: $(PEERS) ## The same with small sizes, some two minutes on a quiet machine
	$(BIN)/python -m benchmarks --quick

# What the peers need comes beside the locked libraries, which stay as they are.
$(PEERS): $(INSTALLED)
	$(BIN)/pip install --quiet --no-build-isolation --editable '.[bench]'
	@touch $@

bench-learn: $(INSTALLED) ## Measure what learning reaches on public data, beside its bars
	$(BIN)/pip install --quiet --no-build-isolation --editable '.[bench]'
	$(BIN)/python -m benchmarks.learn

connector: ## Begin a connector for another platform: make connector NAME=acme [TO=..]
	@$(PYTHON) template/copy_template.py "$(NAME)" "$(or $(TO),.)"

lock: ## Pin every library anew, with hashes
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet 'pip-tools>=7.5'
	$(BIN)/pip-compile --quiet --extra dev --generate-hashes --strip-extras --allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file requirements.lock pyproject.toml

clean: ## Remove everything that was made
	rm -rf $(VENV) build dist .coverage* .mypy_cache .pytest_cache .ruff_cache .hypothesis
