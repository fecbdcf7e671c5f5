# The targets below are all that working on Gozer needs. `make` alone explains.

GO     ?= go
BIN    := bin/gozer
# Packages of the system: the sandbox of jobs, and a browser for the UI's tests.
RUNTIME_PACKAGES := git:git bwrap:bubblewrap
TEST_PACKAGES    := $(RUNTIME_PACKAGES) chromium:chromium

.PHONY: help build test race e2e sim fuzz mutate corpus bench lint fmt verify check demo run kill clean packages test-packages

help: ## Explain the targets
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | awk -F '\t' '{ printf "  make %-10s %s\n", $$1, $$2 }'

build: ## Build bin/gozer
	$(GO) build -trimpath -o $(BIN) ./cmd/gozer

packages:
	@scripts/packages.sh $(RUNTIME_PACKAGES)

test-packages:
	@scripts/packages.sh $(TEST_PACKAGES)

demo: packages build ## Show a gate at work; with CI=1 end by itself with the verdict
	$(BIN) demo $(if $(CI),--ci,) $(if $(DATA),--data $(DATA),) $(if $(LISTEN),--listen $(LISTEN),)

run: packages build ## Run a server with the configuration in gozer.yaml, or the defaults
	$(BIN) serve $(if $(wildcard gozer.yaml),--config gozer.yaml,)

test: test-packages ## Run all tests
	$(GO) test ./...

race: test-packages ## Run all tests under the race detector
	$(GO) test -race ./...

e2e: test-packages build ## Run only the tests that drive whole servers
	$(GO) test -count=1 ./internal/e2e/... ./demo/...

sim: ## Play random runs of the whole server for TIME (60s); SEEDS=n STEPS=n plays so many, SEED=n replays one, HISTORIES=n and HISTORY=n the core alone
	$(GO) run ./internal/sim/cmd $(if $(SEED),-seed $(SEED),) $(if $(STEPS),-steps $(STEPS),) $(if $(SEEDS),-seeds $(SEEDS),) $(if $(TIME),-time $(TIME),) $(if $(KEEP),-keep $(KEEP),) $(if $(WITHOUT),-without "$(WITHOUT)",) $(if $(HISTORIES),-histories $(HISTORIES),) $(if $(HISTORY),-history $(HISTORY),) $(if $(COUNTS),-counts,)

fuzz: ## Run every fuzz target for FUZZTIME (10s)
	@scripts/fuzz.sh $(or $(FUZZTIME),10s)

mutate: ## Break rules of the core one by one; the tests must notice each
	$(GO) run ./scheduler/schedtest/mutate
	$(GO) run ./internal/sim/mutate

corpus: ## Load every configuration below CORPUS, laid out as Zuul's test fixtures, and compare with what is expected
	@$(if $(CORPUS),,echo "name a directory: make corpus CORPUS=DIR"; exit 2;) $(GO) run ./tenants/corpus $(CORPUS)

bench: ## Measure; docs/performance.md tells how the figures were taken
	$(GO) test -run '^$$' -bench . -benchmem ./...

kill: packages build ## kill -9 the server at random moments of the demo load; KILLS=n SEED=n
	$(GO) test -count=1 -timeout 60m ./internal/e2e -run TestKill -v -args $(if $(KILLS),-kill.times $(KILLS),) $(if $(SEED),-kill.seed $(SEED),)

fmt: ## Format the sources
	gofmt -w $$(git ls-files '*.go')

lint: ## Look for mistakes without running anything
	@out=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$out" ]; then echo "not formatted (make fmt):"; echo "$$out"; exit 1; fi
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

verify: lint ## What must hold before anything lands, besides the tests
	$(GO) mod tidy -diff
	$(GO) mod verify
	$(GO) test -count=1 ./internal/lint

check: build ## Check a tenant file and the configuration of its projects: TENANTS=file PROJECTS=dir
	$(BIN) tenant check --tenants $(or $(TENANTS),tenants.yaml) $(if $(PROJECTS),--projects $(PROJECTS),)

clean: ## Remove what was built and the demo's data
	rm -rf bin demo-data
