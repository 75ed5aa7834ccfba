# Each target does all of its own set-up. Needs: Python >= 3.11, make, git.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
export PYTHONDONTWRITEBYTECODE = 1
# The CDK warns of Node 20 for its age; CI runs on it.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION = 20
.DEFAULT_GOAL := help
.PHONY: help demo gamedays test test-browser lint bench bench-anomaly chaos tamper lock generate clean iam soak soak-detect sources

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: .venv/ready .venv-engine/ready build/layers/ready ## watch a bad release being rolled back, from alarm to audit
	$(BIN)/edsr demo

gamedays: .venv/ready .venv-engine/ready build/layers/ready ## incidents made on purpose, from event to report (minutes); reports go to build/gamedays/
	$(BIN)/edsr gameday run --all

test: .venv/ready .venv-engine/ready build/layers/ready ## every test
	$(BIN)/pytest -n 3

test-browser: .venv/browser .venv-engine/ready build/layers/ready ## the console in a real browser; its pictures go to build/screenshots/
	$(BIN)/pytest -n 0 -rs -m browser tests/browser

lint: .venv/ready ## style, types, security
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy functions layers/core/python/edsr infra cli tests
	$(BIN)/bandit -q -c pyproject.toml -r functions layers/core infra cli
	$(BIN)/edsr policy lint

bench: .venv/ready ## measure; figures go to build/
	$(BIN)/python -m tests.bench

bench-anomaly: .venv/ready ## measure the anomaly detector on labelled series; figures go to build/
	$(BIN)/python -m tests.bench.anomaly

chaos: .venv/ready ## every interleaving and crash within the deep bound, and every seeded bug (a quarter of an hour on two cores)
	$(BIN)/python -m tests.chaos

tamper: .venv/ready ## every way to tamper with the audit, at every position
	$(BIN)/python -m tests.tamper

iam: .venv/ready build/layers/ready ## every call against the role of the function that made it, and every permission denied once
	$(BIN)/python -m tests.proof
	$(BIN)/pytest -n 2 -m iam tests/proof

soak: .venv/ready .venv-engine/ready build/layers/ready ## the suite under fire in the sandbox: nothing done twice, nothing lost (minutes)
	$(BIN)/pytest -m soak tests/soak tests/flow
	$(BIN)/python -m tests.soak

sources: .venv/ready ## what every source makes of the recorded events, where they are beside the repository
	$(BIN)/python -m tests.recorded

soak-detect: .venv/ready .venv-engine/ready build/layers/ready ## 10,000 mixed events as fast as the sandbox takes them: none lost, counts exact
	$(BIN)/python -u -m tests.soak.detection

generate: .venv/ready ## write what is generated and checked in
	$(BIN)/python -m cli.generate

COMPILE = $(BIN)/uv pip compile -q --universal --upgrade --generate-hashes --no-emit-index-url --no-header \
	--python-version 3.11
lock: .venv/ready ## choose newer versions of what is installed
	$(COMPILE) pyproject.toml --group test --group lint --group build -o locks/dev.txt
	for f in locks/uv locks/engine locks/browser layers/deps/requirements layers/sdk/requirements; do \
		$(COMPILE) $$f.in -o $$f.txt || exit 1; done

clean: ## remove everything that was made here
	-test ! -x $(BIN)/edsr || $(BIN)/edsr down
	rm -rf .venv .venv-engine .edsr build cdk.out node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# uv installs in seconds; where it cannot reach its index (it does not read pip's settings), pip does the same slowly.
.venv/uv: locks/uv.txt
	@test -n "$(PYTHON)" || { echo "No Python >= 3.11 was found: install one, or say make PYTHON=/path/to/python" >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r locks/uv.txt
	@touch $@

.venv/ready: .venv/uv locks/dev.txt pyproject.toml
	$(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python --require-hashes -r locks/dev.txt \
		|| $(BIN)/python -m pip install -q --require-hashes -r locks/dev.txt
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation --no-index -e .
	@touch $@

# What drives a browser, and one where this machine has none; the tests are skipped where neither can be had.
.venv/browser: .venv/ready locks/browser.txt
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r locks/browser.txt \
		|| $(BIN)/python -m pip install -q --require-hashes -r locks/browser.txt
	$(BIN)/python -m tests.browser.chromium
	@touch $@

# The third-party layers, for Lambda and for this machine: fetched here once, so that synth needs no network.
build/layers/ready: .venv/ready layers/deps/requirements.txt layers/sdk/requirements.txt
	$(BIN)/python -m infra.bundles
	@touch $@

.venv-engine/ready: .venv/uv locks/engine.txt
	$(PYTHON) -m venv --clear .venv-engine
	$(BIN)/uv pip install -q --compile-bytecode --python .venv-engine/bin/python --require-hashes -r locks/engine.txt \
		|| .venv-engine/bin/python -m pip install -q --require-hashes -r locks/engine.txt
	@touch $@
