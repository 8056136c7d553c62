# In the place of the `rust` image: what the Dockerfile needs of it. The context is the sysroot.
FROM debian:bookworm-slim
COPY bin /usr/local/bin
COPY lib /usr/local/lib
ENV CARGO_HOME=/usr/local/cargo
ARG TOOLCHAIN
LABEL toolchain="$TOOLCHAIN"
