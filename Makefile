# Every verb of the house. `make` alone lists them.
# Stamps live inside .venv, so that removing .venv removes what they claim.

VENV     := .venv
BIN      := $(VENV)/bin
PIP      := $(BIN)/python -m pip --disable-pip-version-check -qq
PORT     ?= 8090
PROGRAM  := $(VENV)/.stamp-program
TOOLS    := $(VENV)/.stamp-tools

CHAOS         = $(BIN)/python -m tasktrail.chaos
CHAOS_OPTIONS = $(if $(EVENTS),--events $(EVENTS)) $(if $(SEED),--seed $(SEED)) \
	$(if $(RECORDERS),--recorders $(RECORDERS)) $(if $(ROOT),--root $(ROOT)) \
	$(if $(START),--start $(START))

# Hundreds of tests start the program: without its bytecode each start compiles every module anew.
unexport PYTHONDONTWRITEBYTECODE

.NOTPARALLEL:
.DEFAULT_GOAL := help
.PHONY: help install run test check lint fix gen web web-check dev sdk-kills bench coverage clean
.PHONY: screenshots web-whole web-figures
.PHONY: chaos powercut syscalls controls index-kills flood redis-loss

help:  ## list these verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(PROGRAM) $(TOOLS) web  ## .venv with the program, the tools and the built web UI

run: $(PROGRAM) web  ## service, web UI and live demo tasks at one address (PORT=8090)
	@$(BIN)/tasktrail demo --port $(PORT)

test: install system-packages  ## everything set up, then every check and every test
	@$(MAKE) --no-print-directory web-check check

# Each worker would compile every test at the same time as the others: once, beside mypy, is enough.
check:  ## the whole gate on what is installed: lint, types, arrows, tests
	@$(BIN)/python -m pytest -q --collect-only >/dev/null 2>&1 & $(MAKE) --no-print-directory lint && wait
	@$(BIN)/python -m pytest -q --numprocesses 4 --dist worksteal  # many wait for their processes

lint:  ## ruff, mypy and the arrows between the rooms
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

fix:  ## what the tools can put right by themselves
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@if [ -d web/node_modules ]; then npm --prefix web run --silent fix; fi

gen:  ## rewrite the generated blocks of docs/
	@$(BIN)/python scripts/generate_docs.py

web: $(PROGRAM)  ## build the web UI if its sources changed
	@$(BIN)/python hatch_build.py

web-check:  ## types, lint and unit tests of the web UI (needs Node)
	@scripts/web_checks.sh

screenshots: install  ## every page of the web UI as pictures, to be looked at (DOCS=1: docs/images too)
	@$(BIN)/python scripts/screenshots.py $(if $(DOCS),--docs docs/images)

web-whole: install  ## the browser tests in full: every page, both themes, 200 texts, 100 lost connections
	@TASKTRAIL_WEB=whole $(BIN)/python -m pytest -q tests/acceptance/test_web_*.py

web-figures: install  ## the goals of the web UI in a real browser: open, jump, scroll, live, memory, sizes, laws
	@for program in benchmarks/web_*.py; do echo "== $$program"; $(BIN)/python $$program || exit 1; done

dev: install  ## the service with demo tasks, and the web UI rebuilt on every save
	@scripts/dev.sh $(PORT)

bench: install  ## the benchmarks: each prints one table
	@for program in benchmarks/*.py; do echo "== $$program"; $(BIN)/python $$program || exit 1; done

chaos: $(PROGRAM)  ## random faults, nothing lost (FAULTS=60 EVENTS=N SEED=N START=0 ROOT=DIR)
	@$(CHAOS) faults --faults $(or $(FAULTS),60) $(CHAOS_OPTIONS)

powercut: $(PROGRAM)  ## power cuts of a disk, nothing lost; needs root (CUTS=20 FS=ext4|xfs SEED=N START=0)
	@$(CHAOS) powercut --cuts $(or $(CUTS),20) --fs $(or $(FS),ext4) $(CHAOS_OPTIONS)

syscalls: $(PROGRAM)  ## a fault at every system call that changes the disk (STEP=1 START=0 FS=ext4|xfs)
	@$(CHAOS) syscalls --step $(or $(STEP),1) --start $(or $(START),0) --fs $(or $(FS),ext4)

controls: $(PROGRAM)  ## the same runs with each guard removed in turn: each must fail
	@$(CHAOS) controls $(if $(SEED),--seed $(SEED))

index-kills: $(PROGRAM)  ## an index followed through kills answers as a new one (KILLS=20)
	@$(CHAOS) index --kills $(or $(KILLS),20) $(if $(SEED),--seed $(SEED))

flood: $(PROGRAM)  ## ten times too many events at once: the memory of each process (EVENTS=300000)
	@$(CHAOS) flood --events $(or $(EVENTS),300000)

redis-loss: $(PROGRAM)  ## what this machine's Redis loses that it had answered (ROUNDS=4)
	@$(CHAOS) redis-loss --rounds $(or $(ROUNDS),4)

sdk-kills: install  ## 1,000 jobs killed right after a durable call: no entry may lack
	@$(BIN)/python scripts/sdk_kills.py --times 1000

coverage: install  ## the tests with branch coverage
	@$(BIN)/python -m coverage run -m pytest
	@$(BIN)/python -m coverage report

clean:  ## remove what was built (.venv too)
	rm -rf $(VENV) dist src/tasktrail/server/_web web/node_modules web/.svelte-kit web/build
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: system-packages
system-packages:
	@scripts/system_packages.sh

$(BIN)/python:
	@scripts/make_venv.sh $(VENV)

# The program: what a user installs, in place, so that a change of a source needs no reinstall.
$(PROGRAM): pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing the program into $(VENV)"
	@$(PIP) install -c constraints.txt 'pip>=25.1' 'hatchling>=1.27,<2'
	@TASKTRAIL_WEB=skip $(PIP) install -c constraints.txt --no-build-isolation -e '.[all]'
	@touch $@

# The tools: what only the tests and the checks need.
$(TOOLS): pyproject.toml constraints.txt | $(PROGRAM)
	@echo "installing the tools into $(VENV)"
	@$(PIP) install -c constraints.txt --group dev
	@touch $@
