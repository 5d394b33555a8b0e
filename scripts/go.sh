#!/bin/sh
# Finds Go, or fetches it, and prints the folder that contains `go`.
#   go.sh   looks in PATH and in ${XDG_CACHE_HOME:-~/.cache}/tidegate/go; if neither has a Go that is new enough,
#           downloads it there (70 MB, once, outside the checkout) from the Go module proxy, as the go command itself
#           does when a module needs a newer Go
# GOPROXY may name another proxy. Exit status 3: Go was not found and cannot be fetched here; standard error says why.
set -eu
version=1.26.8
# The lowest version that helm and kube-apiserver can be built with.
least=1.26
folder=${XDG_CACHE_HOME:-$HOME/.cache}/tidegate/go/$version

say() { echo "go.sh: $*" >&2; }
unavailable() {
  say "$*"
  say "install Go $least or later (https://go.dev/doc/install), and put it in PATH"
  exit 3
}

fetched() { [ -x "$folder/bin/go" ] && echo "$folder/bin"; }

# Whether version $1 is at least version $2.
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]; }

if command -v go >/dev/null 2>&1; then
  installed=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null || :)
  if at_least "${installed#go}" "$least"; then
    dirname "$(command -v go)"
    exit 0
  fi
fi
if fetched; then exit 0; fi

case $(uname -m) in
  x86_64) machine=amd64 checksum=30c2b1bf7dcc88d3eb0a1364e47ddd9128edb3110a30e8a0ef61cd5856b31de7 ;;
  aarch64) machine=arm64 checksum=02b36b6787b3ac767668f630e2998df45a3b1f9ffee08d1bf3ef6487cd658d99 ;;
  *) unavailable "Go is not in PATH, and there is no download for $(uname -m)" ;;
esac
command -v curl >/dev/null 2>&1 || unavailable "Go is not in PATH, and there is no curl to download it with"

mkdir -p "${folder%/*}"
# Several scripts may need Go at the same time: the first one downloads it, and the others wait.
exec 9>"$folder.lock"
flock 9
if fetched; then exit 0; fi
work=$(mktemp -d "$folder.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Debian's package of unzip is unpacked but not installed, so that root is not needed.
extract() {
  if command -v unzip >/dev/null 2>&1; then
    unzip -q "$1" -d "$2"
    return
  fi
  command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1 || return 1
  (cd "$work" && apt-get download -q unzip >&2) || return 1
  dpkg-deb -x "$work"/unzip_*.deb "$work/package" || return 1
  "$work/package/usr/bin/unzip" -q "$1" -d "$2"
}

# GOPROXY is a list; only its first entry is used.
proxy=${GOPROXY:-https://proxy.golang.org}
proxy=${proxy%%[,|]*}
name=v0.0.1-go$version.linux-$machine
say "downloading Go $version"
curl -fsSL -o "$work/go.zip" "$proxy/golang.org/toolchain/@v/$name.zip" || unavailable "$proxy has no $name.zip"
echo "$checksum  $work/go.zip" | sha256sum --check --status || unavailable "$name.zip does not have the expected checksum"
extract "$work/go.zip" "$work" || unavailable "$name.zip cannot be extracted; install unzip"
# A module's zip file does not record which files are executable.
chmod +x "$work/golang.org/toolchain@$name"/bin/* "$work/golang.org/toolchain@$name"/pkg/tool/*/*
rm -rf "$folder"
mv "$work/golang.org/toolchain@$name" "$folder"
echo "$folder/bin"
