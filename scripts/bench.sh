#!/bin/sh
# `npm run bench NAME [flags]` runs bench/NAME.ts; without a name, it lists the names. `all` runs every bench in
# sequence; `report` writes docs/performance.md from the results in bench/results. With --debian-13 as the first flag,
# the bench runs on Debian 13.
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
# Every bench checks whether it is the main program. Files of bench/ without that check are modules of benches.
for file in $(grep -lE 'import\.meta\.main|process\.argv\[1\]' bench/*.ts); do
  echo "  $(basename "$file" .ts)" >&2
done
exit 2
