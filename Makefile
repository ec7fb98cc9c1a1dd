# Two words are enough: `make run` (set up and start), `make test` (set up and check everything).
# `make install` makes `drumwatch` a command of every terminal.

VENV   := .venv
BIN    := $(VENV)/bin
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
            $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
CONFTESTS := $(wildcard tests/conftest.py tests/*/conftest.py tests/*/*/conftest.py)
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: run install test pytest wheels lint types types-linux types-darwin types-tests style imports dependencies model pictures clean

run: $(VENV)/.installed
	@command -v drumwatch >/dev/null || echo "The command is $(CURDIR)/$(BIN)/drumwatch; \`make install\` lets every terminal find it as drumwatch."
	@test -f "$$($(BIN)/drumwatch config path)" || $(BIN)/drumwatch init --yes
	@$(BIN)/drumwatch run

install: $(VENV)/.installed
	@sh scripts/install.sh "$(CURDIR)/$(BIN)/drumwatch" "$(CURDIR)"

test: lint pytest

# On two processors, first what computes, then what waits for a real daemon or a page.
pytest: $(VENV)/.ready-to-test
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --ignore=tests/system --ignore=tests/review tests
	$(BIN)/python -m pytest -q -n 2 --dist loadfile tests/system tests/review

# Whether constraints.txt can be installed from wheels alone on every promised system; asks the package registry, for minutes.
wheels: $(VENV)/.ready-to-test
	ASK_REGISTRY=1 $(BIN)/python -m pytest -q -n 2 tests/meta/test_wheels.py

# On two processors as well: each of these needs one.
lint: $(VENV)/.ready-to-test
	@$(MAKE) --no-print-directory -j 2 types-tests types-linux types-darwin style imports dependencies

types: types-linux types-darwin types-tests

types-linux: $(VENV)/.ready-to-test
	$(BIN)/mypy --platform linux --cache-dir .mypy_cache/linux

types-darwin: $(VENV)/.ready-to-test
	$(BIN)/mypy --platform darwin --cache-dir .mypy_cache/darwin

types-tests: $(VENV)/.ready-to-test
	$(BIN)/mypy --config-file tests/mypy.ini
	@for file in $(CONFTESTS); do $(BIN)/mypy --config-file tests/mypy.ini $$file || exit; done

style: $(VENV)/.ready-to-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

imports: $(VENV)/.ready-to-test
	$(BIN)/lint-imports

dependencies: $(VENV)/.ready-to-test
	$(BIN)/deptry . benchmarks $$(find tests -type d ! -name __pycache__)
	$(BIN)/deptry . --optional-dependencies-dev-groups dev,train-net --extend-exclude 'benchmarks|tests|training'

# From labelled sounds to model, card and figures; the same bytes every time: make model CORPUS=folder
model: $(VENV)/.ready-to-train
	@test -n "$(CORPUS)" || { echo "Which sounds? Say: make model CORPUS=folder"; exit 2; }
	$(BIN)/python -m training "$(CORPUS)"

# The pictures of the review page in docs/, of sounds from the corpus; needs Chromium: make pictures CORPUS=folder
pictures: $(VENV)/.ready-to-test
	@test -n "$(CORPUS)" || { echo "Which sounds? Say: make pictures CORPUS=folder"; exit 2; }
	$(BIN)/python benchmarks/page_pictures.py "$(CORPUS)" docs

$(VENV)/.installed: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "drumwatch needs Python 3.11 or newer. Say which: make run PYTHON=/path/to/python3"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing drumwatch into $(VENV) (once)…"
	@$(PIP) -e .
	@touch $@

$(VENV)/.ready-to-train: $(VENV)/.installed
	@$(PIP) -e '.[dev,train-net]'
	@touch $@

$(VENV)/.ready-to-test: $(VENV)/.installed
	@$(PIP) -e '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
