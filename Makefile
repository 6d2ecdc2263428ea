# The commands of the house. `make run` and `make test` work on a fresh machine with git, make, a C compiler, Rust, Node.js and Python.

CARGO ?= cargo
PYTHON ?= python3
FUZZ_SECONDS ?= 60
BENCH ?=

.PHONY: run build test lint check bench fmt fuzz fuzz-build autobahn example guests sdk-python sdk-typescript deny

run:
	$(CARGO) run --release --quiet --package quintet -- serve

build:
	$(CARGO) build --release --package quintet

check: lint test

lint: sdk-python
	$(CARGO) fmt --all --check
	cd tests/guests/atomic_lib && $(CARGO) fmt --check
	$(CARGO) clippy --workspace --all-targets -- --deny warnings
	RUSTDOCFLAGS='--deny warnings' $(CARGO) doc --workspace --no-deps --document-private-items
	cd sdk/python && .venv/bin/ruff format --check --quiet && .venv/bin/ruff check --quiet && .venv/bin/mypy
	$(MAKE) deny

test: guests sdk-python sdk-typescript fuzz-build
	$(CARGO) test --workspace

# What other people's clients need, by lock file.
guests:
	cd tests/guests && npm ci --no-audit --no-fund --silent
	cd tests/guests/atomic_lib && $(CARGO) build --locked --quiet --target-dir target

# The Python SDK with Jac, and what its tests need, by lock file. Python 3.11 or later.
PIP = sdk/python/.venv/bin/pip --disable-pip-version-check --quiet
sdk-python:
	@$(PYTHON) -m venv sdk/python/.venv || { echo "make: Python 3.11 or later with its venv module is needed (on Debian: apt-get install python3 python3-venv)" >&2; exit 1; }
	$(PIP) install --require-hashes --requirement sdk/python/dev.lock
	$(PIP) install --no-deps --no-build-isolation --editable sdk/python

# The TypeScript SDK and its tests, by lock file.
sdk-typescript:
	cd sdk/typescript && npm ci --no-audit --no-fund --silent && npx --no-install tsc && npx --no-install tsc --project test

bench:
	$(CARGO) run --release --quiet --package quintet -- bench $(BENCH)

fmt:
	$(CARGO) fmt --all
	cd tests/guests/atomic_lib && $(CARGO) fmt

# Writes quintet.example.toml anew.
example:
	$(CARGO) run --quiet --package quintet -- check --example > quintet.example.toml

# The dependencies' licences, sources and bans; those of the guests and fuzz targets are not the house's. The advisory database is not asked: it lives outside of the package registries.
deny:
	@command -v cargo-deny >/dev/null || $(CARGO) install --locked --quiet cargo-deny
	$(CARGO) deny --locked check bans licenses sources

# cargo-fuzz wants unstable compiler flags; RUSTC_BOOTSTRAP lets the stable toolchain take them.
FUZZ = RUSTC_BOOTSTRAP=1 $(CARGO) fuzz
FUZZ_TARGETS = atomic commit concord flamigo jac json_ad versia
# A room's conversations are its seeds; the others have theirs in fuzz/seeds.
SEEDS = $$(ls -d dialects/$$target/conversations fuzz/seeds/$$target 2>/dev/null)

fuzz-build:
	@command -v cargo-fuzz >/dev/null || $(CARGO) install --locked --quiet cargo-fuzz
	$(FUZZ) build

fuzz: fuzz-build
	mkdir -p $(FUZZ_TARGETS:%=fuzz/corpus/%)
	for target in $(FUZZ_TARGETS); do \
	  $(FUZZ) run $$target fuzz/corpus/$$target $(SEEDS) -- -max_total_time=$(FUZZ_SECONDS) -max_len=65536 || exit 1; \
	done

# The Autobahn suite against /echo of a server of our own, compression on.
autobahn: build
	tests/autobahn/with-server.sh target/release/quintet
