# syntax=docker/dockerfile:1

# The image that both containers of the Pod use: Debian's NGINX and modules, Node 24, and the bundled controller.
#
#   docker build -t tidegate .                       for another machine type: --platform linux/arm64
#   --build-arg BASE_IMAGE=… BUILD_IMAGE=…           bases of another registry; BUILD_IMAGE needs npm
#   --secret id=ca,src=ca.pem                        certificates that npm trusts during the build, where a proxy
#                                                    intercepts TLS; they do not get into the image
ARG BASE_IMAGE=debian:trixie-slim
ARG BUILD_IMAGE=node:24-trixie-slim

# Only Node's binary depends on the machine type; the bundle does not. So this stage runs on the build machine's own
# type.
FROM --platform=$BUILDPLATFORM ${BUILD_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
COPY scripts/as-node-24.cjs scripts/installed.cjs scripts/
# Versions and hashes come from the lockfile, and no package script runs. scripts/setup-npm.sh explains why this is not
# `npm ci`.
RUN --mount=type=secret,id=ca \
    if [ -s /run/secrets/ca ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/ca npm_config_cafile=/run/secrets/ca; fi; \
    NODE_OPTIONS='--require ./scripts/as-node-24.cjs' npm install --no-save --ignore-scripts --include=dev \
      --include=optional --no-audit --no-fund --no-progress --loglevel=error \
 && node scripts/installed.cjs
# Node for the image's machine type, with the version and the hash that the lockfile records.
ARG TARGETARCH=amd64
RUN --mount=type=secret,id=ca \
    if [ -s /run/secrets/ca ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/ca npm_config_cafile=/run/secrets/ca; fi; \
    case "$TARGETARCH" in amd64) cpu=x64 ;; arm64) cpu=arm64 ;; *) echo "TARGETARCH=$TARGETARCH: accepted are amd64 and arm64" >&2; exit 1 ;; esac; \
    locked() { node -p "require('./package-lock.json').packages['node_modules/node-linux-$cpu'].$1"; }; \
    mkdir /node && tarball=$(npm pack --silent --pack-destination /node "node-linux-$cpu@$(locked version)") \
 && hash=$(node -p "'sha512-' + require('crypto').createHash('sha512').update(require('fs').readFileSync('/node/$tarball')).digest('base64')") \
 && if [ "$hash" != "$(locked integrity)" ]; then echo "$tarball is not what package-lock.json says: $hash" >&2; exit 1; fi \
 && tar -xzf "/node/$tarball" -C /node package/bin/node package/LICENSE
COPY LICENSE tsconfig.json ./
COPY bin/ bin/
COPY templates/ templates/
COPY nginx/ nginx/
COPY controller/ controller/
COPY ui/ ui/
COPY scripts/bundle.ts scripts/build-page.ts scripts/
RUN node_modules/node-linux-*/bin/node scripts/bundle.ts \
 && cp /node/package/LICENSE dist/LICENSE-node \
 && chmod -R a+rX,go-w dist

FROM ${BASE_IMAGE} AS runtime
# The setuid and setgid bits are removed, so that no program runs with more rights than the user who starts it. The user
# id is fixed, so that a Pod can name it in `runAsUser`.
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      nginx libnginx-mod-http-lua libnginx-mod-stream libnginx-mod-stream-js libnginx-mod-http-brotli-filter \
      libnginx-mod-http-headers-more-filter lua-cjson ca-certificates \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* /var/lib/nginx/* /var/www/html \
      /etc/nginx/sites-enabled/* \
 && find / -xdev -type f -perm /6000 -exec chmod a-s {} + \
 && groupadd --gid 101 tidegate \
 && useradd --uid 101 --gid 101 --no-create-home --home-dir /run/tidegate --shell /usr/sbin/nologin tidegate \
 && install -d -o 101 -g 101 -m 0711 /run/tidegate /run/tidegate/run \
 && install -d -o 101 -g 101 -m 0700 /run/tidegate/conf /run/tidegate/controller

# The software bill of materials. It needs the list of Debian's packages and the packages of the build, which the image
# itself does not contain.
FROM build AS sbom
COPY scripts/sbom.ts scripts/
COPY --from=runtime /var/lib/dpkg/status /usr/lib/os-release runtime/
RUN node_modules/node-linux-*/bin/node scripts/sbom.ts runtime/status runtime/os-release dist >sbom.cdx.json

FROM runtime
COPY --from=build /node/package/bin/node /usr/local/bin/node
COPY --from=build /build/dist /opt/tidegate
COPY --from=sbom /build/sbom.cdx.json /opt/tidegate/
RUN ln -s /opt/tidegate/bin/tidegate.js /usr/local/bin/tidegate && tidegate --version && nginx -V
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Tidegate" \
      org.opencontainers.image.description="Kubernetes ingress controller on stock NGINX" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# Limits a semi-space of V8's young generation to 2 MB. The young generation is then collected more often, in shorter
# pauses, and the controller of a large cluster needs a hundred megabytes less.
ENV NODE_ENV=production \
    NODE_OPTIONS=--max-semi-space-size=2
# Ports above 1024 need no capability; clients connect to the ports of the Service.
EXPOSE 8080 8443
USER 101:101
# On SIGQUIT, NGINX, which is process 1 of its container, finishes its requests before it exits. The controller handles
# SIGQUIT like SIGTERM.
STOPSIGNAL SIGQUIT
# The command of the controller's container. The command of NGINX's container is
# /opt/tidegate/nginx/start.sh --wait /run/tidegate.
ENTRYPOINT ["/usr/local/bin/tidegate"]
CMD ["--help"]
