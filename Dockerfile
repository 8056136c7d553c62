# The site as an image: one static program, its static files and the roots of trust, and nothing
# else. `docker build -t NAME .` is all it takes; `make image` tells the commit as well.
#
# The base has the toolchain of Cargo.toml's `rust-version` and ca-certificates. A mirror of it
# can be named: --build-arg RUST_IMAGE=registry.example/rust:1.95-bookworm
ARG RUST_IMAGE=rust:1.95-bookworm

# What decides about the dependencies: the manifests and how they are built, with an empty program
# for every target. This stage runs at each change, but as long as it leaves the same files, the
# slow step that reads them below comes from the cache.
FROM ${RUST_IMAGE} AS manifests
WORKDIR /source
COPY . .
RUN find . -type f ! -name Cargo.toml ! -name Cargo.lock ! -path './.cargo/config.toml' \
        ! -path '*/src/lib.rs' ! -path '*/src/main.rs' -delete \
    && for source in $(find . -name '*.rs'); do echo 'fn main() {}' > "$source"; done \
    && find . -type d -empty -delete

FROM ${RUST_IMAGE} AS build
WORKDIR /source
# Linked statically, the C library included: the program needs no file of a distribution. The target
# has to be named, or this would hold for the build scripts and macros as well.
ENV RUSTFLAGS="-C target-feature=+crt-static"
COPY --from=manifests /source .
RUN cargo build --release --locked --package site --target "$(rustc --print host-tuple)"

COPY . .
ARG COMMIT=unknown
# Cargo goes by the times of files, and those copied may be older than the empty programs.
RUN find crates -type f -exec touch {} + \
    && COMMIT="$COMMIT" cargo build --release --locked --offline --package site \
        --target "$(rustc --print host-tuple)" \
    && mkdir -p /image/etc/ssl/certs /volume/data \
    && cp target/*/release/oc-lettings LICENSE /image/ \
    && cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ \
    && STATIC_ROOT=/image/staticfiles /image/oc-lettings collectstatic --noinput \
    && /image/oc-lettings licenses > /image/NOTICES
# With the time of the commit here, the same commit gives the same layers.
ARG SOURCE_DATE_EPOCH=
RUN if [ -n "$SOURCE_DATE_EPOCH" ]; then \
        find /image /volume -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +; \
    fi

FROM scratch
ARG COMMIT=unknown
LABEL org.opencontainers.image.title="OC Lettings" \
    org.opencontainers.image.description="The website of Orange County Lettings" \
    org.opencontainers.image.licenses="MIT" \
    org.opencontainers.image.revision="$COMMIT"
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
