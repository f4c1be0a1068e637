# The daily commands. `make demo` and `make test` set everything up themselves; a second time the set-up does nothing.

SHELL := /bin/bash
VENV ?= .venv
DEMO ?= $(firstword $(sort $(wildcard fixtures/*.json)))
BIND ?= 127.0.0.1:8000
# How many random rulebooks `make fuzz` tries.
RULEBOOKS ?= 200

BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

# The first Python of 3.11 or 3.12 that runs; durable_rules does not import on 3.13.
PYTHON ?= $(shell for python in python3.11 python3.12 python3; do \
	"$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null && echo "$$python" && break; done)

.DEFAULT_GOAL := help
.PHONY: help setup demo test check cases lint types imports unit spark serve bench fuzz pages lock clean

help:  ## Show the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(INSTALLED)  ## Make the environment in .venv

$(INSTALLED): requirements-dev.lock pyproject.toml
	@if [ -z "$(PYTHON)" ]; then \
		echo "Shebao needs Python 3.11 or 3.12, and none was found."; \
		echo "On Debian 12:     sudo apt-get install python3 python3-venv python3-dev gcc"; \
		echo "On Ubuntu 24.04:  sudo apt-get install python3.12 python3.12-venv python3.12-dev gcc"; \
		echo "Elsewhere install one with pyenv or uv, then: make setup PYTHON=/path/to/python3.12"; exit 1; fi
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) has no venv module. On Debian and Ubuntu: sudo apt-get install python3-venv"; exit 1; }
	@command -v gcc >/dev/null || command -v cc >/dev/null || { \
		echo "A C compiler is needed to build durable_rules. On Debian and Ubuntu: sudo apt-get install gcc python3-dev"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(INSTALLED)  ## Evaluate one real case and explain it
	@test -n "$(DEMO)" || { echo "There is no case in fixtures/. Name one: make demo DEMO=case.json"; exit 1; }
	$(BIN)/shebao evaluate $(DEMO)
	@echo
	@echo "That was $(DEMO). In English: $(BIN)/shebao evaluate $(DEMO) --lang en"
	@echo "Now start the service with 'make serve', and ask it the same:"
	@echo "  curl -s http://$(BIND)/v1/evaluate -H 'Content-Type: application/json' -d @$(DEMO)"
	@echo "The interface: http://$(BIND)/openapi.json"

test: lint types imports check cases unit  ## Everything that must hold: lint, types, imports, rules, rule cases, pytest

lint: $(INSTALLED)  ## Style and likely mistakes (ruff)
	$(BIN)/ruff check .

types: $(INSTALLED)  ## Strict types (mypy)
	$(BIN)/mypy

imports: $(INSTALLED)  ## Which room may import which (import-linter)
	$(BIN)/lint-imports

check: $(INSTALLED)  ## Check every rule file, on every date and in every region
	$(BIN)/shebao check

cases: $(INSTALLED)  ## Run the rule cases
	$(BIN)/shebao test

unit: $(INSTALLED)  ## The tests (pytest)
	$(BIN)/python -m pytest -q -n auto --dist worksteal

$(INSTALLED)-spark: $(INSTALLED) requirements-spark.lock
	@command -v java >/dev/null || { echo "Spark needs Java. On Debian and Ubuntu: sudo apt-get install openjdk-17-jre-headless"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-spark.lock
	@touch $@

spark: $(INSTALLED)-spark  ## The tests of populations on a Spark cluster of this machine (needs Java 17)
	$(BIN)/python -m pytest -q tests/population/spark

serve: $(INSTALLED)  ## Serve the interface
	$(BIN)/shebao serve --bind $(BIND)

bench: $(INSTALLED)  ## Measure the service beside its peers (needs wrk)
	$(BIN)/python -m bench.api
	$(BIN)/python -m bench.inprocess

fuzz: $(INSTALLED)  ## Hostile and generated requests, and random rules compiled and exact
	$(BIN)/python -m pytest -q tests/api/test_hostile.py
	SHEBAO_FUZZ=$(RULEBOOKS) $(BIN)/python -m pytest -q tests/population/kernel/test_random.py

pages: $(INSTALLED)  ## Write the generated pages of docs/ and the editors' schemas again
	$(BIN)/python -m docs.make_functions
	$(BIN)/python -m docs.make_checks
	$(BIN)/python -m docs.make_unverified
	$(BIN)/python -m docs.make_coverage
	$(BIN)/python -m docs.make_interactions
	$(BIN)/shebao schemas --out editor

# `make lock` keeps what still fits; `make lock UPGRADE=--upgrade` takes the newest versions.
PIP_COMPILE = CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/python -m piptools compile --quiet $(UPGRADE) --strip-extras --allow-unsafe \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options
lock: $(INSTALLED)  ## Pin the dependencies again; with UPGRADE=--upgrade to their newest versions
	$(PIP_COMPILE) --output-file requirements.lock pyproject.toml
	$(PIP_COMPILE) --extra dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml
	$(PIP_COMPILE) --extra spark --constraint requirements-dev.lock --output-file requirements-spark.lock pyproject.toml

clean:  ## Remove everything that was made
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
