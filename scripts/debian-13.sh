#!/bin/sh
# Runs a command on Debian 13, whose NGINX the image contains, on a machine with another release (needs root):
#
#   debian-13.sh COMMAND…   runs COMMAND in this checkout, with the packages of packages.txt; exits with its exit code
#
# mmdebstrap creates the system once, in ${XDG_CACHE_HOME:-~/.cache}/tidegate/debian-13; TIDEGATE_DEBIAN_MIRROR names
# another mirror. The system shares this machine's kernel, processes, network, /tmp and home. Exit code 3: the system
# cannot be created on this machine.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/tidegate/debian-13
mirror=${TIDEGATE_DEBIAN_MIRROR:-http://deb.debian.org/debian}

unavailable() {
  echo "debian-13: $*" >&2
  exit 3
}
[ $# -gt 0 ] || { echo 'usage: debian-13.sh COMMAND…' >&2; exit 2; }
[ "$(id -u)" = 0 ] || unavailable 'running a command in another root file system needs root'

# The folder's name contains a hash of mirror and packages: a different list of packages gives a different system.
packages=$(sed -n 's/^\(run\|test\) *\([^ ]*\) .*/\2/p' scripts/packages.txt | sort | paste -sd , -)
system=$cache/$(printf '%s %s' "$mirror" "$packages" | sha256sum | cut -c 1-12)
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
if [ ! -d "$system" ]; then
  command -v mmdebstrap >/dev/null ||
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends mmdebstrap debian-archive-keyring >&2 </dev/null ||
    unavailable 'mmdebstrap is not installed, and apt-get could not install it'
  echo 'debian-13: creating the system (once)' >&2
  work=$(mktemp -d "$cache/.work.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  # policy-rc.d forbids packages to start services.
  mmdebstrap --quiet --mode=root --variant=minbase --include="ca-certificates,$packages" \
    --customize-hook='printf "#!/bin/sh\nexit 101\n" >"$1/usr/sbin/policy-rc.d" && chmod 755 "$1/usr/sbin/policy-rc.d"' \
    trixie "$work/root" "$mirror" >&2 </dev/null || unavailable 'mmdebstrap failed'
  mv "$work/root" "$system"
  rm -rf "$work"
  trap - EXIT INT TERM
fi
exec 9>&-

# The mounts are in a separate mount namespace, so they disappear when the last process of the namespace exits.
exec unshare --mount -- sh -c '
  set -eu
  system=$1 root=$2
  shift 2
  for shared in /proc /sys /dev /tmp "$HOME" "$root"; do
    mkdir -p "$system$shared"
    mount --rbind "$shared" "$system$shared"
  done
  cp /etc/hosts /etc/resolv.conf "$system/etc/"
  exec chroot "$system" sh -c '\''cd "$1" && shift && exec "$@"'\'' sh "$root" "$@"
' debian-13 "$system" "$root" "$@"
