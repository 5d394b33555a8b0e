#!/bin/sh
# `npm test`. Arguments are passed to vitest: `npm test -- controller/model` runs only the tests of that folder. Lint
# and the format check then cover only that folder, too. Without arguments, the drills (`*.drill.test.ts`) and the tests of
# the charts do not run, because they take longer than everything else; `npm run test:full` runs them.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=scripts/run-tests.sh
. "$root/scripts/run-tests.sh"

# Paths are separated by spaces: no path of the repository contains a space.
named=
for argument in "$@"; do
  [ ! -e "$argument" ] || named="$named $argument"
done

# shellcheck disable=SC2046 # one path per word
shell_scripts() { shellcheck --severity warning $(node scripts/shell-scripts.ts); }

# shellcheck disable=SC2086 # one path per word
checks() {
  record 'types (npm run typecheck)' tsc --noEmit --incremental --tsBuildInfoFile node_modules/.cache/types.tsbuildinfo
  record 'types of the page (npm run typecheck:ui)' tsc --noEmit -p ui --incremental --tsBuildInfoFile node_modules/.cache/types-ui.tsbuildinfo
  record 'lint (npm run lint)' oxlint --type-aware --deny-warnings --no-error-on-unmatched-pattern $named
  record 'stage rules (npm run rules)' depcruise --config .dependency-cruiser.mjs --output-type err-long bench controller e2e examples scripts ui
  record 'Lua (luacheck nginx bench)' luacheck --quiet nginx bench
  record 'shell scripts (shellcheck)' shell_scripts
  record 'format (npm run format writes it)' prettier --check --log-level warn --no-error-on-unmatched-pattern \
    --cache --cache-strategy content ${named:-.}
}
[ $# -gt 0 ] || export TIDEGATE_QUICK=1
beside checks
tests "$@"
