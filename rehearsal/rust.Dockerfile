# In the place of the `rust` image: what the jobs and the Dockerfile need of it. The context is the
# sysroot of this machine's toolchain.
FROM debian:bookworm-slim
COPY bin /usr/local/bin
COPY lib /usr/local/lib
# A toolchain can't be added to here: `rustup` only says whether a component or a target is there.
RUN printf '%s\n' '#!/bin/sh' \
        'kind=$1; shift 2' \
        'for name; do' \
        '    case $kind in' \
        '        component) ls /usr/local/bin/cargo-$name /usr/local/bin/$name ;;' \
        '        target) ls -d /usr/local/lib/rustlib/$name ;;' \
        '    esac 2>/dev/null | grep --quiet . \
            || { echo "the stand-in has no $kind $name" >&2; exit 1; }' \
        'done' > /usr/local/bin/rustup \
    && chmod a+x /usr/local/bin/rustup
ENV CARGO_HOME=/usr/local/cargo
ARG TOOLCHAIN
LABEL toolchain="$TOOLCHAIN"
