# The site as an image: one static program, its static files and the roots of trust, and nothing
# else. `docker build -t NAME .` is all it takes; `make image` tells the commit as well.
#
# The base has the toolchain of Cargo.toml's `rust-version` and ca-certificates. A mirror of it
# can be named: --build-arg RUST_IMAGE=registry.example/rust:1.95-bookworm
ARG RUST_IMAGE=rust:1.95-bookworm

# Everything is built on the machine's own processor, for whichever one the image is: --platform
# chooses it. A builder that knows no platforms (Docker before 23 without BuildKit) says nothing
# about its own.
FROM --platform=${BUILDPLATFORM:-linux/amd64} ${RUST_IMAGE} AS base
# It writes the list of all crates into the program, where scanners look for it.
RUN CARGO_PROFILE_DEV_DEBUG=0 cargo install --locked --debug --version 0.7.7 --root /usr/local cargo-auditable

# What decides about the dependencies: the manifests and how they are built, with an empty program
# for every target. This stage runs at each change, but as long as it leaves the same files, the
# slow step that reads them below comes from the cache.
FROM base AS manifests
WORKDIR /source
COPY . .
RUN find . -type f ! -name Cargo.toml ! -name Cargo.lock ! -path './.cargo/config.toml' \
        ! -path '*/src/lib.rs' ! -path '*/src/main.rs' -delete \
    && for source in $(find . -name '*.rs'); do echo 'fn main() {}' > "$source"; done \
    && find . -type d -empty -delete

FROM base AS build
# The target: the machine's own, or another with a C compiler and a linker for it, and an emulator
# for the one moment when the program has to run.
ARG BUILDARCH
ARG TARGETARCH
RUN case "$TARGETARCH" in \
        "$BUILDARCH") rustc --print host-tuple > /target ;; \
        amd64) echo x86_64-unknown-linux-gnu > /target ;; \
        arm64) echo aarch64-unknown-linux-gnu > /target ;; \
        *) echo "the program is not built for $TARGETARCH" >&2; exit 1 ;; \
    esac \
    && if [ "$TARGETARCH" != "$BUILDARCH" ]; then \
        cpu=$(cut -d - -f 1 /target) \
        && apt-get update \
        && apt-get install --yes --no-install-recommends qemu-user-static \
            "gcc-$(echo "$cpu" | tr _ -)-linux-gnu" "libc6-dev-$TARGETARCH-cross" \
        && rm -rf /var/lib/apt/lists/* \
        && rustup target add "$(cat /target)"; \
    fi \
    # The allocator has to know the largest page of the systems it may run on: 64 KiB on arm64.
    && if [ "$TARGETARCH" = arm64 ]; then \
        printf '[env]\nJEMALLOC_SYS_WITH_LG_PAGE = "16"\n' > "$CARGO_HOME/config.toml"; \
    fi
WORKDIR /source
# Linked statically, the C library included: the program needs no file of a distribution. The target
# has to be named, or this would hold for the build scripts and macros as well.
ENV RUSTFLAGS="-C target-feature=+crt-static" \
    CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER=x86_64-linux-gnu-gcc \
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
COPY --from=manifests /source .
RUN cargo auditable build --release --locked --package site --features jemalloc --target "$(cat /target)"

COPY . .
# Cargo goes by the times of files, and those copied may be older than the empty programs. All but
# the last file is compiled before the commit is told: one that changes no source links anew, no more.
RUN find crates -type f -exec touch {} + \
    && cargo auditable build --release --locked --offline --package site --features jemalloc --lib \
        --target "$(cat /target)"
ARG COMMIT=unknown
ARG SOURCE_DATE_EPOCH=
# Unset, since what compiles C would compile it anew for another time.
RUN COMMIT="$COMMIT" COMMIT_TIME="$SOURCE_DATE_EPOCH" env --unset SOURCE_DATE_EPOCH cargo auditable build --release --locked --offline --package site --features jemalloc \
        --target "$(cat /target)" \
    && mkdir -p /image/etc/ssl/certs /volume/data \
    && cp target/*/release/oc-lettings LICENSE /image/ \
    && cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ \
    && emulator=$(command -v "qemu-$(cut -d - -f 1 /target)-static" || true) \
    && STATIC_ROOT=/image/staticfiles $emulator /image/oc-lettings collectstatic --noinput \
    && $emulator /image/oc-lettings licenses > /image/NOTICES
# With the time of the commit here, the same commit gives the same layers.
RUN if [ -n "$SOURCE_DATE_EPOCH" ]; then \
        find /image /volume -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +; \
    fi

FROM scratch
ARG COMMIT=unknown
ARG VERSION=unknown
LABEL org.opencontainers.image.title="OC Lettings" \
    org.opencontainers.image.description="The website of Orange County Lettings" \
    org.opencontainers.image.licenses="MIT" \
    org.opencontainers.image.revision="$COMMIT" \
    org.opencontainers.image.version="$VERSION"
COPY --from=build /image /
# The one folder to write to: the SQLite file lies here unless DATABASE_URL says otherwise. Copied
# from within another, since a folder that Docker makes has the time of now.
COPY --from=build --chown=65532:65532 /volume /
ENV STATIC_ROOT=/staticfiles
WORKDIR /data
VOLUME /data
# By number: `scratch` knows no names, and Kubernetes' `runAsNonRoot` asks for one.
USER 65532:65532
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 \
    CMD ["/oc-lettings", "health"]
ENTRYPOINT ["/oc-lettings"]
CMD ["serve", "--migrate"]
