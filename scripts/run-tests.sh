# shellcheck shell=sh
# Sourced by test.sh and test-full.sh, which set `root`: counts checks and tests together. Every step runs, even after a
# failed one.
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

# check NAME COMMAND…: silent if it passes; if it fails, its output is what the contributor needs.
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

# beside FUNCTION: runs it concurrently with the tests, at a lower priority. Its `record`s are reported after them.
beside() {
  mkdir "$work/recorded"
  {
    sh -c 'renice -n 10 -p "$PPID"' >"$work/renice" 2>&1 || :
    "$@"
  } &
  beside=$!
}

# record NAME COMMAND…: a check, called within what `beside` runs.
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

# tests ARGUMENTS…: for vitest, run by the command in `within`, if it is set. Prints the summary, which is the last line
# of all, and fails if anything failed.
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
