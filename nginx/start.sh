#!/bin/sh
# Starts NGINX on a run directory; the process becomes NGINX's master: start.sh [--wait] <run>
#
#   --wait                                     if nginx.conf does not exist yet, wait for it: a separate container may
#                                              start before the controller has written it. SIGTERM, SIGQUIT and SIGINT
#                                              end the wait with exit code 0.
#   <run>/conf/nginx.conf, live.data, files/   written by the controller, only read by NGINX
#   <run>/run/                                 NGINX's prefix: sockets, pid, temporary folders, logs
#   <run>/run/master                           "<pid> <start time>" of the master process
#
# $TIDEGATE_NGINX is the binary of NGINX; the default is `nginx`. Exit codes if NGINX was not started:
#   2 wrong arguments   3 already running   4 no nginx.conf   5 another start is in progress
#   6 workers of a dead master do not end   7 no NGINX binary
set -u

fail() {
  code=$1
  shift
  echo "tidegate start: $*" >&2
  exit "$code"
}

# Prints field 22 of /proc/<pid>/stat. The second field is a name in parentheses, which may contain spaces.
start_time() {
  stat=
  { read -r stat <"/proc/$1/stat"; } 2>/dev/null
  [ -n "$stat" ] || return 1
  # shellcheck disable=SC2086
  set -- ${stat##*) }
  echo "${20}"
}

wait=
if [ "${1-}" = --wait ]; then
  wait=yes
  shift
fi
[ $# -eq 1 ] || fail 2 'usage: start.sh [--wait] <run directory>'
[ -n "$1" ] || fail 2 'the run directory has no name; give one, for example /run/tidegate'
run=$(CDPATH='' cd -- "$1" 2>/dev/null && pwd -P) || fail 2 "$1 is not a directory"
given=$1
prefix=$run/run
conf=$run/conf/nginx.conf
nginx=${TIDEGATE_NGINX:-nginx}
case $nginx in
  [!/]*/*) nginx=$PWD/$nginx ;;
esac

# As process 1 of a container, this script would ignore these signals without a trap. `exec` removes the trap.
if [ -n "$wait" ]; then trap 'exit 0' TERM QUIT INT; fi
if [ -n "$wait" ] && ! [ -f "$conf" ]; then
  echo "tidegate start: waiting until the controller has written $conf" >&2
  # A signal interrupts `wait`, but a trap would not run before a `sleep` in the foreground has ended.
  until [ -f "$conf" ]; do
    [ -d "$run" ] || fail 2 "$run was removed"
    sleep 0.1 &
    wait $!
  done
fi
[ -f "$conf" ] || fail 4 "$conf does not exist; the controller writes it"
command -v -- "$nginx" >/dev/null || fail 7 "$nginx is not installed"

umask 022
mkdir -p -- "$prefix" || fail 2 "cannot create $prefix"
# shellcheck disable=SC2174 # its parent folder exists
mkdir -p -m 0700 -- "$prefix/api" || fail 2 "cannot create $prefix/api"
chmod 0700 "$prefix/api"
# Sockets between NGINX's own servers. If workers run as another user, the controller has created this folder.
# shellcheck disable=SC2174 # its parent folder exists
mkdir -p -m 0700 -- "$prefix/tls" || fail 2 "cannot create $prefix/tls"
if [ "$(id -u)" -eq 0 ]; then
  # Workers run as another user and open their temporary folders by path.
  chmod go+x "$run"
  chmod 0755 "$prefix"
fi

exec 9>"$prefix/start.lock"
flock -w 20 9 || fail 5 "another start on $run is in progress"

# Every process of an NGINX that was started by this script inherits descriptor 8, which is open on this file. A
# recorded master has the descriptor from the moment it is recorded, when it is still this script and has not yet become
# NGINX.
marker=$prefix/marker
: >>"$marker"
if [ -f "$prefix/master" ] && read -r pid started <"$prefix/master" && [ -n "$pid" ]; then
  if [ "$(start_time "$pid")" = "$started" ]; then
    if [ "/proc/$pid/fd/8" -ef "$marker" ] || ! [ -r "/proc/$pid/fd" ]; then
      fail 3 "NGINX is already running on $run with pid $pid"
    fi
  fi
fi

# Lists "<pid> <title>" of the NGINX processes of this run directory.
marked() {
  for directory in /proc/[0-9]*; do
    if [ "$directory/fd/8" -ef "$marker" ]; then
      title=$(tr '\0' ' ' <"$directory/cmdline" 2>/dev/null)
      case $title in
        nginx:*) echo "${directory#/proc/} $title" ;;
      esac
    fi
  done
}

# Lists the pids of NGINX processes that still listen on the ports.
listening() {
  marked | grep -v 'is shutting down' | cut -d ' ' -f 1
}

master=$(marked | grep 'nginx: master process' | head -n 1 | cut -d ' ' -f 1)
[ -z "$master" ] || fail 3 "NGINX is already running on $run with pid $master"

# Ends workers that outlived their master, because they occupy the ports. QUIT lets them finish their requests.
end_orphans() {
  signal=$1
  turns=$2
  orphans=$(listening)
  for pid in $orphans; do
    kill -s "$signal" "$pid" 2>/dev/null
  done
  while [ -n "$orphans" ] && [ "$turns" -gt 0 ]; do
    sleep 0.05
    turns=$((turns - 1))
    orphans=$(listening)
  done
  [ -z "$orphans" ]
}
end_orphans QUIT 100 || end_orphans TERM 40 || end_orphans KILL 40 || fail 6 "processes $(listening | tr '\n' ' ')are still running"

# After a crash, NGINX does not remove its unix sockets, and it does not start if one of them exists. So this script
# removes sockets that nobody uses. If nginx.conf names sockets relative to the prefix, the kernel's list of sockets
# does not help, because other NGINX processes may have sockets with the same relative names: in Pods on the host's
# network, and in run directories whose names nginx.conf cannot contain. In that case all sockets are removed, because
# at this point no NGINX uses this folder anymore.
if [ -n "$wait" ] || ! grep -q 'listen unix:/' "$conf"; then own=yes; else own=; fi
find "$prefix" -type s | while IFS= read -r socket; do
  below=${socket#"$prefix/"}
  if [ -n "$own" ] || ! awk -v a="$socket" -v b="$given/run/$below" '$4 == "00010000" && ($8 == a || $8 == b) { found = 1 }
    END { exit !found }' /proc/net/unix; then
    rm -f -- "$socket"
  fi
done

exec 8<"$marker"
echo "$$ $(start_time $$)" >"$prefix/master.new"
mv -f -- "$prefix/master.new" "$prefix/master"

unset NGINX
exec 9>&-
# Relative names of unix sockets in nginx.conf are relative to the working directory.
cd -- "$prefix" || fail 2 "cannot enter $prefix"
# -e: before NGINX has read error_log, it would write to the log file of its build, which may not be writable.
exec "$nginx" -e stderr -p "$prefix" -c "$conf" -g 'daemon off; pid nginx.pid;'
