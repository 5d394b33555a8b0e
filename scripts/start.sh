#!/bin/sh
# `npm start`. Uses exec in package.json and here: npm forwards a signal only to its child, and a shell in between would
# die of it and leave Node running.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
sh "$root/scripts/setup.sh"
exec "$root/node_modules/.bin/node" "$root/examples/start.ts" "$@"
