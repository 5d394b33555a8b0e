#!/bin/sh
# `npm start`. An exec in package.json and one here: npm passes a signal on to its child only, and a shell in between
# would die of it and leave Node running.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
sh "$root/scripts/setup.sh"
exec "$root/node_modules/.bin/node" "$root/examples/start.ts" "$@"
