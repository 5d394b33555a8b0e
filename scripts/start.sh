#!/bin/sh
# `npm start`. Both package.json and this script use exec, because npm sends a signal only to its direct child. If that
# child were a shell, it would exit and leave Node running.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
sh "$root/scripts/setup.sh"
exec "$root/node_modules/.bin/node" "$root/examples/start.ts" "$@"
