# Everything runs from $(VENV), made here from nothing but python3 with its venv module and pip.
# What the tools keep goes to .cache. A second interpreter: make test PYTHON=python3.13 VENV=.cache/python3.13

PYTHON ?= python3
VENV ?= .venv
JOBS ?= 2

BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TOOLS := $(VENV)/.tools
PINNED := -c constraints.txt
WANTED := -e '.[fast,plots,arb,onnx,dask,pdf]'
CACHE := $(CURDIR)/.cache

export MPLCONFIGDIR ?= $(CACHE)/matplotlib
export NUMBA_CACHE_DIR ?= $(CACHE)/numba

.PHONY: report test test-quick lint docs coq env tools constraints clean

report: env
	$(BIN)/supverify report

test: tools
	$(BIN)/python -m pytest -n $(JOBS)

test-quick: tools
	$(BIN)/python -m pytest -m 'not slow'

lint: tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The documentation as a site that needs no network.
docs: tools
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict
	@echo .cache/site/index.html

# Compiles the checker of exported networks and every proof in proofs/coq, and prints what they assume.
coq:
	@command -v coqc >/dev/null || { echo "make: not checked by Coq: coqc not found" >&2; exit 2; }
	@rm -rf $(CACHE)/coq && mkdir -p $(CACHE)/coq
	@cp supverify/files/export/Checker.v $(wildcard proofs/coq/*.v) $(CACHE)/coq/
	@printf 'Require Import Checker.\nPrint Assumptions sound.\nPrint Assumptions readout_sound.\n' >$(CACHE)/coq/Axioms.v
	@cd $(CACHE)/coq && for file in Checker.v $(notdir $(wildcard proofs/coq/*.v)) Axioms.v; do \
	  echo "coqc $$file" && coqc -q -w none $$file || exit 1; done

# $(1), by uv if it can be had.
define installed
{ $(BIN)/python -m pip install -qq $(PINNED) uv && \
  $(BIN)/uv pip install -q --system-certs --python $(BIN)/python $(PINNED) -b constraints.txt $(1); \
} >$(CACHE)/uv.log 2>&1 || { \
  echo "make: uv could not install them (see .cache/uv.log), so pip does it, more slowly"; \
  $(BIN)/python -m pip install -qq $(PINNED) pip && \
  $(BIN)/python -m pip install -qq $(PINNED) --build-constraint constraints.txt $(1); }
endef

env: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "make: $(PYTHON) is missing or older than 3.11; name another one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "make: $(PYTHON) lacks its venv module; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Installing the pinned packages into $(VENV) (once)"
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@mkdir -p $(CACHE)
	@$(call installed,$(WANTED))
	@touch $@

tools: $(TOOLS)

$(TOOLS): $(STAMP)
	@echo "Installing what tests and docs need, too (once)"
	@$(call installed,$(WANTED) --group dev --group docs)
	@touch $@

constraints: tools
	@{ echo "# Exact versions of everything that can be installed here, by 'make constraints'."; \
	   printf 'editables\nhatchling\npip\nuv\n' | $(BIN)/uv pip compile -q pyproject.toml - --all-extras --group dev --group docs --group peers \
	     --universal --upgrade --no-header --no-annotate --no-emit-index-url --no-emit-find-links; \
	 } >$(CACHE)/constraints.txt && mv $(CACHE)/constraints.txt constraints.txt

clean:
	rm -rf $(VENV) .cache dist
	find supverify tests -name __pycache__ -type d -prune -exec rm -rf {} +
