#!/bin/sh
# `npm run image` builds the image from the Dockerfile without Docker, and unpacks it for the tests in e2e/image.
#
#   image.sh                builds and unpacks the image; prints the folder of the root file system as its last line
#   image.sh --arch arm64   builds for arm64; on another machine type, builds only the build stage, with Node for arm64
#
# mmdebstrap creates the base images from Debian's mirror; buildah imports them. All files are outside the checkout, in
# ${XDG_CACHE_HOME:-~/.cache}/tidegate/image. TIDEGATE_DEBIAN_MIRROR and TIDEGATE_DEBIAN_SECURITY name other mirrors;
# TIDEGATE_BUILD_CA a file of certificates that npm trusts during the build (default: this machine's). Exit codes: 1 the
# build failed; 2 wrong usage; 3 buildah or mmdebstrap is missing and cannot be installed here.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/tidegate/image
mirror=${TIDEGATE_DEBIAN_MIRROR:-http://deb.debian.org/debian}
ca=${TIDEGATE_BUILD_CA:-/etc/ssl/certs/ca-certificates.crt}
# Debian's own images use this archive, too: fixes of NGINX appear in it first.
security=${TIDEGATE_DEBIAN_SECURITY:-http://deb.debian.org/debian-security}
suite=trixie

say() { echo "image: $*" >&2; }
unavailable() {
  say "$*"
  exit 3
}

arch=$(dpkg --print-architecture 2>/dev/null || echo amd64)
native=$arch
while [ $# -gt 0 ]; do
  case $1 in
    --arch)
      arch=${2:-}
      shift
      ;;
    *) say "unknown argument $1 (accepted: --arch amd64, --arch arm64)"; exit 2 ;;
  esac
  shift
done
case $arch in
  amd64 | arm64) ;;
  *) say "--arch $arch: the accepted values are amd64 and arm64"; exit 2 ;;
esac

# This requires root: otherwise buildah would need subordinate ids and mount permissions that containers rarely have.
[ "$(id -u)" = 0 ] || unavailable 'building without Docker needs root (mmdebstrap and buildah --isolation chroot); run this as root, or use docker build .'
missing=
for package in buildah mmdebstrap debian-archive-keyring; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
done
if [ -n "$missing" ]; then
  command -v apt-get >/dev/null || unavailable "missing:$missing, and no apt to install them with"
  say "installing$missing"
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >&2 </dev/null ||
    unavailable "apt-get could not install$missing; try after apt-get update"
fi

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
work=$(mktemp -d "$cache/.work.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The images are in a separate store, so that a command that prunes other images does not remove them.
store() { buildah --root "$cache/store" --runroot "$cache/run" --storage-driver "$driver" "$@" 9>&-; }
echo '{"default":[{"type":"insecureAcceptAnything"}]}' >"$work/policy.json"
driver=overlay
store images >/dev/null 2>&1 || driver=vfs

# Creates a base image unless it exists; its tag is a hash of everything that determines its content. As in Debian's own
# images, packages may not start services. usage: base NAME PACKAGES
no_services='printf "#!/bin/sh\nexit 101\n" >"$1/usr/sbin/policy-rc.d" && chmod 755 "$1/usr/sbin/policy-rc.d"'
base() {
  recipe=$(printf '%s' "$suite $mirror $security $2 $no_services" | sha256sum | cut -c 1-12)
  image=localhost/tidegate-$1:$recipe
  if store inspect --type image "$image" >/dev/null 2>&1; then return; fi
  say "creating $image with mmdebstrap (once)"
  mmdebstrap --quiet --mode=root --variant=minbase --include="$2" --architectures="$native" \
    --customize-hook="$no_services" --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    "$suite" "$work/$1.tar" "deb $mirror $suite main" "deb $security $suite-security main" >&2 </dev/null
  container=$(store from scratch)
  store add --quiet "$container" "$work/$1.tar" / >/dev/null
  store config --cmd /bin/bash --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
  store commit --quiet --signature-policy "$work/policy.json" --rm "$container" "$image" >/dev/null
  rm "$work/$1.tar"
}
base base ca-certificates
base_image=$image
base build ca-certificates,npm
build_image=$image

revision=$(git -C "$root" rev-parse HEAD 2>/dev/null || echo unknown)
version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' "$root/package.json")
tag=localhost/tidegate:$version
target=
# The final stage runs apt of the target machine type, which needs a machine of that type or an emulator.
if [ "$arch" != "$native" ]; then
  target='--target build'
  tag=localhost/tidegate-build-$arch:$version
fi
secret=
if [ -s "$ca" ]; then secret="--secret id=ca,src=$ca"; fi
say "building $tag"
# shellcheck disable=SC2086
store bud --isolation chroot --layers --pull-never --signature-policy "$work/policy.json" $secret $target \
  --build-arg "BASE_IMAGE=$base_image" --build-arg "BUILD_IMAGE=$build_image" --build-arg "TARGETARCH=$arch" \
  --build-arg "VERSION=$version" --build-arg "REVISION=$revision" --tag "$tag" --file "$root/Dockerfile" "$root" >&2 </dev/null

# Unpacks the root file system and the image's settings into a new folder, which then replaces the old one.
container=$(store from --pull-never --signature-policy "$work/policy.json" "$tag")
mkdir "$work/unpacked"
cp -a "$(store mount "$container")" "$work/unpacked/rootfs"
store inspect --type image "$tag" >"$work/unpacked/image.json"
# Only the whole image contains a software bill of materials.
if [ -e "$work/unpacked/rootfs/opt/tidegate/sbom.cdx.json" ]; then cp "$work/unpacked/rootfs/opt/tidegate/sbom.cdx.json" "$work/unpacked/"; fi
store umount "$container" >/dev/null
store rm "$container" >/dev/null
rm -rf "${cache:?}/$arch"
mv "$work/unpacked" "$cache/$arch"
say "$tag: $(du -sm "$cache/$arch/rootfs" | cut -f 1) MB unpacked"
echo "$cache/$arch/rootfs"
