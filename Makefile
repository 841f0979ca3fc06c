# Everything one needs to try, test and check SkyClust. Needs Python 3.11 or newer and make; the rest it sets up itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
# Real Kubernetes control plane for tests, if this machine has one where envtest's users put it.
KUBEBUILDER_ASSETS ?= $(wildcard $(abspath ../shared/kubebuilder/bin))
ifneq ($(KUBEBUILDER_ASSETS),)
export KUBEBUILDER_ASSETS
endif
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Hundreds of processes start in the tests: without its bytecode each would compile the whole product anew.
export PYTHONDONTWRITEBYTECODE :=
export PIP_ROOT_USER_ACTION := ignore

.DEFAULT_GOAL := help
.PHONY: help setup web client demo test check sim soak bench lock clean

help: ## what one can ask for
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/run.stamp: requirements/run.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "Python 3.11+ with the venv module is needed (set PYTHON=...)."; exit 1; }
	@echo "Installing the locked packages (about a minute the first time) ..."
	@$(BIN)/python -m pip install -q --require-hashes -r requirements/run.lock
	@$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.lock $(VENV)/run.stamp
	@echo "Installing the locked development packages ..."
	@$(BIN)/python -m pip install -q --require-hashes -r requirements/dev.lock
	@touch $@

# The OpenID provider of the tests; without npm they say so and are skipped.
$(VENV)/oidc.stamp: tests/oidc/package-lock.json $(VENV)/dev.stamp
	@if command -v npm >/dev/null; then npm ci --silent --prefix tests/oidc; else echo "npm is not installed: tests of single sign-on are skipped"; fi
	@touch $@

# The browser of the console's tests; where it can be neither found nor installed, they say so and are skipped.
$(VENV)/browser.stamp: $(VENV)/dev.stamp
	@command -v chromium >/dev/null \
	  || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && echo "Installing Chromium and a Korean font ..." \
	  && apt-get update -qq && apt-get install -y -qq chromium fonts-noto-cjk >/dev/null; } \
	  || echo "Chromium is not installed: tests of the web console are skipped (apt-get install chromium fonts-noto-cjk)"
	@touch $@

# The console's packages, and the console built into the Python package. Without npm everything else works.
CONSOLE := src/skyclust/entrypoints/console_files
WEB_SOURCES := $(shell git ls-files web 2>/dev/null)
NO_NPM := "npm is not installed: the web console is left out. Install Node.js 20 or newer (https://nodejs.org) and run make web"

web/node_modules/.stamp: web/package-lock.json
	@npm ci --silent --prefix web
	@touch $@

$(CONSOLE)/manifest.json: $(WEB_SOURCES) web/node_modules/.stamp
	@echo "Building the web console (half a minute) ..."
	@npm run --silent --prefix web build

ifneq ($(shell command -v npm),)
web: $(CONSOLE)/manifest.json ## the web console, built from web/ into the Python package (needs npm)
else
web:
	@echo $(NO_NPM)
endif

client: $(VENV)/run.stamp web/node_modules/.stamp ## the console's client, written anew after a change of the API
	@$(BIN)/python -m skyclust.entrypoints.openapi | npm run --silent --prefix web generate

setup: $(VENV)/dev.stamp ## a virtual environment with the locked packages

demo: $(VENV)/run.stamp web ## an EKS, a GKE and an AKS cluster in simulated clouds, side by side (ARGS=--exit to stop after that)
	@$(BIN)/python -m skyclust.entrypoints.demo $(ARGS)

# Four at once on two cores: many journeys wait for leases and restarts, and cost no processor time meanwhile.
test: $(VENV)/dev.stamp $(VENV)/oidc.stamp $(VENV)/browser.stamp web ## all tests, ten to twenty-five minutes on two cores
	@$(BIN)/python -m pytest -q -n 4 --dist loadgroup $(ARGS)

check: $(VENV)/dev.stamp ## lint, format, types, layers, security, own rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check -q .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/bandit -q -ll -c pyproject.toml -r src
	@$(BIN)/python -m checks
	@if command -v npm >/dev/null; then $(MAKE) -s web/node_modules/.stamp && npm run --silent --prefix web check; else echo $(NO_NPM); fi

sim: $(VENV)/dev.stamp ## SEEDS=n histories of the real engine on the simulated cloud (FIRST=k starts with another seed)
	@$(BIN)/python -m soak sim --seeds $(or $(SEEDS),2000) --first $(or $(FIRST),0) $(ARGS)

soak: $(VENV)/dev.stamp ## the long proofs: 100,000 simulated histories, killed processes, every call gone wrong (hours)
	@$(BIN)/python -m soak all

bench: $(VENV)/dev.stamp ## figures of docs/performance.md, measured on this machine
	@$(BIN)/python -m benchmarks $(ARGS)

lock: setup ## resolve the dependencies anew, with hashes and without index addresses
	@$(BIN)/python -m pip install -q uv
	@$(BIN)/uv pip compile pyproject.toml --extra sandbox --extra nats --extra redis --extra build $(UV) -o requirements/run.lock
	@$(BIN)/uv pip compile pyproject.toml --all-extras -c requirements/run.lock $(UV) -o requirements/dev.lock
UV := --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-annotate --no-header -q

clean: ## remove the environment and caches, not your data
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis dist
