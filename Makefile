# Every verb installs what it needs and is missing: apt packages, and the page's npm packages.
SHELL := /bin/bash
export CGO_ENABLED := 1

BIN := bin/bowecho
WEB := internal/portal/web
WEB_SOURCES := $(shell find $(WEB) -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
REVISION := $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
# The same source gives the same bytes, wherever and whenever it is built.
BUILD := go build -trimpath -buildvcs=false -ldflags '-s -w -X bowecho/internal/release.Version=$(VERSION) -X bowecho/internal/release.Revision=$(REVISION)'
STATICCHECK := go run honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: run build image test bench lint fuzz web nomad deps clean

run: build ## the simulated storm, end to end, at http://127.0.0.1:8080
	$(BIN) run

build: web
	$(BUILD) -o $(BIN) ./cmd/bowecho

image: build ## bin/image: bowecho:VERSION for docker, podman or Nomad, and the root of Nomad's exec driver
	deploy/image/build.sh $(BIN) $(VERSION) $(REVISION) bin/image

test: web ## all tests; those on real data where ../shared/data is
	go test -timeout 30m -parallel 6 ./... # those that are parallel wait more than they work

bench: web
	go test -run '^$$' -bench . -benchtime 1s ./...

lint: web
	@unformatted="$$(gofmt -l cmd ingest dispatcher processors alerts internal)"; \
	if [ -n "$$unformatted" ]; then echo "gofmt these: $$unformatted"; exit 1; fi
	go vet ./...
	$(STATICCHECK) ./...

fuzz: deps ## each decoder for FUZZTIME
	deploy/scripts/fuzz.sh $(or $(FUZZTIME),20s)

web: $(WEB)/dist/app.js

$(WEB)/dist/app.js: $(WEB_SOURCES) | deps
	npm ci --prefix $(WEB) --no-audit --no-fund
	go generate ./$(WEB)
	@touch $@

nomad: ## the agent that tests run workers in; outside of the repository, and built once
	@deploy/nomad/build.sh

deps:
	@deploy/scripts/install.sh

clean:
	rm -rf bin $(WEB)/dist/* $(WEB)/node_modules
