# syntax=docker/dockerfile:1
# Broadcasts do not cross Docker's bridge: docker run --network host IMAGE. README.md says more.

FROM rust:1.95-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY crates crates
COPY xtask xtask
RUN cargo build --release --locked --package cooee-cli

FROM scratch
COPY --from=build /src/target/release/cooee /cooee
COPY LICENSE-MIT LICENSE-APACHE /licences/
# Not 65534, which is also everybody whom a user namespace does not know.
USER 10001:10001
EXPOSE 9999/udp
STOPSIGNAL SIGTERM
ENTRYPOINT ["/cooee"]
CMD ["serve"]
