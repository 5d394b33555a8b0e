# shellcheck shell=sh
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
begun=0

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

# beside NAME COMMAND…: begins a check that runs beside others; its result is reported by `await_checks`.
beside() {
  begun=$((begun + 1))
  echo "$1" >"$work/$begun.name"
  shift
  {
    status=0
    "$@" >"$work/$begun.log" 2>&1 || status=$?
    echo "$status" >"$work/$begun.status"
  } &
}

await_checks() {
  wait
  number=0
  while [ "$number" -lt "$begun" ]; do
    number=$((number + 1))
    check "$(cat "$work/$number.name")" outcome "$number"
  done
  begun=0
}

outcome() {
  cat "$work/$1.log"
  return "$(cat "$work/$1.status")"
}

# tests ARGUMENTS…: of vitest, run by the command in `within`, if there is one. Prints the summary, which is the last line of all, and fails where something failed.
tests() {
  status=0
  ${within:-} vitest run --reporter=default --reporter=json --outputFile.json="$work/vitest.json" "$@" || status=$?
  read -r tests_passed tests_failed tests_skipped <<END
$(node scripts/tally.ts "$work/vitest.json" "$status")
END
  passed=$((passed + tests_passed))
  failed=$((failed + tests_failed))
  if [ "$tests_skipped" = 0 ]; then skipped=; else skipped=", $tests_skipped skipped"; fi
  echo "$passed passed, $failed failed$skipped"
  [ "$failed" = 0 ]
}
