# syntax=docker/dockerfile:1

# The image of both containers of the Pod: Debian's NGINX and modules, Node 24, the bundled controller.
#
#   docker build -t tidegate .                       for another machine type: --platform linux/arm64
#   --build-arg BASE_IMAGE=… BUILD_IMAGE=…           bases of another registry; BUILD_IMAGE needs npm
#   --secret id=ca,src=ca.pem                        certificates that npm is to trust during the build, as behind a
#                                                    proxy that opens TLS; they do not get into the image
ARG BASE_IMAGE=debian:trixie-slim
ARG BUILD_IMAGE=node:24-trixie-slim

# The bundle is the same for every machine type; only Node's binary is not. So this stage runs natively.
FROM --platform=$BUILDPLATFORM ${BUILD_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
COPY scripts/as-node-24.cjs scripts/installed.cjs scripts/
# Versions and hashes come from the lockfile; no script of a package runs (scripts/setup-npm.sh says why not npm ci).
RUN --mount=type=secret,id=ca \
    if [ -s /run/secrets/ca ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/ca npm_config_cafile=/run/secrets/ca; fi; \
    NODE_OPTIONS='--require ./scripts/as-node-24.cjs' npm install --no-save --ignore-scripts --include=dev \
      --include=optional --no-audit --no-fund --no-progress --loglevel=error \
 && node scripts/installed.cjs
# Node for the machine that the image is for, from the same lockfile.
ARG TARGETARCH
RUN --mount=type=secret,id=ca \
    if [ -s /run/secrets/ca ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/ca npm_config_cafile=/run/secrets/ca; fi; \
    case "${TARGETARCH:-amd64}" in amd64) cpu=x64 ;; arm64) cpu=arm64 ;; *) echo "no Node for $TARGETARCH; accepted: amd64, arm64" >&2; exit 1 ;; esac; \
    mkdir /target && cp package.json package-lock.json .npmrc /target/ && cd /target \
 && NODE_OPTIONS='--require /build/scripts/as-node-24.cjs' npm install --no-save --ignore-scripts --omit=dev \
      --include=optional --os=linux --cpu="$cpu" --no-audit --no-fund --no-progress --loglevel=error \
 && mkdir /node && cp "node_modules/node-linux-$cpu/bin/node" /node/node \
 && cp "node_modules/node-linux-$cpu/LICENSE" /node/LICENSE
COPY LICENSE ./
COPY bin/ bin/
COPY templates/ templates/
COPY nginx/ nginx/
COPY controller/ controller/
COPY scripts/bundle.ts scripts/
RUN node_modules/node-linux-*/bin/node scripts/bundle.ts \
 && cp /node/LICENSE dist/LICENSE-node \
 && chmod -R a+rX,go-w dist

FROM ${BASE_IMAGE}
# NGINX's package wants no service started. The user has no name in Debian; a fixed number lets a Pod ask for it.
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      nginx libnginx-mod-http-lua libnginx-mod-stream libnginx-mod-stream-js lua-cjson ca-certificates \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* /var/lib/nginx/* /var/www/html \
      /etc/nginx/sites-enabled/* \
 && groupadd --gid 101 tidegate \
 && useradd --uid 101 --gid 101 --no-create-home --home-dir /run/tidegate --shell /usr/sbin/nologin tidegate \
 && install -d -o 101 -g 101 -m 0711 /run/tidegate /run/tidegate/run \
 && install -d -o 101 -g 101 -m 0700 /run/tidegate/conf /run/tidegate/controller
COPY --from=build /node/node /usr/local/bin/node
COPY --from=build /build/dist /opt/tidegate
RUN ln -s /opt/tidegate/bin/tidegate.js /usr/local/bin/tidegate && tidegate --version && nginx -V
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Tidegate" \
      org.opencontainers.image.description="Kubernetes ingress controller on stock NGINX" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production
# Above 1024, so that no capability is needed; clients see the ports of the Service.
EXPOSE 8080 8443
USER 101:101
# The signal on which NGINX, as process 1 of its container, finishes its requests; the controller takes it like SIGTERM.
STOPSIGNAL SIGQUIT
# The controller. NGINX's container: /opt/tidegate/nginx/start.sh --wait /run/tidegate
ENTRYPOINT ["/usr/local/bin/tidegate"]
CMD ["--help"]
