#!/bin/sh
# `npm run test:full`: what needs more than a contributor's machine has at hand: a built image, a real API server, long
# waits. Builds or finds each; what cannot be had is named and counts as a failure where CI is set.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
sh scripts/setup.sh --test
PATH=$root/node_modules/.bin:$PATH
export PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
passed=0
failed=0

# prepare NAME COMMAND…: something that the tests below find by themselves.
prepare() {
  name=$1
  shift
  if "$@" >"$work/log" 2>&1; then
    passed=$((passed + 1))
    echo "ok      $name"
  else
    tail -n 30 "$work/log"
    echo "FAILED  $name"
    failed=$((failed + 1))
  fi
}

prepare 'helm' sh scripts/helm.sh
prepare 'API server' sh scripts/kube-apiserver.sh
prepare 'image' sh scripts/image.sh

status=0
TIDEGATE_FULL=1 INJECTION_RUNS=1000 vitest run --reporter=default --reporter=json --outputFile.json="$work/vitest.json" \
  full.test controller/golden/injection charts || status=$?
read -r tests_passed tests_failed <<END
$(node scripts/tally.ts "$work/vitest.json" "$status")
END
passed=$((passed + tests_passed))
failed=$((failed + tests_failed))
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
