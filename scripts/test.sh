#!/bin/sh
# `npm test`: every step runs, also after one that failed; the last line counts checks and tests together.
# Arguments go to vitest: `npm test -- controller/model` runs the tests of that folder only.
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

# A check is quiet when it passes; when it fails, what it printed is what the contributor needs.
check() {
  name=$1
  shift
  if "$@" >"$work/log" 2>&1; then
    passed=$((passed + 1))
    echo "ok      $name"
  else
    failed=$((failed + 1))
    cat "$work/log"
    echo "FAILED  $name"
  fi
}

check 'types (npm run typecheck)' tsc --noEmit
check 'lint (npm run lint)' oxlint --type-aware --deny-warnings
check 'format (npm run format writes it)' prettier --check --log-level warn .
check 'stage rules (npm run rules)' depcruise --config .dependency-cruiser.mjs --output-type err-long controller bench e2e examples scripts

status=0
vitest run --reporter=default --reporter=json --outputFile.json="$work/vitest.json" "$@" || status=$?
read -r tests_passed tests_failed <<END
$(node scripts/tally.ts "$work/vitest.json" "$status")
END
passed=$((passed + tests_passed))
failed=$((failed + tests_failed))
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
