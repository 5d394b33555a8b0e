#!/bin/sh
# `npm start`. The last line is an exec, so that a signal for npm's child reaches Node and nothing is left running.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
sh "$root/scripts/setup.sh"
exec "$root/node_modules/.bin/node" "$root/examples/start.ts" "$@"
