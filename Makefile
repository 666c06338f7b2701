# Every target does its own set-up; a fresh machine needs git, make, Python 3.11-3.13 with venv, and a package registry.
.DEFAULT_GOAL := help
.PHONY: help run test check test-all variants documents fuzz score mutate kill incremental wheels bench bench-read bench-memory bench-rules bench-county derive lock lint format types contracts fresh clean

YEAR ?= 2020
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
PREFECT_READY := .prefect/.ready
VERSIONS := 3.11 3.12 3.13
PYTEST ?= -n 2 --dist loadfile

export PREFECT_HOME := $(CURDIR)/.prefect
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS := 120
export DO_NOT_TRACK := 1
export GX_ANALYTICS_ENABLED := false

IN_RANGE := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
FIND_PYTHON = for python in $(PYTHON) python3.11 python3.12 python3.13 python3 python; do \
	"$$python" -c '$(IN_RANGE)' 2>/dev/null && { echo "$$python"; break; }; done

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(INSTALLED) $(PREFECT_READY) ## consolidate input/2020 into output/2020 (another year: make run YEAR=2021)
	@$(BIN)/county-budget run $(YEAR); code=$$?; \
	if [ $$code -eq 1 ]; then echo "Published; bodies or tables with errors are withheld (exit code 1)."; code=0; fi; \
	exit $$code

test: $(INSTALLED) $(PREFECT_READY) ## run the tests
	$(BIN)/python -m pytest $(PYTEST)

variants: $(INSTALLED) ## read N layout variants (default 10,000) and print a tally
	$(BIN)/python -m tests.variants $(or $(N),10000)

fuzz: $(INSTALLED) ## read N mutants of workbooks (default 10,000)
	$(BIN)/python -m tests.variants.fuzz $(or $(N),10000)

documents: $(INSTALLED) ## draw N disclosure documents (default 1,000) and read their figures back
	$(BIN)/python -m tests.drawn_documents $(or $(N),1000)

check: lint types contracts fresh test ## everything CI asks of a change

lint: $(INSTALLED) ## style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(INSTALLED) ## static types
	$(BIN)/mypy

contracts: $(INSTALLED) ## which package may import which
	$(BIN)/lint-imports

fresh: $(INSTALLED) ## are the derived files those the definitions give?
	$(BIN)/python -m expectations.schema --check

derive: $(INSTALLED) ## write the derived files again
	$(BIN)/python -m expectations.schema
	$(BIN)/python -m expectations.catalogue

format: $(INSTALLED) ## put the code into its format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

score: $(INSTALLED) ## plant defects in sample counties and write docs/score.md (some minutes)
	$(BIN)/python -m tests.score

mutate: $(INSTALLED) ## remove or weaken each rule and see that a test notices (some minutes)
	$(BIN)/python -m tests.mutate_rules

test-all: ## run the tests on every supported Python found here (on the path or in pyenv)
	@skipped=; for version in $(VERSIONS); do found=; \
	for python in python$$version "$$(pyenv root 2>/dev/null)"/versions/$$version.*/bin/python; do \
		"$$python" -c '$(IN_RANGE)' 2>/dev/null && found=$$python; \
	done; \
	if [ -z "$$found" ]; then skipped="$$skipped $$version"; continue; fi; \
	echo "== Python $$version ($$found)"; \
	$(MAKE) --no-print-directory test VENV=.venv-$$version PYTHON="$$found" || exit 1; \
	done; \
	if [ -n "$$skipped" ]; then echo "Skipped, not found here: Python$$skipped"; fi

bench: $(INSTALLED) $(PREFECT_READY) ## measure whole runs beside python-calamine and pandas (SIZES="100 1000 1000L 10000")
	$(BIN)/python -m benchmarks.bench $(SIZES)

kill: $(INSTALLED) ## kill runs with signal 9 at fifty moments and count what they damage (some minutes)
	$(BIN)/python -m tests.kill

incremental: $(INSTALLED) ## change each kind of input and definition and compare the next run with a cold one (some minutes)
	$(BIN)/python -m tests.incremental

bench-read: $(INSTALLED) ## measure reading beside python-calamine, openpyxl and pandas
	$(BIN)/python -m benchmarks.read

bench-memory: $(INSTALLED) ## measure peak memory and time of reading workbooks of a million cells
	$(BIN)/python -m benchmarks.memory

bench-rules: $(INSTALLED) ## measure the rules beside reading, and on ten thousand bodies
	$(BIN)/python -m benchmarks.rules

bench-county: $(INSTALLED) $(PREFECT_READY) ## measure the page and the workbook of a county of 1,000 units (some minutes)
	$(BIN)/python -m benchmarks.county

wheels: $(INSTALLED) ## gather into wheels/ all that an installation without network needs (same system and Python)
	rm -rf wheels
	$(BIN)/python -m pip download -qq --disable-pip-version-check --require-hashes -r requirements.lock -d wheels
	$(BIN)/python -m pip wheel -qq --disable-pip-version-check --no-deps --no-build-isolation -w wheels .
	@cp requirements.lock wheels/
	@echo "wheels/: $$(ls wheels | wc -l) files. How to install from it: docs/operations.md"

lock: $(INSTALLED) ## resolve pyproject.toml again into requirements.lock (needs uv)
	uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 --all-extras \
		--generate-hashes --no-annotate --no-header --no-emit-index-url --output-file requirements.lock

clean: ## remove what set-up and runs have made, except output/
	rm -rf .venv .venv-* .prefect .pytest_cache .mypy_cache .ruff_cache .hypothesis build *.egg-info

$(INSTALLED): requirements.lock pyproject.toml
	@python=$$($(FIND_PYTHON)); \
	if [ -z "$$python" ]; then \
		echo "No Python from 3.11 to 3.13 with the venv module was found; install one or name it: make PYTHON=/path/to/python3.12" >&2; \
		exit 2; \
	fi; \
	echo "Setting up $(VENV) with $$("$$python" --version): a minute or two ..."; \
	"$$python" -m venv --clear $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(PREFECT_READY): $(INSTALLED)
	@mkdir -p .prefect
	@$(BIN)/prefect server database upgrade -y >/dev/null
	@touch $@
