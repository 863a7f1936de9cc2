# Two commands do all their own set-up: `make demo` and `make test`. PYTHON=/path/to/python chooses the interpreter.

VENV := .venv/bin
export PYTHON RASA_PYTHON

.PHONY: help demo test lint bench rasa rasa-model install install-dev clean

help:
	@echo "make demo   install, train, and serve one recorded caller end to end"
	@echo "make test   install with the test tools, and run the tests"
	@echo "make lint   ruff and mypy --strict"
	@echo "make bench  the figures that the README quotes"
	@echo "make rasa   install Rasa into .venv-rasa, train it on nlu_data, and serve it on this machine (docs/nlu.md)"
	@echo "make clean  remove .venv, .venv-rasa and the tools' caches (the state in var/ stays)"

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

rasa: rasa-model
	@$(VENV)/voicebot rasa serve

rasa-model: install
	@.ci/rasa.sh
	@$(VENV)/voicebot rasa train

install:
	@.ci/setup.sh

install-dev:
	@.ci/setup.sh dev

clean:
	rm -rf .venv .venv-rasa .mypy_cache .ruff_cache .pytest_cache .hypothesis voicebot.egg-info
