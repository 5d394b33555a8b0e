#!/bin/sh
# Prepares a container as a container runtime does, and then runs COMMAND as its process 1:
# enter.sh SCRATCH ROOTFS UID [MOUNT…] -- COMMAND…
# It must be started by `unshare --pid --mount --fork`. MOUNT is ro:FROM:TO or rw:FROM:TO. The root is read-only, and
# only mounts can be writable. COMMAND has no capabilities and cannot acquire any.
set -eu
scratch=$1 rootfs=$2 uid=$3
shift 3

# These mounts are visible only in this mount namespace, and disappear with its last process.
mount --make-rprivate /
mkdir -p "$scratch/upper" "$scratch/work" "$scratch/root"
root=$scratch/root
mount -t overlay -o "lowerdir=$rootfs,upperdir=$scratch/upper,workdir=$scratch/work" overlay "$root"

mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755,nosuid tmpfs "$root/dev"
mknod -m 666 "$root/dev/null" c 1 3
mknod -m 666 "$root/dev/zero" c 1 5
mknod -m 666 "$root/dev/random" c 1 8
mknod -m 666 "$root/dev/urandom" c 1 9
ln -s /proc/self/fd "$root/dev/fd"
ln -s fd/0 "$root/dev/stdin"
ln -s fd/1 "$root/dev/stdout"
ln -s fd/2 "$root/dev/stderr"

while [ "$1" != -- ]; do
  mode=${1%%:*} from=${1#*:}
  # Symbolic links of the image, such as /var/run, must be resolved in the image. Outside, they would lead into the
  # host.
  chroot "$root" mkdir -p "${from#*:}"
  to=$root$(chroot "$root" readlink -f "${from#*:}")
  from=${from%%:*}
  mount --bind "$from" "$to"
  if [ "$mode" = ro ]; then mount -o remount,bind,ro "$to"; fi
  shift
done
shift
mount -o remount,ro "$root"

# Makes the host's file system inaccessible.
cd "$root"
pivot_root . .
umount -l .
cd /
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin NODE_ENV=production \
  setpriv --reuid "$uid" --regid "$uid" --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all \
  --ambient-caps=-all "$@"
