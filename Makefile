# Four commands that need nothing but Python 3.11+ and make: demo, test, check, lint. All set themselves up.
PYTHON ?= python3
SERVE ?= 1
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
EXTRAS := piper,espeak,faster-whisper,lora,oidc,fairness,slack,telegram,mcp,tourism,finance,rasa,customer-service,dev
export OMP_NUM_THREADS ?= 2
export OPENBLAS_NUM_THREADS ?= 2

.PHONY: setup demo test lint check docs clean

setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "personac needs Python 3.11 or newer; name one with: make PYTHON=python3.11 ..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV); this takes some minutes the first time"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch==2.13.0
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[$(EXTRAS)]'
	@mkdir -p .house && ln -sfn .. .house/personac
	@touch $@

demo: setup
	@$(BIN)/personac demo personas/tour_guide $(if $(filter 0,$(SERVE)),,--serve) --port $(PORT)

test: setup
	@$(BIN)/python -m pytest -n 2 --dist loadfile

lint: setup
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

check: lint
	@$(BIN)/python -m mypy
	@$(BIN)/python -m pytest tests/test_imports.py tests/test_docs.py

docs: setup
	@$(BIN)/personac docs -o docs/language.md
	@$(BIN)/personac schema -o docs/persona.schema.json

clean:
	rm -rf $(VENV) .house build personas/*/build
