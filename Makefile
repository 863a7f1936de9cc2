# Two commands do all their own set-up: `make demo` and `make test`. PYTHON=/path/to/python chooses the interpreter.

VENV := .venv/bin
export PYTHON

.PHONY: help demo test lint bench install install-dev clean

help:
	@echo "make demo   install, train, and serve one recorded caller end to end"
	@echo "make test   install with the test tools, and run the tests"
	@echo "make lint   ruff and mypy --strict"
	@echo "make bench  the figures that the README quotes"
	@echo "make clean  remove .venv and the tools' caches (the state in var/ stays)"

demo: install
	@$(VENV)/voicebot train
	@$(VENV)/voicebot demo

test: install-dev
	@$(VENV)/python -m pytest

lint: install-dev
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .
	@$(VENV)/mypy

bench: install-dev
	@$(VENV)/python -m bench

install:
	@.ci/setup.sh

install-dev:
	@.ci/setup.sh dev

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis voicebot.egg-info
