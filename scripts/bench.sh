#!/bin/sh
# `npm run bench NAME [flags]` runs bench/NAME.ts; without a name it lists them.
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
# A bench reads its flags or sets an exit code; the files beside it are its parts.
for file in $(grep -lE 'process\.(argv|exitCode)|import\.meta\.main' bench/*.ts 2>/dev/null); do
  echo "  $(basename "$file" .ts)" >&2
done
exit 2
