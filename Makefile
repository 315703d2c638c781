# Two commands do everything on a Debian machine with a Swift toolchain: `make demo`, `make test`.

SHELL := /bin/bash
SWIFT ?= swift
TESTBED := Testbed/testbed

.PHONY: help demo test test-long check fuzz bench install build release deps fmt clean

help: ## What can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

demo: deps build ## Show the main job on a real engine, in front of your eyes
	Testbed/demo

test: deps build ## Run all tests, those on a real engine included
	Testbed/test

# The matrix of Docs/Matrix.md.
MATRIX := EndToEndTests\.(Push|Hold|Rollback|Rollout|Drift|EngineFault|Kill|Node|NodeMatrix|Drain|Failover|Standby|Swarm|SwarmModel|SwarmFailure|SwarmLeader|SwarmRollout)Tests
# What needs servers that a testbed of the newer release has not; NodeMatrix has an engine of it.
SERVED := EndToEndTests\.(Hold|Rollback)Tests

test-long: deps build ## Run the matrix of Docs/Matrix.md whole, on both engines
	GYRE_TEST_LONG=1 Testbed/test --filter '$(MATRIX)'
	GYRE_TEST_LONG=1 RELEASE=trixie Testbed/test --filter '$(MATRIX)' --skip '$(SERVED)'

check: deps ## Format, warnings as errors, tidiness
	Testbed/check

fuzz: deps ## Feed the loader with files that nobody would write, for a minute
	Tests/Fuzzing/run

bench: deps release ## Measure against Docker Compose and the bare Engine API
	Benchmarks/run

install: deps release ## Install gyre below PREFIX (default /usr/local)
	install -D .build/release/gyre $(DESTDIR)$(or $(PREFIX),/usr/local)/bin/gyre

build: deps
	$(SWIFT) build

release: deps
	$(SWIFT) build -c release --static-swift-stdlib --product gyre

deps: ## Install the Debian packages that are missing
	@$(TESTBED) install

fmt: ## Format all Swift files
	$(SWIFT) format format -i -r Package.swift Sources Tests Benchmarks

clean:
	rm -rf .build
