#!/bin/sh
# `npm test`. Arguments go to vitest: `npm test -- controller/model` runs the tests of that folder only.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/scripts/run-tests.sh"

check 'types (npm run typecheck)' tsc --noEmit
check 'lint (npm run lint)' oxlint --type-aware --deny-warnings
check 'format (npm run format writes it)' prettier --check --log-level warn .
check 'stage rules (npm run rules)' depcruise --config .dependency-cruiser.mjs --output-type err-long bench controller e2e examples scripts
tests "$@"
