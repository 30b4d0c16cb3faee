# Two commands matter: make run, make test. Everything they need is set up by the first call.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
PY := $(VENV)/bin/python
LOCK := lifeops/requirements/dev.txt
MARK := $(VENV)/.installed
PYTEST_ARGS ?= -n 2 --dist loadgroup

TEMPLATES = $$(find templates lifeops intake underwriting servicing claims archive -name '*.html')

.PHONY: setup run test lint format lock bench

$(MARK): $(LOCK)
	@echo "· 建立 Python 环境 …"
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip -q
	@$(PY) -m pip install -q --disable-pip-version-check uv
	@$(VENV)/bin/uv pip install -q --python $(PY) --require-hashes -r $(LOCK)
	@$(PY) -c "import sys; sys.exit(sys.version_info >= (3, 13))" || $(VENV)/bin/uv pip install -q --no-deps --python $(PY) --python-version 3.12 --only-binary :all: \
	  --target $(VENV)/redis --require-hashes -r lifeops/requirements/redis.txt
	@touch $(MARK)

setup: $(MARK)
	@echo "· 前端资源与字体 …"
	@$(PY) -m lifeops.assets.install

run: setup
	@PORT=$(PORT) exec $(PY) -m lifeops.serve

test: setup
	@sh .ci/browser
	@LIFEOPS_ENV=test $(PY) -m lifeops.embedded $(PY) -m pytest $(PYTEST_ARGS)

lint: setup
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/lint-imports
	@$(VENV)/bin/mypy
	@$(VENV)/bin/djade --target-version 5.2 --check $(TEMPLATES)

format: setup
	@$(VENV)/bin/ruff check --fix .
	@$(VENV)/bin/djade --target-version 5.2 $(TEMPLATES)

bench: setup
	@LIFEOPS_ENV=test $(PY) -m lifeops.embedded $(PY) -m tests.bench $(BENCH)

lock:
	@$(VENV)/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q --group test --group lint pyproject.toml -o $(LOCK)
	@$(VENV)/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -c $(LOCK) pyproject.toml -o lifeops/requirements/prod.txt
