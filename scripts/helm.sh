#!/bin/sh
# Finds helm, or builds it, and prints its path.
#   helm.sh          looks in PATH and in ${XDG_CACHE_HOME:-~/.cache}/tidegate/bin; if helm is not found, builds it
#                    there with Go (takes a few minutes, once, outside the checkout); go.sh fetches Go if it is missing
#   helm.sh --find   only looks in these places
# Exit status 3: helm was not found and cannot be built here; standard error says why.
set -eu
version=v3.22.0
folder=${XDG_CACHE_HOME:-$HOME/.cache}/tidegate/bin

say() { echo "helm.sh: $*" >&2; }

found() {
  if command -v helm; then return; fi
  [ -x "$folder/helm" ] && echo "$folder/helm"
}

if found; then exit 0; fi
if [ "${1:-}" = --find ]; then
  say "helm is neither in PATH nor in $folder; 'sh scripts/helm.sh' builds it"
  exit 3
fi
if ! go=$(sh "$(dirname "$0")/go.sh"); then
  say "no helm in PATH, and no Go to build it with; install helm 3 or later (https://helm.sh/docs/intro/install)"
  exit 3
fi
PATH=$go:$PATH

mkdir -p "$folder"
# Test files run concurrently: the first process builds helm, and the others wait for it.
exec 9>"$folder/helm.lock"
flock 9
if found; then exit 0; fi
say "building helm $version in $folder"
# Without a cluster, helm renders for the Kubernetes version that is compiled into it, which is 1.20 unless the linker
# sets another version.
work=$(mktemp -d "$folder/.helm.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
stamp=helm.sh/helm/v3/pkg/chartutil.k8sVersion
if ! GOBIN=$work GOFLAGS=-mod=mod nice -n 19 go install -trimpath \
  -ldflags "-s -w -X helm.sh/helm/v3/internal/version.version=$version -X ${stamp}Major=1 -X ${stamp}Minor=35" \
  "helm.sh/helm/v3/cmd/helm@$version" >&2; then
  say "go install of helm $version failed"
  exit 3
fi
mv "$work/helm" "$folder/helm"
echo "$folder/helm"
