# `make run` and `make test` are all that a fresh machine needs: Python 3.11 or later, sh and make.
.POSIX:

PYTHON = python3
VENV = .venv
BIN = $(VENV)/bin
INSTALLED = $(VENV)/.installed
UV_COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate \
	--custom-compile-command "make lock"

.PHONY: help setup run test bench soak lint lock messages reset

help:
	@echo "make run    installe, prépare la base et sert sur 127.0.0.1:8000 (PORT pour un autre port)"
	@echo "make test   installe et lance tous les tests"
	@echo "make setup  installe seulement, dans $(VENV)"
	@echo "make bench  mesure les rapports de vitesse (ONLY=nom pour un seul)"
	@echo "make soak   30 minutes de charge avec des pannes (MINUTES pour une autre durée)"
	@echo "make lint   vérifie le style, les gabarits et les types"
	@echo "make reset  efface la base locale (.local, ou MLPP_DATA_DIR)"
	@echo "make messages  réécrit locale/ depuis le code (demande GNU gettext)"
	@echo "make lock   réécrit requirements/*.txt depuis pyproject.toml"

setup: $(INSTALLED)

# Written last, so that an interrupted installation starts again.
$(INSTALLED): requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 ou plus récent est nécessaire (PYTHON=python3.12 make setup pour le nommer)."; \
		exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
		echo "Le module venv de Python manque (Debian : apt install python3-venv)."; \
		exit 1; }
	@echo "Installation dans $(VENV)…"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes \
		-r requirements/dev.txt
	@touch $@

run: setup
	@exec $(BIN)/python manage.py dev

# Many tests wait for processes of their own: three at a time keep two cores busy.
test: setup
	@exec $(BIN)/python -m pytest --numprocesses 3 --dist worksteal

bench: setup
	@exec $(BIN)/python -m bench $(ONLY)

soak: setup
	@exec $(BIN)/python -m bench.soak $(MINUTES)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	find . -path ./$(VENV) -prune -o -name '*.html' -print | xargs $(BIN)/djade --check
	DATABASE_URL=postgresql:///types $(BIN)/mypy .

lock: setup
	$(BIN)/python -m pip install -qq --disable-pip-version-check uv
	$(UV_COMPILE) pyproject.toml -o requirements/base.txt
	$(UV_COMPILE) pyproject.toml --extra dev -c requirements/base.txt -o requirements/dev.txt
	$(UV_COMPILE) --group ci -o requirements/ci.txt

messages: setup
	@DATABASE_URL=postgresql:///messages exec $(BIN)/python manage.py makemessages

reset: setup
	@exec $(BIN)/python -m mlpp_gov.embedded reset
