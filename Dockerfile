# syntax=docker/dockerfile:1

# The image of both containers of the Pod (nginx and controller): Debian's NGINX and modules, Node 24 from its npm
# package, the sources as they are. No compiler, no npm, no shell script at start.

FROM node:24-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Versions and hashes come from the lockfile; no script of a package runs. (scripts/setup-npm.sh says why not npm ci.)
RUN npm install --no-save --omit=dev --include=optional --ignore-scripts --no-audit --no-fund \
 && ln -sf ../node-linux-*/bin/node node_modules/.bin/node \
 && node_modules/.bin/node --version
COPY bin/ bin/
COPY controller/ controller/
COPY templates/ templates/
COPY nginx/ nginx/
RUN find bin controller nginx -name '*.test.ts' -delete && rm -rf nginx/spec

FROM debian:trixie-slim
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      nginx libnginx-mod-http-lua libnginx-mod-stream libnginx-mod-stream-js lua-cjson ca-certificates tini \
 && rm -rf /var/lib/apt/lists/* /var/log/nginx/* \
 && useradd --system --uid 101 --gid www-data --no-create-home --shell /usr/sbin/nologin tidegate
COPY --from=build /app /app
WORKDIR /app
ENV NODE_ENV=production PATH=/app/node_modules/.bin:$PATH
# Ports above 1024, so that no capability is needed; clients see the ports of the Service.
EXPOSE 8080 8443
USER 101
# tini, because Node as process 1 would not reap NGINX's orphans.
ENTRYPOINT ["/usr/bin/tini", "--", "node", "bin/tidegate.js"]
CMD ["--help"]
