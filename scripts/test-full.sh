#!/bin/sh
# `npm run test:full`: tests that need more than a contributor's machine has at hand: a built image, a real API server,
# long waits. Builds or finds each first; what is unavailable is reported, and counts as failed.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=scripts/run-tests.sh
. "$root/scripts/run-tests.sh"

check 'helm' sh scripts/helm.sh
check 'API server' sh scripts/kube-apiserver.sh
check 'image' sh scripts/image.sh

# A cluster of yours is outside the network of the other tests; it is used only if it permits that.
if [ -n "${TIDEGATE_E2E_KUBECONFIG:-}" ] && node e2e/apiserver/foreign-check.ts; then
  check 'the cluster of TIDEGATE_E2E_KUBECONFIG' env TIDEGATE_FULL=1 vitest run e2e/cluster/any-cluster
fi
unset TIDEGATE_E2E_KUBECONFIG

# A separate network, which load and faults cannot leave; 192.0.2.1 is for endpoints, which a real API server rejects on
# loopback.
own_network() {
  unshare --net -- sh -c 'ip link set lo up && ip address add 192.0.2.1/32 dev lo && exec "$@"' own_network "$@"
}
[ "$(id -u)" != 0 ] || within=own_network
export TIDEGATE_FULL=1 INJECTION_RUNS=1000
# The charts again: npm test skips their tests if helm is not installed yet.
tests full.test controller/golden/injection charts
