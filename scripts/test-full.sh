#!/bin/sh
# `npm run test:full`: what needs more than a contributor's machine has at hand: a built image, a real API server, long
# waits. Builds or finds each first; what cannot be had says so, and counts as failed.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/scripts/run-tests.sh"

check 'helm' sh scripts/helm.sh
check 'API server' sh scripts/kube-apiserver.sh
check 'image' sh scripts/image.sh
export TIDEGATE_FULL=1 INJECTION_RUNS=1000
tests full.test controller/golden/injection
