# The two commands are `make demo` and `make test`. Each installs what the machine lacks; scripts/setup says what.

.DEFAULT_GOAL := build
.PHONY: demo test bench build python page docs generate tools setup stages
# The stages of `make test`, in the order in which they start. Two run at a time: a stage that uses both cores stands
# beside one that mostly waits, and long stages come first. `make native` runs one stage, `make stages` each in turn.
stages := format lint native lnbits pages python-test flows demo-test python-kit docs-test kit clusters orms workers \
	chromium consumers node firefox webkit
.PHONY: fmt $(stages)

# Files that both packages contain.
data := $(wildcard sql/*.sql messages/*.json commands/*.txt) contract/schema.json
wasm := pkg/js/dist/redeemable_bg.wasm
core := pkg/python/src/redeemable/_wasm/redeemable.wasm
sources := $(shell find src -type f) Cargo.toml $(wildcard Cargo.lock) package.json

# Measures decisions (in every language, hand-written, and by other rule engines), growth, cold start, and purchases a
# second on both databases. Takes a quarter of an hour on a quiet machine; benches/README.md says how to read the
# results.
bench: build python
	@scripts/setup browsers databases bench python
	@mkdir -p target/bench
	@echo "bench: decisions in JavaScript, every answer held against the code by hand before, three minutes"
	node benches/js/bench.js
	@echo "bench: growth with promotions, tickets, identities, pools and lapsed holds, natively and in Node"
	node benches/js/growth.js
	@echo "bench: decisions in Python, from the installed package"
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps \
		--force-reinstall pkg/python
	.venv-bench/bin/python benches/python/bench.py --json target/bench/python.json
	@echo "bench: cold start in Node and Chromium"
	node benches/js/start.js
	@echo "bench: purchases a second through the kit and by hand"
	MARIADB_SETTINGS= POSTGRES_SETTINGS="-c fsync=on" scripts/mariadb scripts/postgres node benches/server/bench.mjs
	@echo "bench: rows and pages that a call reads when the tables have grown"
	POSTGRES_SETTINGS="-c full_page_writes=off -c autovacuum=off" scripts/postgres node benches/server/tables.mjs
	@echo "bench: one popular code, whole and split, where a commit takes 5 ms more"
	POSTGRES_SETTINGS="-c fsync=on -c commit_delay=5000 -c commit_siblings=0" scripts/postgres \
		node benches/server/split.mjs
	@echo "bench: purchases a second in Python"
	POSTGRES_SETTINGS="-c fsync=on" PYTHONPATH=pkg/python/src scripts/postgres .venv/bin/python \
		benches/python/purchases.py --json target/bench/purchases.json
	node benches/js/page.js

demo: build page
	npm start --workspace www

# Two stages run at a time: each has its own database server, ports and folders, and cargo's lock keeps compilers apart.
# After a stage has failed no other is started; `make -k test` runs the others all the same.
test: setup
	@scripts/stage begin
	@STAGE_OUTPUT=whole $(MAKE) --no-print-directory -j2 stages; status=$$?; scripts/stage total; exit $$status

build: $(wasm)

$(wasm): $(sources) $(data) tools/sql.mjs tools/commands.mjs scripts/build scripts/remap-paths | tools
	@scripts/stage check build scripts/build

# The Python package's wasm and the component around it.
python: $(core)

component := $(shell find component -name dist -prune -o -type f -print)
$(core): $(sources) $(component) $(data) scripts/build-python scripts/remap-paths | tools
	@scripts/stage check build-python scripts/build-python

page: www/dist/index.html

page := $(shell find www/page -type f) $(wildcard www/vite.config.* www/package.json package-lock.json)
www/dist/index.html: $(wasm) $(page)
	@scripts/stage check page npm run --silent build --workspace www

# The documentation site, in docs/site.
docs:
	@scripts/setup node
	@scripts/build-docs

# Makes contract/ from the Rust types, and from contract/ the TypeScript and Python types, the readers and the WIT.
# Makes the synchronous half of the Python kit from the asynchronous half.
generate:
	cargo run --quiet -p redeemable-contract
	node tools/contract/main.mjs
	.venv/bin/python tools/unasync.py

# Installs the programs that the build and the demo need; `setup` also installs those of the tests.
tools:
	@scripts/setup build demo

setup:
	@scripts/setup build node stacks orms workers lint browsers databases python lnbits

stages: $(stages)

# `make fmt` writes what `make format` checks.
format:
	@scripts/stage check format cargo fmt --all --check
	@scripts/stage check format-js npx biome format
	@scripts/stage check format-py .venv/bin/ruff format --check

fmt:
	cargo fmt --all
	npx biome format --write
	.venv/bin/ruff format

lint:
	@scripts/stage check lint cargo clippy --workspace --all-targets -- -D warnings
	@scripts/stage check lint-wasm cargo clippy --lib --test wasm --target wasm32-unknown-unknown -- -D warnings
	@scripts/stage check lint-core cargo clippy -p redeemable-component --lib --target wasm32-unknown-unknown -- \
		-D warnings
	@scripts/stage check lint-js npx biome lint --error-on-warnings
	@scripts/stage check lint-py .venv/bin/ruff check
	@scripts/stage check lint-types .venv/bin/mypy
	@scripts/stage check lint-lines scripts/check-lines

native:
	@scripts/stage tests native cargo test
	@scripts/stage tests contract cargo test -p redeemable-contract

node: build
	@scripts/stage tests node npm test --workspace tests/js

consumers: build
	@scripts/stage tests consumers npm test --workspace tests/consumers

kit: build
	@scripts/stage tests kit scripts/postgres scripts/pgbouncer scripts/mariadb npm test --workspace tests/kit

# Nodes of databases are killed, stopped and cut off, while hosts in both languages sell.
clusters: build python
	@scripts/stage tests clusters scripts/galera scripts/standby scripts/test-clusters

orms: build
	@scripts/stage tests orms scripts/postgres scripts/mariadb npm test --prefix tests/orms

# Not by npm, which would run the tests with the Node 22 that is among the packages.
workers: build
	@scripts/stage tests workers scripts/postgres node --test --test-reporter=spec --test-concurrency=1 \
		tests/workers/*.test.js

demo-test: build page
	@scripts/stage tests demo scripts/postgres npm test --workspace www

# The time limit makes a browser that hangs fail its stage.
pages: build page
	@scripts/stage tests pages timeout -k 10 900 npm run test:pages --workspace www

# What buyers and organisers do from the first page to the last, in each browser.
flows: build page
	@scripts/stage tests flows timeout -k 10 900 npm run test:flows --workspace www

webkit: build page
	@scripts/stage tests webkit timeout -k 10 300 node --test --test-reporter=spec tests/webkit/*.test.mjs

# wasm-pack finds the drivers in the PATH and the browsers' arguments in webdriver.json.
# A browser that hangs fails its stage: after 120 s without an answer from the page, or 900 s in all.
# --nocapture shows how many vectors each test has compared.
chromium firefox: export WASM_BINDGEN_TEST_TIMEOUT := 120
chromium firefox: export WASM_BINDGEN_TEST_DRIVER_TIMEOUT := 60
chromium:
	@scripts/stage tests chromium timeout -k 10 900 wasm-pack test --headless --chrome -- --test wasm -- --nocapture
firefox:
	@scripts/stage tests firefox timeout -k 10 900 wasm-pack test --headless --firefox -- --test wasm -- --nocapture

python-test: python
	@scripts/stage tests python scripts/test-python

python-kit: build python
	@scripts/stage tests python-kit scripts/postgres scripts/pgbouncer scripts/mariadb scripts/test-python-kit

lnbits: python
	@scripts/stage tests lnbits scripts/postgres scripts/test-lnbits

# Runs every code block of the documentation, and builds the site.
docs-test: build python
	@scripts/stage tests docs scripts/postgres scripts/pgbouncer scripts/mariadb npm test --workspace tests/docs
