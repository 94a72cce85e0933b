# Hinomi 火の見. `make` alone says what there is.
#
# Every target builds what it needs: a virtual environment in .venv, from requirements.lock, with every package checked
# against its hash. Where packages come from is for the machine's pip configuration to say (a mirror, a folder of wheels).

.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

# The first of these that is new enough; `make PYTHON=/path/to/python3.12` chooses another.
ifeq ($(origin PYTHON),undefined)
PYTHON := $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
endif
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PACKAGES := core parsers store ingest detections simulator dashboards api cli
IMAGE ?= hinomi

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help
help: ## this list
	@echo 'Hinomi: log analysis for the security clouds of Japanese municipalities'
	@echo
	@echo 'Start here:  make demo     a prefecture that does not exist: its logs, its alerts, its pages'
	@echo '             make test     the tests'
	@echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-12s %s\n", $$1, $$2 }'
	@echo
	@echo 'Arguments:   make demo DEMO_ARGS=--no-serve     ends after the summary instead of serving the pages'
	@echo '             make test TEST_ARGS="-k fortigate"  any arguments of pytest'
	@echo '             make test TEST_TZ=America/New_York  with another clock; results may not change'
	@echo '             make bench BENCH_ARGS=parse         one of the measurements'

.PHONY: demo
demo: $(READY) ## simulate a prefecture, ingest, detect, then serve API and pages (DEMO_ARGS)
	@$(BIN)/hinomi demo $(DEMO_ARGS)

.PHONY: test
test: $(READY) ## all tests but the long ones (TEST_ARGS, TEST_TZ)
	@$(if $(TEST_TZ),TZ=$(TEST_TZ) )$(BIN)/python -m pytest --numprocesses auto --dist loadscope $(TEST_ARGS)

.PHONY: test-long
test-long: $(READY) ## the long tests: more trials, kills, a whole prefecture (TEST_ARGS)
	@$(BIN)/python -m pytest --numprocesses auto -m long $(TEST_ARGS)

.PHONY: fuzz
fuzz: $(READY) ## coverage-guided fuzzing of the formats, 20 s each (FUZZ_ARGS, e.g. "squid -max_total_time=600")
	@$(BIN)/python -m pip install -qq --require-hashes --no-deps --requirement .ci/fuzz.lock
	@$(BIN)/python -m tests.parsers.fuzz $(FUZZ_ARGS)

.PHONY: check
check: $(READY) ## style, types, layers, and what the tree promises about itself
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/architecture

.PHONY: format
format: $(READY) ## put imports and layout in order
	$(BIN)/ruff check --fix-only --select I,UP .
	$(BIN)/ruff format .

.PHONY: bench
bench: $(READY) ## what it reaches on this machine (BENCH_ARGS)
	@$(BIN)/hinomi bench $(BENCH_ARGS)

.PHONY: image
image: ## a container image (needs docker, or IMAGE_BUILDER=podman)
	$(or $(IMAGE_BUILDER),docker) build --tag $(IMAGE) .

.PHONY: lock
lock: ## resolve requirements.lock afresh (needs the network)
	@test -n '$(PYTHON)' || { $(too_old); }
	$(PYTHON) .ci/lock

.PHONY: clean
clean: ## remove what was built: .venv, caches, distributions; never a store
	rm -rf $(VENV) dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage
	find $(PACKAGES) tests -type d -name __pycache__ -prune -exec rm -rf {} +

define too_old
echo "Hinomi needs Python 3.11 or newer, and found none: python3 here is $$(python3 --version 2>&1 || true)." >&2; \
	echo "Install one (Debian 12: apt-get install python3 python3-venv), or name it: make PYTHON=/path/to/python3.12" >&2; \
	exit 1
endef

# A change of the lock installs what changed into the same environment. What fails half-way is not marked as ready.
$(READY): requirements.lock pyproject.toml
	@test -n '$(PYTHON)' || { $(too_old); }
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
		echo "Setting up $(VENV) with $$($(PYTHON) --version 2>&1)" >&2; \
		rm -rf $(VENV); \
		$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
			echo 'Could not make a virtual environment (Debian: apt-get install python3-venv).' >&2; exit 1; }; \
	fi
	@echo 'Installing the packages of requirements.lock, each checked against its hash (about a minute) ...' >&2
	@$(BIN)/python -m pip install -qq --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --editable .
	@touch $@
