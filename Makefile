# The commands of this repository. `make help` lists them.
#
# RocksDB's C++ takes about 20 CPU-minutes. It is compiled once per machine, because every command here
#   - uses one profile (release) and one target folder, outside the checkout and shared between checkouts;
#   - selects the same features of every dependency. Cargo unifies features over what it is asked to build,
#     and adds those of dev-dependencies only when test-like targets are asked for. Hence `--workspace` in
#     every call, and `--examples` beside `--bin choai`: there is no example to build, but the flag makes
#     cargo resolve features exactly as `cargo test --workspace` does.
# RUSTFLAGS in the environment would replace the CPU floor of .cargo/config.toml and compile everything anew.

DATA            ?= ./data
LISTEN          ?= 127.0.0.1:8080
OPERATOR_LISTEN ?= 127.0.0.1:8081
# More arguments for the command behind `run`, `demo`, `test` and `bench`.
ARGS            ?=
# Which benchmarks `make bench` runs; a pattern.
BENCH           ?= *
# How long `make torture` goes on.
HOURS           ?= 1

export CARGO_TARGET_DIR ?= $(HOME)/.cache/choai/target
# Where rustup puts cargo, for shells that have not read the profile.
export PATH := $(PATH):$(HOME)/.cargo/bin

CARGO_FLAGS := --locked --workspace
CHOAI       := $(CARGO_TARGET_DIR)/release/choai

.DEFAULT_GOAL := help
.PHONY: help run demo test torture lint bench deny build needs-run needs-test first-build-note

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16
	@echo
	@echo "  Variables: DATA=$(DATA) LISTEN=$(LISTEN) OPERATOR_LISTEN=$(OPERATOR_LISTEN)"
	@echo "  ARGS (more arguments, e.g. make test ARGS='-- tidy'), BENCH (e.g. make bench BENCH=append),"
	@echo "  HOURS=$(HOURS) (of make torture), CHOAI_SEED (one history of the simulation),"
	@echo "  CARGO_TARGET_DIR=$(CARGO_TARGET_DIR)"

run: build ## build, then serve on LISTEN with the data in DATA; Ctrl-C drains and stops
	@exec $(CHOAI) serve --data '$(DATA)' --listen $(LISTEN) --operator-listen $(OPERATOR_LISTEN) \
		--with-test-merchant $(ARGS)

demo: build ## the whole story on a fresh temporary ledger, each step shown
	@exec $(CHOAI) demo $(ARGS)

test: needs-test lint build ## format, lints as errors, and every test of the workspace
	cargo test --release $(CARGO_FLAGS) $(ARGS)

torture: needs-test build ## failing disks and SIGKILL for HOURS, with other seeds every time; ends at the first failure
	@end=$$(( $$(date +%s) + $(HOURS) * 3600 )); while [ $$(date +%s) -lt $$end ]; do \
		CHOAI_HISTORIES=$${CHOAI_HISTORIES:-30000} CHOAI_KILLS=$${CHOAI_KILLS:-200} \
			cargo test --release $(CARGO_FLAGS) -- --nocapture simulation sigkill || exit 1; \
	done

lint: needs-test first-build-note ## format and lints only
	cargo fmt --all --check
	cargo clippy --release $(CARGO_FLAGS) --all-targets -- --deny warnings

bench: build ## the benchmarks; each prints the ceiling beside the figure
	cargo bench --profile release $(CARGO_FLAGS) --bench '$(BENCH)' $(ARGS)

deny: ## licences, sources and bans of the dependencies (wants cargo-deny)
	@command -v cargo-deny >/dev/null || { echo "deny: cargo install --locked cargo-deny@0.20.2 first" >&2; exit 1; }
	cargo deny --locked check bans licenses sources

build: needs-run first-build-note
	cargo build --release $(CARGO_FLAGS) --bin choai --examples

needs-run:
	@.ci/install run

needs-test:
	@.ci/install test

first-build-note: needs-run
	@ls $(CARGO_TARGET_DIR)/release/build/librocksdb-sys-*/out/librocksdb.a >/dev/null 2>&1 || \
		echo "First build on this machine: RocksDB is compiled from source, about 20 CPU-minutes, once."
