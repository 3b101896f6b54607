# The two commands are `make demo` and `make test`. Each installs what the machine lacks; scripts/setup says what.

.DEFAULT_GOAL := build
# One stage at a time, in the order written: cargo locks its target folder, and a browser wants a core to itself.
.NOTPARALLEL:
.PHONY: demo test build tools setup stages format lint native package node demo-test chromium firefox

wasm := pkg/js/dist/redeemable_bg.wasm

demo: build
	npm start --workspace www

# After a stage that fails the others are not run; `make -k test` runs them all the same.
test: setup
	@scripts/stage begin
	@$(MAKE) --no-print-directory stages; status=$$?; scripts/stage total; exit $$status

build: tools $(wasm)

$(wasm): $(shell find src -type f) Cargo.toml $(wildcard Cargo.lock) package.json scripts/build
	@scripts/build

tools:
	@scripts/setup build node

setup:
	@scripts/setup build node browsers

# Each stage can be run by itself: `make native`.
stages: format lint native package node demo-test chromium firefox

format:
	@scripts/stage check format cargo fmt --all --check

lint:
	@scripts/stage check lint cargo clippy --all-targets -- -D warnings
	@scripts/stage check lint-wasm cargo clippy --lib --test wasm --target wasm32-unknown-unknown -- -D warnings

native:
	@scripts/stage tests native cargo test

package:
	@scripts/stage check build $(MAKE) --no-print-directory build

node: build
	@scripts/stage tests node npm test --workspace tests/js

demo-test: build
	@scripts/stage tests demo npm test --workspace www

# wasm-pack takes the drivers from the PATH and the browsers' arguments from webdriver.json.
# A browser that hangs fails its stage: after 120 s without an answer from the page, or 900 s in all.
# Without --nocapture one would not see how many vectors each test has compared.
chromium firefox: export WASM_BINDGEN_TEST_TIMEOUT := 120
chromium firefox: export WASM_BINDGEN_TEST_DRIVER_TIMEOUT := 60
chromium:
	@scripts/stage tests chromium timeout -k 10 900 wasm-pack test --headless --chrome -- --test wasm -- --nocapture
firefox:
	@scripts/stage tests firefox timeout -k 10 900 wasm-pack test --headless --firefox -- --test wasm -- --nocapture
