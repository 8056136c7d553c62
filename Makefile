# What one does with this project. `make` alone lists it.

.DEFAULT_GOAL := help
.PHONY: help run test lint coverage bench

# The program tells the commit it was built from where git knows it.
commit := $(shell git rev-parse HEAD 2>/dev/null)
cargo := $(if $(commit),COMMIT=$(commit)) cargo
site := $(cargo) run --quiet --locked --package site --

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Without a `.env` in debug; on loopback alone in any case. An empty database gets the demo data
# unless DEMO_DATA is set, here or in `.env`.
run: ## Build, migrate, collect and serve on http://localhost:8000
	@$(cargo) build --locked --package site
	@set -eu; \
	if [ ! -e .env ]; then export DEBUG="$${DEBUG:-True}"; fi; \
	grep -Eqs '^[[:blank:]]*(export[[:blank:]]+)?DEMO_DATA[[:blank:]]*=' .env \
		|| export DEMO_DATA="$${DEMO_DATA:-True}"; \
	$(site) migrate; \
	$(site) collectstatic --noinput; \
	echo 'To make a staff account: manage.py createsuperuser of the Django project, on the same database'; \
	echo 'Serving on http://localhost:8000; Ctrl-C stops.'; \
	$(site) serve --bind 127.0.0.1:8000

test: ## Check everything, after installing what the checks need
	@cargo xtask setup
	@cargo xtask ci

lint: ## Check the format, the lints and the documentation only
	@cargo xtask ci format clippy documentation

coverage: ## Run the tests and write the coverage as HTML
	@cargo xtask coverage

bench: ## Measure the release build; the raw output goes to bench/runs
	@cargo xtask bench start
	@cargo xtask bench list
	@cargo xtask bench static
	@cargo xtask bench collect
	@cargo xtask bench watch
	@cargo xtask bench slow
	@cargo xtask bench restarts
	@cargo xtask bench mutations
	@cargo xtask bench outage
	@cargo xtask bench kill
