#!/bin/sh
# Installs what a checkout needs and this machine lacks: npm packages, Node 24, Debian packages.
#
#   setup.sh              what `npm start` needs
#   setup.sh --test       also what `npm test` needs
#   setup.sh --full       also the servers and clients of other projects that `npm run test:full` uses
#   setup.sh --packages   only the Debian packages (for `sudo sh scripts/setup.sh --packages`)
#
# This is a POSIX shell script, because on the first run there is no Node that can run TypeScript. Exit code 0:
# everything is installed.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
scopes=run
only_packages=no
for argument in "$@"; do
  case $argument in
    --test) scopes='run test' ;;
    --full) scopes='run test full' ;;
    --packages) only_packages=yes ;;
    *) echo "setup: unknown argument $argument (accepted: --test, --full, --packages)" >&2; exit 2 ;;
  esac
done

say() { echo "setup: $*" >&2; }
fail() { say "$*"; exit 1; }

. scripts/setup-npm.sh
. scripts/setup-packages.sh

[ "$only_packages" = yes ] || npm_ready || install_npm_packages
missing=$(missing_packages)
if [ -n "$missing" ]; then install_debian_packages; else clear_leftovers; fi
