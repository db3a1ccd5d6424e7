# SPDX-License-Identifier: MIT
#
# The commands people and CI use. Each works from a clean clone and again after that; what is
# missing on a Debian 12 machine is installed (see scripts/install-packages).

.DEFAULT_GOAL := help
.PHONY: help run test build check fmt tidy generate bench fuzz soak simulate clean

CONFIG ?= config/gateway.yaml
FUZZ_SECONDS ?= 600
SOAK_SECONDS ?= 3600
SIMULATE_SECONDS ?= 600

help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1|/' \
		| awk -F'|' '{ printf "  make %-10s %s\n", $$1, $$2 }'

run: build ## Build in release and serve config/gateway.yaml (CONFIG=… for another)
	@exec .build/release/gateway serve --config "$(CONFIG)"

test: ## Everything CI runs: unit, fuzz smoke, policies, integration
	@scripts/test

build: ## Build gateway and policyc in release
	@scripts/install-packages build
	@swift build -c release --product gateway
	@swift build -c release --product policyc

check: ## The quick checks: tidy, generated files, format, policies
	@scripts/install-packages build
	@swift build --product devtool
	@swift build --product gateway
	@swift build --product policyc
	@.build/debug/devtool tidy
	@.build/debug/devtool generate --check
	@scripts/generate-shell --check .build/debug
	@scripts/format --check
	@scripts/check-policies .build/debug

fmt: ## Lay out Swift sources
	@scripts/format

tidy: ## Lengths, layers, licence lines, leftovers
	@scripts/install-packages build
	@swift build --product devtool
	@.build/debug/devtool tidy

generate: ## Rewrite the checked-in files that are made from code
	@scripts/install-packages build
	@swift build --product devtool
	@swift build --product policyc
	@.build/debug/devtool generate
	@scripts/generate-shell .build/debug

bench: build ## Microbenchmarks, then the gateway against the proxies that are installed
	@scripts/bench

fuzz: ## Fuzz every target under AddressSanitizer, FUZZ_SECONDS each (600)
	@scripts/install-packages build
	@scripts/fuzz $(FUZZ_SECONDS)

soak: ## Generated policies against the plain evaluator for SOAK_SECONDS (3600), from a new seed
	@scripts/install-packages build
	@swift build -c release --product differential
	@seed=$$(date +%s)000000; echo "seed $$seed"; .build/release/differential --seed $$seed \
		--programs 1000000000 --batches 0 --seconds $(SOAK_SECONDS) --open-ended

simulate: ## The data plane in a simulated world for SIMULATE_SECONDS (600), from a new seed
	@scripts/install-packages build
	@swift build -c release --product simulate
	@scripts/simulation $(SIMULATE_SECONDS) $$(date +%s)000

clean: ## Remove everything that was built or installed here
	@rm -rf .build .build-* bench/.build Tests/Integration/.venv
