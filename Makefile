# Two commands on a fresh machine: `make run` and `make test`. What they need they install, and only once.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python
# Arguments for pytest: make test ARGS="tests/embedded -x"
ARGS ?=
# How long `make soak` lets everything break.
MINUTES ?= 30
# Processes that share the tests, each with engines and a browser of its own; 0 runs all in this one.
WORKERS ?= 2
PYTEST := nice -n 5 $(BIN)/pytest --numprocesses $(WORKERS)

# A stamp is younger than what it was made from, so nothing is installed twice.
RUNTIME := $(VENV)/.runtime
DEVELOPMENT := $(VENV)/.development
PACKAGES := node_modules/.runtime
TOOLS := node_modules/.development
ASSETS := static/vendor/.made
CATALOGUE := translations/zh/LC_MESSAGES/messages
CATALOGUES := $(if $(wildcard $(CATALOGUE).po),$(CATALOGUE).mo)

.PHONY: help run start test test-fast test-debian soak check bench audit format requirements assets translations migrate setup setup-tests

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | sort | awk -F ':.*?## ' '{printf "  make %-14s %s\n", $$1, $$2}'

run: setup ## Set up everything and start it, with demo data if the database is empty
	@exec $(RUN) app.py serve --demo

start: setup ## Set up everything and start it empty; the terminal shows the first administrator's code
	@exec $(RUN) app.py serve --no-demo

setup: $(RUNTIME) $(ASSETS) $(CATALOGUES) ## Set up what `run` and `start` need, and start nothing

test: setup-tests ## Set up and run all tests, browsers included
	$(PYTEST) -m "not soak" $(ARGS)

test-fast: setup-tests ## Run the tests that need no browser
	$(PYTEST) -m "not soak and not browser" $(ARGS)

# What depends on the database and takes less than two minutes there.
DATABASE_TESTS := tests/test_migrations.py $(addprefix tests/,assignment complaints contract conversations core customers \
	embedded queues reporting tickets workers)

test-debian: setup-tests ## Run the tests of what the database does on Debian's PostgreSQL 15 and Redis
	@test -x /usr/lib/postgresql/15/bin/postgres -a -x /usr/bin/redis-server \
		|| { echo "No PostgreSQL 15 or Redis of Debian's here: apt install postgresql-15 redis-server" >&2; exit 1; }
	CC_PG_BIN=/usr/lib/postgresql/15/bin CC_VALKEY_BIN=/usr/bin/redis-server \
		$(PYTEST) -m "not soak and not browser" $(DATABASE_TESTS) $(ARGS)

soak: setup-tests ## Let everything break for half an hour while people write (MINUTES=30), then the tests that take long
	$(RUN) -m tests.fire --minutes $(MINUTES)
	$(RUN) -m tests.fire.lines
	$(RUN) -m tests.machines
	$(BIN)/pytest -m soak $(ARGS)

setup-tests: $(DEVELOPMENT) $(TOOLS) $(ASSETS) $(CATALOGUES)
	@VENV=$(VENV) tools/system-packages.sh chromium dovecot machines

check: $(DEVELOPMENT) $(TOOLS) $(ASSETS) ## Check style, types, imports, templates, scripts, translations, sizes
	@tools/check.sh

bench: $(DEVELOPMENT) ## Measure how fast the parts are: one table (ARGS=--long: minutes more, a million tickets)
	@$(RUN) -m benchmarks $(ARGS)

audit: $(DEVELOPMENT) $(TOOLS) ## Ask the registries about known holes in what we use
	$(BIN)/uv run --no-project --with pip-audit pip-audit --requirement requirements.txt --disable-pip
	PATH="$$(tools/node.sh):$$PATH" npm audit --omit=dev

requirements: $(DEVELOPMENT) ## Compile requirements*.txt from requirements*.in, with hashes
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-index-url --no-annotate requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-index-url --no-annotate requirements-dev.in -o requirements-dev.txt

assets: $(PACKAGES) ## Copy scripts and fonts to static/vendor and build the icon sprite
	@$(RUN) tools/assets.py
	@touch $(ASSETS)

translations: $(DEVELOPMENT) ## Take new messages into the Chinese catalogue; FILL=file.json fills them in
	@$(RUN) tools/translations.py $(if $(FILL),fill $(FILL),update)

format: $(DEVELOPMENT) $(TOOLS) ## Lay out Python, scripts and style sheets as `make check` wants them
	@$(BIN)/ruff format -q .
	@PATH="$$(tools/node.sh):$$PATH" node_modules/.bin/biome format --write static

migrate: $(RUNTIME) ## Bring the database of DATABASE_URL (or the embedded one) to the newest schema
	@$(RUN) app.py migrate

$(RUN):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Candor needs Python 3.11 or newer; try: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
		|| { echo "Python's venv is missing; Debian: apt install python3-venv" >&2; exit 1; }

$(RUNTIME): requirements.txt | $(RUN)
	@echo "Installing Python packages …"
	@$(RUN) -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(DEVELOPMENT): requirements-dev.txt $(RUNTIME)
	@echo "Installing what the tests need …"
	@$(RUN) -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

$(PACKAGES): package-lock.json $(RUNTIME)
	@echo "Installing JavaScript packages …"
	@PATH="$$(VENV=$(VENV) tools/node.sh):$$PATH" npm ci --silent --omit=dev
	@rm -f $(TOOLS); touch $@

$(TOOLS): package-lock.json $(RUNTIME)
	@echo "Installing JavaScript packages and tools …"
	@PATH="$$(VENV=$(VENV) tools/node.sh):$$PATH" npm ci --silent
	@touch $(PACKAGES) $@

$(ASSETS): $(PACKAGES) tools/assets.py tools/icons.txt tools/vendor.sha256
	@$(RUN) tools/assets.py
	@touch $@

%.mo: %.po $(RUNTIME)
	@$(BIN)/pybabel -q compile -i $< -o $@
