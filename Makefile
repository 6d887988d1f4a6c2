# `make serve` and `make test` do all of the set-up that they need on a machine with Python >= 3.11.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PORT   ?= 8000
export PIP_DISABLE_PIP_VERSION_CHECK = 1

JUDGES := sssom cff
.DEFAULT_GOAL := help
.PHONY: help serve build test test-browser test-fast lint lock frontend bench bench-endpoint conformance clean

help:  ## say what there is
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

$(VENV)/.runtime: requirements.lock requirements-build.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("fundgraph needs Python 3.11 or newer, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --require-hashes -r requirements-build.lock
	$(BIN)/python -m pip install -q --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q src
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	$(BIN)/python -m pip install -q --require-hashes -r requirements-dev.lock
	@touch $@

serve: $(VENV)/.runtime  ## build the graph from data/ and serve it on http://127.0.0.1:8000
	$(BIN)/fundgraph build
	$(BIN)/fundgraph serve --port $(PORT)

build: $(VENV)/.runtime  ## build the graph from data/
	$(BIN)/fundgraph build

test: $(VENV)/.dev $(JUDGES:%=$(VENV)/.%)  ## every test, with all that they need
	sh .ci/packages
	$(MAKE) lint
	PATH="$(abspath $(VENV))/sssom/bin:$(abspath $(VENV))/cff/bin:$$PATH" $(BIN)/python -m pytest -n 2 --dist loadgroup

test-browser: $(VENV)/.dev  ## the pages in Chromium
	sh .ci/packages
	$(BIN)/python -m pytest -m browser

# Tools that judge what we write, each in an environment of its own: they need other versions than we do.
$(JUDGES:%=$(VENV)/.%): $(VENV)/.%: requirements-%.lock
	test -x $(VENV)/$*/bin/python || $(PYTHON) -m venv $(VENV)/$*
	$(VENV)/$*/bin/python -m pip install -q --require-hashes -r $<
	@touch $@

test-fast: $(VENV)/.dev  ## the tests for daily work, under a minute
	$(BIN)/python -m pytest -q -n 2 --dist loadgroup -m "not slow and not browser and not npm"

lint: $(VENV)/.dev  ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lock:  ## make the lock files again from pyproject.toml (needs uv)
	uv pip compile -q --universal --no-emit-index-url --no-emit-find-links --generate-hashes --no-header --python-version 3.11 pyproject.toml -o requirements.lock
	uv pip compile -q --universal --no-emit-index-url --no-emit-find-links --generate-hashes --no-header --python-version 3.11 --group build -o requirements-build.lock
	uv pip compile -q --universal --no-emit-index-url --no-emit-find-links --generate-hashes --no-header --python-version 3.11 pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	uv pip compile -q --universal --no-emit-index-url --no-emit-find-links --generate-hashes --no-header --python-version 3.11 --group peers -o requirements-peers.lock
	uv pip compile -q --universal --no-emit-index-url --no-emit-find-links --generate-hashes --no-header --python-version 3.11 --group sssom -o requirements-sssom.lock
	uv pip compile -q --universal --no-emit-index-url --no-emit-find-links --generate-hashes --no-header --python-version 3.11 --group cff -o requirements-cff.lock

frontend:  ## build the scripts and styles in src/fundgraph/web/static/ again
	cd frontend && npm ci --no-audit --no-fund && npm run build

bench: $(VENV)/.dev  ## the measures, as tables
	for script in first_light reading_pages reading_speed reading_records inference validation pages exports; do $(BIN)/python benchmarks/$$script.py || exit 1; done

$(VENV)/.peers: requirements-peers.lock
	$(PYTHON) -m venv $(VENV)/peers
	$(VENV)/peers/bin/python -m pip install -q --require-hashes -r requirements-peers.lock
	@touch $@

# SECONDS for each cell of the table, MINUTES of the soak; smaller ones show that it works, and measure little.
SECONDS ?= 2
MINUTES ?= 10
bench-endpoint: $(VENV)/.dev  ## the endpoint against other servers, with wrk, and a soak of ten minutes
	-sh .ci/packages bench
	-$(MAKE) $(VENV)/.peers
	RDFLIB_ENDPOINT="$(abspath $(VENV))/peers/bin/rdflib-endpoint" $(BIN)/python benchmarks/endpoint.py --seconds $(SECONDS)
	$(BIN)/python benchmarks/soak.py --minutes $(MINUTES)

conformance: $(VENV)/.dev  ## the W3C cases of OWL 2 RL, SHACL, SPARQL and RDFC-1.0; rewrites the tables in docs/conformance.md
	$(BIN)/python benchmarks/conformance_owl.py
	$(BIN)/python benchmarks/conformance_shacl.py
	$(BIN)/python benchmarks/conformance_sparql.py
	$(BIN)/python benchmarks/conformance_canon.py

clean:  ## remove what was made
	rm -rf build $(VENV) .pytest_cache .mypy_cache .ruff_cache
