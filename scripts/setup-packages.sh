# shellcheck shell=sh
# Part of setup.sh: the Debian packages of packages.txt.

policy=/usr/sbin/policy-rc.d
saved_policy=$policy.before-tidegate

wanted_packages() {
  while read -r scope package _reason; do
    case " $scopes " in *" $scope "*) echo "$package" ;; esac
  done <scripts/packages.txt
}

# Prints the required packages that are not installed.
missing_packages() {
  wanted=$(wanted_packages)
  if ! command -v dpkg-query >/dev/null 2>&1; then
    echo $wanted
    return
  fi
  # dpkg-query fails if it does not know one of the packages, but its output for the other packages is complete.
  installed=$(dpkg-query -W -f '${db:Status-Status}:${Package} ' $wanted 2>/dev/null || :)
  absent=
  for package in $wanted; do
    case " $installed" in *" installed:$package "*) ;; *) absent="$absent $package" ;; esac
  done
  echo $absent
}

# Prints a string so that a shell reads it as one word: in quotes if necessary.
for_shell() {
  case $1 in
    *[!A-Za-z0-9_./-]*) printf "'%s'\n" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")" ;;
    *) printf '%s\n' "$1" ;;
  esac
}

install_debian_packages() {
  if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-query >/dev/null 2>&1; then
    fail "this system has no apt. Tidegate needs a stock NGINX with its Lua, stream and njs modules, as Debian 12 or 13 and
Ubuntu 24.04 or later package them: $missing. Run it there, or in a container of such a system"
  fi
  if [ "$(id -u)" != 0 ]; then
    again="sudo sh $(for_shell "$root/scripts/setup.sh") --packages"
    case $scopes in *full*) again="$again --full" ;; *test*) again="$again --test" ;; esac
    fail "Debian packages are missing: $missing
Installing them needs root, once. Run this command, then try again:
  $again"
  fi
  lock_packages
  missing=$(missing_packages)
  [ -z "$missing" ] || apt_install_without_services
  exec 8<&-
}

# Only one set-up at a time installs packages, even if there are several checkouts. The lock is on a directory, so no
# lock file remains. apt-get inherits the lock, which is therefore held until apt-get exits, even if this script is
# killed.
lock_packages() {
  exec 8</var/lib/dpkg
  if command -v flock >/dev/null 2>&1; then flock "$@" 8; fi
}

# Restores the machine's own policy-rc.d if an earlier run of this script was killed.
clear_leftovers() {
  [ -e "$policy" ] || [ -e "$saved_policy" ] || return 0
  [ "$(id -u)" = 0 ] || return 0
  if lock_packages -n; then restore_policy; fi
  exec 8<&-
}

apt_install_without_services() {
  say "installing Debian packages: $missing"
  log=$(mktemp)
  trap 'restore_policy; rm -f "$log"' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  forbid_services
  lists_present || apt_get update || :
  if ! apt_get install --no-install-recommends $missing; then
    # The package lists may be older than the mirror, so they are refreshed once. A second failure is final.
    apt_get update || :
    if ! apt_get install --no-install-recommends $missing; then
      tail -n 25 "$log" >&2
      fail "apt-get could not install: $missing (its output is above)"
    fi
  fi
  case " $missing " in *' nginx '*) keep_service_off ;; esac
  restore_policy
  rm -f "$log"
  trap - EXIT HUP INT TERM
  missing=$(missing_packages)
  [ -z "$missing" ] || fail "apt-get reported success, but these packages are not installed: $missing"
  say 'Debian packages are installed'
}

apt_get() {
  DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
    -o Dpkg::Options::=--force-confold "$@" </dev/null >>"$log" 2>&1
}

lists_present() {
  for list in /var/lib/apt/lists/*_Packages*; do
    [ -e "$list" ] && return 0
  done
  return 1
}

# Packages call policy-rc.d before they start a service. This one forbids the services of packages.txt, and passes
# others to the existing policy-rc.d or, without one, to Debian's default. A comment in the file distinguishes the file that a killed
# run left behind from the file of the machine's owner.
forbid_services() {
  restore_policy
  if [ -e "$policy" ]; then mv "$policy" "$saved_policy"; fi
  cat >"$policy" <<END
#!/bin/sh
# temporary, from Tidegate's setup.sh
for word in "\$@"; do
  case \$word in nginx | nginx.service | postgresql* | rabbitmq-server*) exit 101 ;; esac
done
if [ -x $saved_policy ]; then exec $saved_policy "\$@"; fi
exit 104
END
  chmod 755 "$policy"
}

restore_policy() {
  if [ -e "$policy" ] && grep -q "temporary, from Tidegate's setup.sh" "$policy"; then rm -f "$policy"; fi
  if [ -e "$saved_policy" ]; then mv "$saved_policy" "$policy"; fi
}

# Disables the service of a newly installed nginx, which would bind port 80 at the next boot. Tidegate starts its own
# NGINX.
keep_service_off() {
  if command -v systemctl >/dev/null 2>&1; then systemctl --quiet disable nginx >>"$log" 2>&1 || :; fi
  update-rc.d nginx disable >>"$log" 2>&1 || :
  say "Debian's own nginx service is disabled; systemctl enable --now nginx enables it"
}
