# Sourced by test.sh and test-full.sh, which set `root`: counts checks and tests together. Every step runs, also after
# one that failed.
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

# check NAME COMMAND…: quiet when it passes; when it fails, what it printed is what the contributor needs.
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

# tests ARGUMENTS…: of vitest, run by the command in `within`, if there is one. Prints the summary, which is the last line of all, and fails where something failed.
tests() {
  status=0
  ${within:-} vitest run --reporter=default --reporter=json --outputFile.json="$work/vitest.json" "$@" || status=$?
  read -r tests_passed tests_failed <<END
$(node scripts/tally.ts "$work/vitest.json" "$status")
END
  passed=$((passed + tests_passed))
  failed=$((failed + tests_failed))
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ]
}
