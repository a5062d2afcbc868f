# The project's commands. `make` alone lists them; options: make serve PORT=8001 DATA=folder
.DEFAULT_GOAL := help

VENV ?= .venv
CONFIG ?= serve_config.yaml
PORT ?=
HOST ?=
DATA ?=
ARGS ?=
WORKERS ?= 2

# The first Python of these that is new enough; else python3, whose age is then complained of.
FIT := 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))'
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$name -c $(FIT) 2>/dev/null && echo $$name && exit; done; echo python3)

RUN := "$(VENV)/bin/python"

.PHONY: help setup serve test test-all faults kernel-check measure train-embedded lint types lock clean distclean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## create or update the environment (.venv) from requirements.lock
	@exec $(PYTHON) scripts/operations/setup_environment.py --venv "$(VENV)"

serve: setup ## start the service [PORT= HOST= CONFIG= DATA= ARGS=]; Ctrl-C stops it
	@exec $(RUN) scripts/operations/serve.py --config "$(CONFIG)" $(if $(PORT),--port "$(PORT)") \
		$(if $(HOST),--host "$(HOST)") $(if $(DATA),--data "$(DATA)") $(ARGS)

test test-all faults: export RAY_USAGE_STATS_ENABLED = 0
test test-all faults: export RAY_AUTH_MODE = disabled
test test-all faults: export HF_HUB_OFFLINE = 1
# PyTorch's own threads, in several processes at once, would wait for one another
test test-all faults: export OMP_NUM_THREADS = 1
PYTEST = $(RUN) -m pytest --durations=15 -n $(WORKERS) --dist loadscope

test: lint types ## run linter, type checker and all tests but the long ones [ARGS= for pytest, WORKERS=]
	$(PYTEST) -m "not long" $(ARGS)

test-all: lint types ## run every test: restarts, faults, training, GPU configurations; 35 minutes [ARGS=]
	$(PYTEST) $(ARGS)

faults: setup ## kill, fill, hang and overload a service, a quarter of an hour [ARGS= for pytest]
	$(RUN) -m pytest --durations=15 tests/faults $(ARGS)

kernel-check: setup ## run the kernel under the address, undefined and thread sanitizers [KERNEL_CHECK_SHAPES=100 ARGS=]
	$(RUN) -m pytest -rs tests/imagegen/runtimes/native/test_kernel_check.py $(ARGS)

measure: setup ## compare ways to serve, half an hour, and write the figures into docs/performance.md [ARGS=]
	$(RUN) -m loadtests compare --json docs/compare.json $(ARGS)
	$(RUN) -m loadtests readme

train-embedded: setup ## make all embedded weights from nothing, hours; resumes [ARGS=--dry-run, --smoke]
	@exec $(RUN) scripts/training/train_embedded.py $(ARGS)

lint: setup ## check style and format
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .

types: setup ## check types
	$(RUN) -m mypy

# Versions in the old lock stay unless pyproject.toml forbids them or --upgrade is given.
lock: setup ## resolve pyproject.toml into requirements.lock [ARGS=--upgrade]
	@draft=$$(mktemp -d .lock-XXXXXX) && trap 'rm -rf "$$draft"' EXIT && \
	if [ -f requirements.lock ]; then cp requirements.lock "$$draft/pins"; fi && \
	"$(VENV)/bin/uv" pip compile pyproject.toml --extra dev --universal --python-version 3.11 --quiet \
		--no-header --no-emit-index-url --no-emit-find-links --output-file "$$draft/pins" $(ARGS) && \
	{ echo "# Every package of the project, its tests and its tools, in one version, for Python 3.11 and newer."; \
	  echo "# Written by \`make lock\` from pyproject.toml; installed by \`make serve\` and \`make test\`."; \
	  cat "$$draft/pins"; } > "$$draft/requirements.lock" && \
	mv "$$draft/requirements.lock" requirements.lock

clean: ## delete caches
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info songdalle_client/*.egg-info songdalle_client/build
	find . -path './.*' -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## delete caches and the environment
	if [ -f "$(VENV)/pyvenv.cfg" ]; then rm -rf "$(VENV)"; fi
