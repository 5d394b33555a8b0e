#!/bin/sh
# `npm run bench NAME [flags]` runs bench/NAME.ts; without a name it lists them. `all` runs one after the other, `report`
# makes docs/performance.md of what they left in bench/results.
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
      exec node_modules/.bin/node "bench/$name.ts" "$@"
    fi
    ;;
esac
echo "usage: npm run bench NAME. NAME is one of:" >&2
# A bench looks whether it is the program; the files beside it are its parts.
for file in $(grep -lE 'import\.meta\.main|process\.argv\[1\]' bench/*.ts); do
  echo "  $(basename "$file" .ts)" >&2
done
exit 2
