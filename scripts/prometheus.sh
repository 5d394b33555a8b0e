#!/bin/sh
# Finds Prometheus, or unpacks Debian's package of it without installing it, so that no service is started, and prints
# its path.
#   prometheus.sh          looks in PATH and in ${XDG_CACHE_HOME:-~/.cache}/tidegate/prometheus; if it is not found,
#                          downloads the package there with apt-get (20 MB, once, outside the checkout)
#   prometheus.sh --find   only looks in these places
# Exit status 3: Prometheus was not found and cannot be downloaded here; standard error says why.
set -eu
folder=${XDG_CACHE_HOME:-$HOME/.cache}/tidegate/prometheus

say() { echo "prometheus.sh: $*" >&2; }

found() {
  if command -v prometheus; then return; fi
  [ -x "$folder/usr/bin/prometheus" ] && echo "$folder/usr/bin/prometheus"
}

if found; then exit 0; fi
if [ "${1:-}" = --find ]; then
  say "Prometheus is neither in PATH nor in $folder; 'sh scripts/prometheus.sh' downloads it"
  exit 3
fi
if ! command -v apt-get >/dev/null 2>&1; then
  say "no prometheus in PATH, and no apt-get to download Debian's package; install Prometheus 2.40 or later"
  exit 3
fi

mkdir -p "$folder"
# Test files run concurrently: the first process downloads the package, and the others wait for it.
exec 9>"$folder/lock"
flock 9
if found; then exit 0; fi
say "downloading Debian's package of Prometheus to $folder"
work=$(mktemp -d "$folder/.package.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
if ! (cd "$work" && apt-get -q download prometheus >log 2>&1 && dpkg-deb -x prometheus_*.deb unpacked); then
  cat "$work/log" >&2
  say 'apt-get could not download the package; after apt-get update it may succeed'
  exit 3
fi
mkdir -p "$folder/usr/bin"
mv "$work/unpacked/usr/bin/prometheus" "$folder/usr/bin/prometheus"
echo "$folder/usr/bin/prometheus"
