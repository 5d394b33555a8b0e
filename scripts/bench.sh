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
for file in bench/*.ts; do
  case $file in *.test.ts | 'bench/*.ts') ;; *) basename "$file" .ts | sed 's/^/  /' >&2 ;; esac
done
exit 2
