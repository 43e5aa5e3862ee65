# One word each; `make` alone lists them.
PY := .venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help setup setup-test run test check fix bench golden pictures model lock package clean

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile

setup: ## .venv and the system packages that the program needs
	@packaging/setup.sh run

setup-test: ## the same, and real OBS, Xvfb and nginx-rtmp for the tests
	@packaging/setup.sh test

run: setup ## the assistant window on a rehearsal (no screen: the same show headless, with pictures)
	@$(PY) -m hostdesk --demo $(or $(SHOW),freeze618)

check: setup-test ## format, lint, types, import contract, unit tests
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	$(PY) -m pytest -q -n 2 tests/unit tests/shows tests/window tests/benchmarks

test: check ## everything, end to end against real OBS included
	$(PY) -m pytest -q tests/e2e tests/test_rules.py

fix: setup-test ## format and safe fixes
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

bench: setup ## the benchmarks
	$(PY) -m hostdesk bench

pictures: setup-test ## the pictures of docs/, taken from the real window under Xvfb
	$(PY) docs/take_pictures.py

model: setup ## train the comment model again: resources/model and docs/model.md (minutes)
	@packaging/model/run.sh

lock: setup ## write requirements.lock again from pyproject.toml
	$(PY) -m pip install --quiet uv
	.venv/bin/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -o requirements.lock

package: setup-test ## wheel and sdist in dist/, then the wheel is started with --selfcheck
	$(PY) packaging/build.py

clean: ## forget .venv and caches
	rm -rf .venv .venv-model build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
