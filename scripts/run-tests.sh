# shellcheck shell=sh
# Functions for test.sh and test-full.sh, which set `root`. They count checks and tests together. Every step runs, even
# after a failed step.
cd "$root"
sh scripts/setup.sh --test
PATH=$root/node_modules/.bin:$PATH
export PATH
work=$(mktemp -d)
beside=
trap 'rm -rf "$work"; [ -z "$beside" ] || kill "$beside" 2>/dev/null || :' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
passed=0
failed=0

# check NAME COMMAND…: runs the command, and prints its output only if it fails.
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

# beside FUNCTION: calls FUNCTION concurrently with the tests, at a lower priority. Checks that it runs with `record` are
# reported after the tests.
beside() {
  mkdir "$work/recorded"
  {
    sh -c 'renice -n 10 -p "$PPID"' >"$work/renice" 2>&1 || :
    "$@"
  } &
  beside=$!
}

# record NAME COMMAND…: runs a check concurrently, for `beside`, and stores its output and exit code.
record() {
  number=$((${number:-10} + 1))
  echo "$1" >"$work/recorded/$number.name"
  shift
  status=0
  "$@" >"$work/recorded/$number.log" 2>&1 || status=$?
  echo "$status" >"$work/recorded/$number.status"
}

report_recorded() {
  [ -n "$beside" ] || return 0
  wait "$beside" || :
  beside=
  for name in "$work"/recorded/*.name; do
    check "$(cat "$name")" outcome "${name%.name}"
  done
}

outcome() {
  cat "$1.log"
  return "$(cat "$1.status")"
}

# tests ARGUMENTS…: runs vitest with the arguments; `within` may name a command that runs vitest. Prints the summary of
# all checks and tests as the last line, and fails if any of them failed.
tests() {
  status=0
  ${within:-} vitest run --reporter=default --reporter=json --outputFile.json="$work/vitest.json" "$@" || status=$?
  read -r tests_passed tests_failed tests_skipped <<END
$(node scripts/tally.ts "$work/vitest.json" "$status")
END
  report_recorded
  passed=$((passed + tests_passed))
  failed=$((failed + tests_failed))
  if [ "$tests_skipped" = 0 ]; then skipped=; else skipped=", $tests_skipped skipped"; fi
  echo "$passed passed, $failed failed$skipped"
  [ "$failed" = 0 ]
}
