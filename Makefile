# What one does with this project. `make` alone lists it.

.DEFAULT_GOAL := help
.PHONY: help env run test test-in-docker lint docs docs-serve release audit advisories scan coverage screenshots demo-photos lighthouse bench rehearse image push program \
	run-latest logs stop deploy rollback status

# The program tells the commit it was built from, and its time, where git knows them.
commit := $(shell git rev-parse HEAD 2>/dev/null)
commit_time := $(shell git log -1 --format=%ct 2>/dev/null)
cargo := $(if $(commit),COMMIT=$(commit) COMMIT_TIME=$(commit_time)) cargo
version := $(shell sed -n 's/^version = "\(.*\)"/\1/p' crates/site/Cargo.toml)
site := $(cargo) run --quiet --locked --package site --

# The image's name. Any registry will do; what is in it is told by its tags and its digest.
IMAGE ?= $(if $(DOCKERHUB_USERNAME),docker.io/$(DOCKERHUB_USERNAME)/oc-lettings)
# Further options for `docker build`, such as --pull or --build-arg RUST_IMAGE=…
BUILD_OPTIONS ?=
build_options = $(BUILD_OPTIONS) \
	$(if $(commit),--build-arg COMMIT=$(commit)) \
	--build-arg SOURCE_DATE_EPOCH=$(commit_time) --build-arg VERSION=$(version)

# Each stops with one line that says what to do. A comma would end the text.
fail = { echo "$(1)" >&2; exit 1; }
need_docker = docker version >/dev/null 2>&1 \
	|| $(call fail,Docker does not answer: install it and start it (or set DOCKER_HOST).)
need_image = [ -n '$(IMAGE)' ] \
	|| $(call fail,No image is named: set DOCKERHUB_USERNAME to the account that has it (or IMAGE to its name).)
need_env = [ -e .env ] \
	|| $(call fail,There is no .env: make env writes one.)
need_commit = { [ -n '$(commit)' ] && git diff --quiet HEAD --; } \
	|| $(call fail,Not everything is committed: an image is pushed under the commit it is built from.)
need_container = docker container inspect oc-lettings >/dev/null 2>&1 \
	|| $(call fail,No container oc-lettings is there: make run-latest starts one.)

# A line of `##@` begins a group of the targets below it.
help: ## List the targets
	@awk -F ':.*## ' '/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ Try it

# The key is 256 random bits in hexadecimal: of what POSIX has, that is what `od` can make. The text is
# whole before the file is made, under a mode for its owner alone; a shell with `set -C` overwrites
# nothing, whoever makes the file meanwhile.
env: ## Write .env with a secret key of its own, unless there is one
	@set -eu; \
	if [ -e .env ]; then echo 'There is a .env: it stays as it is.'; exit 0; fi; \
	key=$$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n'); \
	[ "$${#key}" -eq 64 ]; \
	text=$$(awk -v key="$$key" '/^SECRET_KEY=/ { $$0 = "SECRET_KEY=" key } { print }' .env.example); \
	umask 077; \
	set -C; \
	printf '%s\n' "$$text" > .env; \
	echo 'Wrote .env with a secret key of its own. For a public site set ALLOWED_HOSTS in it.'

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
	echo 'To make a staff account: target/debug/oc-lettings createsuperuser'; \
	echo 'Serving on http://localhost:8000; Ctrl-C stops.'; \
	$(site) serve --bind 127.0.0.1:8000

##@ Check it

test: ## Check everything, after installing what the checks need
	@cargo xtask setup
	@cargo xtask ci

# The release of Rust as the pipeline has it. What is compiled and installed stays in volumes; the
# files belong to another user than the container's.
RUST_IMAGE ?= $(shell sed -n 's/^ARG RUST_IMAGE=//p' Dockerfile)
test-in-docker: ## Check everything in a container, where you are not root or this is no Debian
	@$(need_docker)
	docker run --rm --init --shm-size 1g --volume '$(CURDIR)':/source --workdir /source \
		--volume oc-lettings-test-target:/source/target \
		--volume oc-lettings-test-node:/source/e2e/node_modules \
		--env CARGO_HOME=/source/target/cargo-home --env GIT_CONFIG_COUNT=1 \
		--env GIT_CONFIG_KEY_0=safe.directory --env GIT_CONFIG_VALUE_0=/source \
		$(RUST_IMAGE) sh -c 'rustup component add clippy rustfmt && make test'

lint: ## Check the format, the lints and the documentation only
	@cargo xtask ci format clippy documentation

docs: ## Build the documentation in English and French into target/docs
	@cargo xtask docs

docs-serve: docs ## Build it and show it on http://localhost:3000
	@python3 -m http.server 3000 --bind 127.0.0.1 --directory target/docs

# Without optimisation and debug information the scanners are made in half the time, and they have
# little to do. In one folder, since they are made of much the same crates.
install = CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR=target/scanners cargo install --locked --debug

audit: ## Check licences, banned crates and sources of the dependencies
	@cargo deny --version >/dev/null 2>&1 || $(install) cargo-deny
	cargo deny --all-features check licenses bans sources

# A git repository in the form of RustSec's, always taken anew.
ADVISORIES ?= https://github.com/RustSec/advisory-db.git
advisories = target/advisories
known = { cargo audit --version >/dev/null 2>&1 || $(install) cargo-audit; } \
	&& rm -rf $(advisories) && git clone --quiet --depth 1 $(ADVISORIES) $(advisories)

# Whether a crate was withdrawn stands in the registry's index, which `cargo fetch` reads.
advisories: ## Look for known vulnerabilities and withdrawn crates among the dependencies
	@$(known)
	cargo fetch --quiet --locked
	cargo audit --no-fetch --db $(advisories) --deny unsound --deny yanked

programs = "$${CARGO_HOME:-$$HOME/.cargo}"/bin

# The list comes first: without one in the program there would be nothing to see.
scan: ## Look for them in the program of make program; its parts go to target/image/oc-lettings.cdx.json
	@$(known)
	@[ -x $(programs)/auditable2cdx ] || $(install) auditable2cdx
	$(programs)/auditable2cdx target/image/oc-lettings > target/image/oc-lettings.cdx.json
	cargo audit --no-fetch --db $(advisories) --deny unsound bin target/image/oc-lettings

coverage: ## Run the tests and write the coverage as HTML
	@cargo xtask coverage

screenshots: ## Take anew the screenshots that pages are compared with, and the guide's; all pages: target/browser/pages
	@cargo xtask browser appearance components guide pages --update-snapshots=changed

demo-photos: ## Render anew the photos of the demo data; look at each: it takes half an hour
	cargo run --release -p pictures --example demo-photos -- crates/site/src/demo/photos

##@ Measure it

# The least score that passes, 100 unless another is given: make lighthouse MINIMUM=95
lighthouse: ## Have Lighthouse judge the release build; the raw output goes to bench/runs
	@cargo xtask bench lighthouse $(if $(MINIMUM),--minimum $(MINIMUM))

bench: ## Measure the release build; the raw output goes to bench/runs
	@cargo xtask bench start
	@cargo xtask bench list
	@cargo xtask bench static
	@cargo xtask bench pages
	@cargo xtask bench collect
	@cargo xtask bench watch
	@cargo xtask bench slow
	@cargo xtask bench restarts
	@cargo xtask bench mutations
	@cargo xtask bench outage
	@cargo xtask bench logins
	@cargo xtask bench kill

##@ Release it

release: ## Tag a release: make release VERSION=1.2.3
	@[ -n '$(VERSION)' ] || $(call fail,Which version? make release VERSION=1.2.3)
	@cargo xtask release '$(VERSION)'

rehearse: ## Play pushes, deployments and failures on this machine, in containers
	@cargo xtask rehearse

image: ## Build the image, and tag it with the commit if it has a name
	@$(need_docker)
	docker build $(build_options) --tag $(or $(IMAGE),oc-lettings):$(or $(commit),latest) .

# A builder of buildx's own (`docker buildx create --use`) makes the image for each of PLATFORMS, has
# it carry where it comes from and what is in it, and keeps what was compiled as :cache. The engine's
# builder can do none of that: it makes an image for this machine's processor.
PLATFORMS ?= linux/amd64,linux/arm64
builder = $(shell docker buildx inspect 2>/dev/null | sed -n 's/^Driver: *//p' | head -n 1)

push: ## Build and push the image as :COMMIT and :latest; its digest goes to target/image/image.env
	@$(need_docker)
	@$(need_image)
	@$(need_commit)
	@set -eu; \
	mkdir -p target/image; \
	rm -f target/image/image.env; \
	if [ -n "$${DOCKERHUB_TOKEN:-}" ]; then \
		case '$(IMAGE)' in *.*/*|*:*/*) registry='$(firstword $(subst /, ,$(IMAGE)))' ;; *) registry= ;; esac; \
		printf %s "$$DOCKERHUB_TOKEN" \
			| docker login --username "$$DOCKERHUB_USERNAME" --password-stdin $$registry; \
	fi; \
	set -x; \
	case '$(builder)' in docker-container|kubernetes|remote) \
		docker buildx build $(build_options) --tag $(IMAGE):$(commit) --tag $(IMAGE):latest \
			--platform $(PLATFORMS) --push --provenance=mode=max --sbom=true \
			--cache-from type=registry,ref=$(IMAGE):cache \
			--cache-to type=registry,ref=$(IMAGE):cache,mode=max,ignore-error=true .; \
		docker pull --quiet $(IMAGE):$(commit) ;; \
	*) \
		docker build $(build_options) --tag $(IMAGE):$(commit) --tag $(IMAGE):latest .; \
		docker push --quiet $(IMAGE):$(commit); \
		docker push --quiet $(IMAGE):latest ;; \
	esac; \
	docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' $(IMAGE):$(commit) \
		| sed -n 's|^\(docker.io/\)\{0,1\}$(IMAGE:docker.io/%=%)@|IMAGE_DIGEST=$(IMAGE)@|p' \
		| head -n 1 > target/image/image.env; \
	grep . target/image/image.env; \
	echo 'IMAGE_COMMIT=$(commit)' >> target/image/image.env

# It is linked statically and runs wherever Linux does.
program: ## Copy the program out of the image pushed to target/image/oc-lettings
	@$(need_docker)
	@set -eu; \
	container=$$(docker create $(IMAGE):$(commit)); \
	docker cp "$$container":/oc-lettings target/image/oc-lettings; \
	docker rm "$$container" >/dev/null

##@ Run an image of the registry, here

# The database of DATABASE_URL; the default's file is kept in the volume oc-lettings-data.
run-latest: ## Pull the newest image and run it with .env on http://localhost:8001
	@$(need_docker)
	@$(need_image)
	@$(need_env)
	@set -eu; \
	docker pull $(IMAGE):latest; \
	docker rm --force oc-lettings >/dev/null 2>&1 || true; \
	docker run --detach --name oc-lettings --env-file .env --env PORT=8000 \
		--publish 127.0.0.1:8001:8000 --volume oc-lettings-data:/data \
		--read-only --cap-drop ALL --security-opt no-new-privileges \
		$(IMAGE):latest >/dev/null; \
	echo 'Starting on http://localhost:8001'; \
	for attempt in $$(seq 60); do \
		if docker exec oc-lettings /oc-lettings health 2>/dev/null; then exit 0; fi; \
		if [ "$$(docker container inspect --format '{{.State.Running}}' oc-lettings)" != true ]; then break; fi; \
		sleep 0.5; \
	done; \
	docker logs --tail 20 oc-lettings; \
	$(call fail,The site did not become healthy; above is what it said.)

logs: ## Show what the container of run-latest says; Ctrl-C ends it
	@$(need_docker)
	@$(need_container)
	@docker logs --follow --tail 100 oc-lettings

stop: ## Stop the container of run-latest; its data stays
	@$(need_docker)
	@$(need_container)
	@docker stop --time 35 oc-lettings >/dev/null
	@docker rm oc-lettings >/dev/null

##@ Deploy it

# The program that deploys: this one, unless another is named.
OC_LETTINGS ?= $(site)

# What `make push` left: the image, and the commit it was built from.
pushed = $(shell sed -n 's/^$(1)=//p' target/image/image.env 2>/dev/null)
need_digest = [ -n '$(DIGEST)$(call pushed,IMAGE_DIGEST)' ] \
	|| $(call fail,No image was pushed from here: make push first (or name one by DIGEST=NAME@sha256:…).)

# These take RENDER_API_KEY and RENDER_SERVICE_ID from the environment or from .env.
deploy: ## Deploy the image pushed last from here, or DIGEST, NAME@sha256:…
	@$(need_digest)
	@$(OC_LETTINGS) deploy run $(if $(DIGEST),--image $(DIGEST),\
		--image $(call pushed,IMAGE_DIGEST) --commit $(call pushed,IMAGE_COMMIT))

rollback: ## Go back to what was live before, or to the digest TO
	@$(OC_LETTINGS) deploy rollback $(if $(TO),--to $(TO))

status: ## Show what is live, and the last deployments
	@$(OC_LETTINGS) deploy status
