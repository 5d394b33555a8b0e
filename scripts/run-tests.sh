# shellcheck shell=sh
# Sourced by test.sh and test-full.sh, which set `root`: counts checks and tests together. Every step runs, also after
# one that failed.
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

# beside FUNCTION: runs it beside the tests; where both want a core, tests go first. Its `record`s are reported after them.
beside() {
  mkdir "$work/recorded"
  {
    sh -c 'renice -n 10 -p "$PPID"' >"$work/renice" 2>&1 || :
    "$@"
  } &
  beside=$!
}

# record NAME COMMAND…: a check, in what runs `beside`.
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

# tests ARGUMENTS…: of vitest, run by the command in `within`, if there is one. Prints the summary, which is the last line of all, and fails where something failed.
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
