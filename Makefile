PYTHON ?= python3
VENV := .venv

.PHONY: serve test
serve: $(VENV)/serve.done
	@$(VENV)/bin/setagaya check
	@$(VENV)/bin/setagaya serve

test: $(VENV)/test.done
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/python -m pytest

$(VENV)/bin/python:
	@echo "Python の環境（$(VENV)）を作っています…"
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 以上と venv が要ります。Debian では apt-get install python3 python3-venv です。"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/serve.done: requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "ライブラリを入れています（初めは1、2分かかります）…"
	@$(VENV)/bin/pip install --disable-pip-version-check --progress-bar on -q --no-deps -r requirements.txt
	@$(VENV)/bin/pip install --disable-pip-version-check -q --no-deps -e .
	@touch $@

$(VENV)/test.done: requirements-test.txt $(VENV)/serve.done
	@echo "テストに要るものを入れています…"
	@$(VENV)/bin/pip install --disable-pip-version-check -q -r requirements-test.txt
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq chromium fonts-noto-cjk; } || { echo "Chromium が要ります。sudo apt-get install chromium fonts-noto-cjk としてから、もう一度 make test です。"; exit 1; }
	@touch $@
