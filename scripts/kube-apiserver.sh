#!/bin/sh
# Finds or creates the kube-apiserver and etcd that `npm run test:full` uses, and prints the folder that contains both.
#   kube-apiserver.sh          looks for both and builds what is missing (once; takes 10 to 30 minutes and 4 GB of
#                              Go's caches)
#   kube-apiserver.sh --find   only looks for both
# It looks in KUBEBUILDER_ASSETS, then in ${XDG_CACHE_HOME:-~/.cache}/tidegate/kubebuilder (outside the checkout, so
# that a fresh checkout needs no new build). Exit status 3: they were not found and cannot be created here; standard
# error says why.
set -eu
version=1.35.4
scripts=$(cd "$(dirname "$0")" && pwd)
folder=${XDG_CACHE_HOME:-$HOME/.cache}/tidegate/kubebuilder/$version

say() { echo "kube-apiserver.sh: $*" >&2; }
unavailable() {
  say "$*"
  say "set KUBEBUILDER_ASSETS to a folder that contains kube-apiserver and etcd, for example from setup-envtest"
  exit 3
}
is_complete() { [ -x "$1/kube-apiserver" ] && [ -x "$1/etcd" ]; }

if [ -n "${KUBEBUILDER_ASSETS:-}" ]; then
  is_complete "$KUBEBUILDER_ASSETS" || unavailable "KUBEBUILDER_ASSETS=$KUBEBUILDER_ASSETS contains no kube-apiserver or no etcd"
  echo "$KUBEBUILDER_ASSETS"
  exit 0
fi
if is_complete "$folder"; then
  echo "$folder"
  exit 0
fi
[ "${1:-}" != --find ] || unavailable "not built yet in $folder; 'sh scripts/kube-apiserver.sh' builds it"

# The work folder is on the same file system as the result, so that the last step is a rename, and a killed build leaves
# nothing that looks complete.
mkdir -p "$folder"
work=$(mktemp -d "$folder/.work.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Debian's package of etcd is unpacked but not installed: no service starts, and root is not needed.
make_etcd() {
  if command -v etcd >/dev/null 2>&1; then
    cp "$(command -v etcd)" "$work/etcd"
    return
  fi
  command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1 ||
    unavailable "no etcd in PATH, and no apt to fetch Debian's etcd-server from"
  say "fetching etcd-server"
  (cd "$work" && apt-get download -q etcd-server >&2) || unavailable "apt-get download etcd-server failed; try after apt-get update"
  dpkg-deb -x "$work"/etcd-server_*.deb "$work/package" || unavailable "etcd-server cannot be unpacked"
  mv "$work/package/usr/bin/etcd" "$work/etcd"
}

# k8s.io/kubernetes is not a library: its go.mod redirects the staging modules into its own tree. Here they are replaced
# with the published modules of the same version, v0.MINOR.PATCH for v1.MINOR.PATCH.
make_kube_apiserver() {
  go=$(sh "$scripts/go.sh") || unavailable "without Go, kube-apiserver cannot be built"
  PATH=$go:$PATH
  staging=v0.${version#1.}
  mkdir "$work/module"
  cd "$work/module"
  export GOFLAGS=-mod=mod GOWORK=off CGO_ENABLED=0
  say "fetching k8s.io/kubernetes v$version"
  manifest=$(go mod download -json "k8s.io/kubernetes@v$version" | sed -n 's/^[[:space:]]*"GoMod": "\(.*\)".*/\1/p')
  [ -f "$manifest" ] || unavailable "k8s.io/kubernetes v$version cannot be downloaded"
  {
    echo "module tidegate.test/kube-apiserver"
    sed -n '/^go /p' "$manifest"
    echo "require k8s.io/kubernetes v$version"
    sed -n "s|^[[:space:]]*\(k8s\.io/[a-z-]*\) v0\.0\.0\$|replace \1 => \1 $staging|p" "$manifest"
  } >go.mod
  stamp=k8s.io/component-base/version
  minor=${version#1.}
  say "building kube-apiserver $version"
  nice -n 19 go build -trimpath -o "$work/kube-apiserver" \
    -ldflags "-s -w -X $stamp.gitVersion=v$version -X $stamp.gitMajor=1 -X $stamp.gitMinor=${minor%%.*}" \
    k8s.io/kubernetes/cmd/kube-apiserver >&2 || unavailable "go build of kube-apiserver $version failed"
  cd "$folder"
}

# Because of the `&&`, `set -e` does not apply in the functions that this one calls: in them, every step that can fail
# handles the failure.
complete_part() { [ -x "$folder/$1" ] || { "$2" && mv "$work/$1" "$folder/$1"; }; }
complete_part etcd make_etcd
complete_part kube-apiserver make_kube_apiserver
is_complete "$folder" || unavailable "the build in $folder is not complete"
echo "$folder"
