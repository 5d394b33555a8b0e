#!/bin/sh
# `npm run bench NAME [flags]` runs bench/NAME.ts; without a name it lists them. `all` runs them one after the other,
# `report` makes docs/performance.md from their results in bench/results. With --debian-13 as the first flag it runs on
# Debian 13.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
name=${1:-}
case $name in
  *[!a-z0-9-]* | '') ;;
  *)
    if [ -e "bench/$name.ts" ]; then
      sh scripts/setup.sh --test
      shift
      set -- node_modules/.bin/node "bench/$name.ts" "$@"
      if [ "${3:-}" = --debian-13 ]; then exec sh scripts/debian-13.sh "$1" "$2"; fi
      exec "$@"
    fi
    ;;
esac
echo "usage: npm run bench NAME. NAME is one of:" >&2
# A bench checks whether it is the main program; the other files are its parts.
for file in $(grep -lE 'import\.meta\.main|process\.argv\[1\]' bench/*.ts); do
  echo "  $(basename "$file" .ts)" >&2
done
exit 2
