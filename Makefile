# docker tidy: everything a developer runs. `make help` lists it.
.DEFAULT_GOAL := help
.PHONY: help build dist install try test unit e2e parity check bench golden docs clean

NPM := npm --loglevel=error
SOURCES := $(shell find src scripts -type f) package.json

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# What the project needs on this machine, installed once and again when the lockfile changes.
node_modules/.installed: package-lock.json scripts/prepare
	@scripts/prepare
	@$(NPM) ci
	@[ -e node_modules/.bin/node ] || ln -s ../$$(cd node_modules && ls -d node-*-*/bin/node) node_modules/.bin/node # npm 9 does not
	@touch $@

dist/docker-tidy: $(SOURCES) node_modules/.installed
	@$(NPM) run build

build: dist/docker-tidy ## Build dist/docker-tidy, the standalone binary

dist: node_modules/.installed ## Make what is released, for all platforms, in dist/release (ONLY=linux-arm64,… for some)
	@$(NPM) run dist -- $(if $(ONLY),--only $(ONLY))

install: dist/docker-tidy ## Install the plugin for this user (DOCKER_CONFIG, or ~/.docker)
	@sh install.sh --from dist/docker-tidy

try: dist/docker-tidy ## Build, and run `docker tidy plan` on your engine or an example; changes nothing
	@scripts/try

# One seed, so that a change is judged by itself; `make parity` draws another each time.
test: unit e2e ## Run all tests (unit, e2e and parity)
	@PARITY_SEED=$${PARITY_SEED:-12} $(MAKE) --no-print-directory parity

unit: node_modules/.installed ## Run the unit tests
	@$(NPM) run unit

e2e: dist/docker-tidy ## Run the packaged binary under the real docker CLI on real engines of its own
	@scripts/prepare engines
	@scripts/prepare browser
	@$(NPM) run e2e

parity: dist/docker-tidy ## Compare with docker's own prune on random populations (PARITY_CASES, PARITY_SEED)
	@scripts/prepare engines
	@$(NPM) run parity

docs: node_modules/.installed ## Write docs/reference.md and man/ anew from the table of commands
	@$(NPM) run docs

check: node_modules/.installed ## Check types, lint, format and dead code
	@$(NPM) run types
	@$(NPM) run lint
	@$(NPM) run dead

bench: dist/docker-tidy ## Measure start-up against peers and pricing, as ratios, an idle watch, the report, and budgets
	@PATH="$$(scripts/engine tools 28.5 2>/dev/null):$$PATH" $(NPM) run bench

golden: node_modules/.installed ## Write the goldens anew (then read the diff)
	@$(NPM) run golden

clean: ## Remove what was built, and the test engines
	@scripts/engine down --all 2>/dev/null || true
	@rm -rf dist node_modules
