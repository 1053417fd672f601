# stellar: build, test, try out. `make` alone lists the targets.

SHELL       := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS   += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help build demo test test-rust test-lab test-docs test-acceptance test-chaos test-peer chaos walk lint fmt fuzz bench-sdk lab install docs bench release

VERSION  := 0.1.0
BINARY   := terraform-provider-stellar
TARGET   := $(or $(CARGO_TARGET_DIR),target)
PYTHON   := .venv/bin/python
OS       := $(shell uname -s | tr A-Z a-z)
ARCH     := $(patsubst aarch64,arm64,$(patsubst x86_64,amd64,$(shell uname -m)))
PLUGINS  ?= $(HOME)/.terraform.d/plugins
HOSTS    := registry.terraform.io registry.opentofu.org
PORT     ?= 5999
CLOCK    ?= 600
# Tests at a time: most of their time is waiting.
JOBS     ?= $(shell n=$$(getconf _NPROCESSORS_ONLN); echo $$((n > 6 ? 6 : n + 1)))
FUZZ_SECONDS ?= 600
HCL      := $(firstword $(foreach cli,terraform tofu,$(shell command -v $(cli))))

# $(call fmt_hcl,OPTIONS): the user's CLI configuration plays no part in it.
fmt_hcl   = TF_CLI_CONFIG_FILE=/dev/null $(HCL) fmt $(1) -recursive modules examples tests/acceptance tests/peer

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST) | sort

build: ## the provider, as target/debug/terraform-provider-stellar
	@tests/need cargo
	cargo build --locked --package $(BINARY)

demo: ## create, change and destroy the minimum platform on a simulated AWS; KEEP=1 leaves it running, CLI=tofu
	@tests/need cargo python cli
	@$(MAKE) build .venv/ready
	@PYTHONPATH=tests $(PYTHON) -m demo $(if $(CLI),--cli $(CLI)) $(if $(KEEP),--keep)

test: test-rust test-lab test-docs test-acceptance test-chaos test-peer ## everything: Rust, lab, and the real CLIs against the lab

# In two parts: what the SDK's tests switch on in shared crates would have the AWS crates built a second time.
test-rust:
	@tests/need cargo
	cargo test --locked --quiet --package tfplugin-sdk --package tfplugin-sdk-derive
	cargo test --locked --quiet --workspace --exclude tfplugin-sdk --exclude tfplugin-sdk-derive

test-lab: .venv/ready
	cd tests/lab && ../../$(PYTHON) -m pytest --numprocesses $(JOBS)

test-docs: build .venv/ready
	$(PYTHON) -m pytest tests/docs
	PYTHONPATH=tests $(PYTHON) -m docs --check

test-acceptance: build .venv/ready
	@tests/need cli
	cargo build --locked --quiet --package tfplugin-sdk --package tfplugin-sdk-derive --example notes
	STELLAR_PROVIDER="$$(realpath $(TARGET)/debug/$(BINARY))" \
	  cargo test --locked --quiet --package tfplugin-sdk --package tfplugin-sdk-derive --test conformance -- other::
	@for cli in terraform terraform-next tofu; do \
	  if path=$$(command -v $$cli); then \
	    echo "the SDK's example provider under $$cli"; \
	    TF_ACC_TERRAFORM_PATH=$$path cargo test --locked --quiet --package tfplugin-sdk --package tfplugin-sdk-derive --test terraform -- --ignored; \
	  else echo "skipped because missing: $$cli (the SDK's example provider)"; \
	  fi; \
	done
	$(PYTHON) -m pytest --numprocesses $(JOBS) tests/demo tests/acceptance

# A sample of `make chaos`, four minutes on an idle machine, with a file of results of its own, since it goes on with nothing.
test-chaos: build .venv/ready
	@tests/need cli
	@PYTHONPATH=tests $(PYTHON) -m chaos --sample 36 --jobs $(JOBS) --fresh --results $(TARGET)/chaos/sample.jsonl

chaos: build .venv/ready ## kills the provider at every changing call; goes on where it stopped. POINT=… SAMPLE=40 CLI=tofu FRESH=1
	@tests/need cli
	@PYTHONPATH=tests $(PYTHON) -m chaos --jobs $(JOBS) $(if $(CLI),--cli $(CLI)) $(if $(POINT),--point $(POINT)) \
	  $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(FRESH),--fresh)

walk: build .venv/ready ## stacks through random configurations, with kills and imports. LIVES=20 SEED=1 CLI=tofu
	@tests/need cli
	@PYTHONPATH=tests $(PYTHON) -m walk --kill $(if $(LIVES),--lives $(LIVES)) $(if $(SEED),--seed $(SEED)) $(if $(CLI),--cli $(CLI))

# The AWS provider on the lab, as its outside judge; PEER=full includes the databases, ten minutes.
test-peer: .venv/ready
	$(PYTHON) -m pytest tests/peer

fuzz: ## every reader of foreign bytes, with random ones; FUZZ_SECONDS=600
	@tests/need cargo
	cargo test --locked --quiet --package tfplugin-sdk --package tfplugin-sdk-derive --lib --no-run
	@end=$$((SECONDS + $(FUZZ_SECONDS))); while [ $$SECONDS -lt $$end ]; do \
	  PROPTEST_CASES=20000 cargo test --locked --quiet --package tfplugin-sdk --package tfplugin-sdk-derive --lib -- fuzz_; \
	done

lint: .venv/ready ## formatting, lints, layers and licences
	@tests/need cargo
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets --quiet -- -D warnings
	tests/layers
	.venv/bin/ruff format --check --quiet tests
	.venv/bin/ruff check --quiet tests
	@if [ -n "$(HCL)" ]; then $(call fmt_hcl,-check -diff); \
	else echo "skipped because missing: terraform or tofu (formatting of HCL)"; fi
	@if cargo deny --version >/dev/null 2>&1; then echo "cargo deny check"; cargo deny --locked check --hide-inclusion-graph; \
	else echo "skipped because missing: cargo-deny (licences and advisories)"; fi

fmt: .venv/ready ## formats Rust, Python and HCL
	cargo fmt --all
	.venv/bin/ruff format --quiet tests
	.venv/bin/ruff check --quiet --fix tests
	@tests/need cli
	$(call fmt_hcl)

lab: .venv/ready ## the simulated AWS in the foreground; PORT=5999 CLOCK=600
	@cd tests/lab && exec ../../$(PYTHON) -m lab --port $(PORT) --clock $(CLOCK)

install: ## the release build, where Terraform and OpenTofu find it without a registry
	@tests/need cargo
	cargo build --locked --release --package $(BINARY)
	@for host in $(HOSTS); do \
	  dir="$(PLUGINS)/$$host/stellar/stellar/$(VERSION)/$(OS)_$(ARCH)"; \
	  mkdir -p "$$dir"; \
	  install -m 755 "$(TARGET)/release/$(BINARY)" "$$dir/$(BINARY)_v$(VERSION)"; \
	  echo "installed $$dir"; \
	done

docs: build .venv/ready ## the registry's pages from the schema, the modules' tables from their variables
	@PYTHONPATH=tests $(PYTHON) -m docs

bench-sdk: ## what the SDK itself costs, as JSON
	@tests/need cargo
	@tests/bench/sdk

bench: build .venv/ready bench-sdk ## speed, memory and calls against their budgets; ARGS="--runs 5 --check"
	@tests/need cli
	@PYTHONPATH=tests $(PYTHON) -m bench $(ARGS)

release: ## a zip for this machine as registries want it, in dist; GPG_KEY=… signs it
	@tests/need cargo python
	cargo build --locked --release --package $(BINARY)
	.ci/package "$(TARGET)/release/$(BINARY)" $(VERSION) $(OS)_$(ARCH) dist $(GPG_KEY)

# Made anew when the pinned versions change.
.venv/ready: tests/requirements.txt
	@tests/need python
	python3 -m venv --clear .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --requirement tests/requirements.txt
	@touch $@
