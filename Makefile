# Every target goes through deploy/: it installs what is missing, then does its work. Prerequisites: Debian 12, git, make.

DEPLOY := sh deploy/python.sh

.PHONY: run test check lint bench analysis manage stop lock clean

run: ; @$(DEPLOY) run
test: check
check: ; @$(DEPLOY) check $(ARGS)
lint: ; @$(DEPLOY) lint
bench: ; @$(DEPLOY) bench $(ARGS)
analysis: ; @$(DEPLOY) analysis
manage: ; @$(DEPLOY) manage $(ARGS)
stop: ; @$(DEPLOY) stop

# The locks of the app, of analyses, of the test tools, which take its versions, and of what it is measured against.
UV := var/uv/bin/uv
lock: $(UV)
	$(UV) pip compile --quiet --generate-hashes --python-version 3.11 pyproject.toml -o requirements.txt
	$(UV) pip compile --quiet --generate-hashes --python-version 3.11 requirements-analysis.in -o requirements-analysis.txt
	$(UV) pip compile --quiet --generate-hashes --python-version 3.11 tests/requirements.in -o tests/requirements.txt
	$(UV) pip compile --quiet --generate-hashes --python-version 3.11 bench/requirements.in -o bench/requirements.txt

$(UV):
	python3.11 -m venv var/uv
	var/uv/bin/pip install --quiet uv

# Leaves var/ alone: there lie the database, the photos and the key.
clean:
	rm -rf .venv .venv-bench .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache test-results
	find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +
