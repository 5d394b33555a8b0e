#!/bin/sh
# `npm run test:full` runs the tests that `npm test` omits because they need a built image, a real API server, helm or
# Prometheus, or because they take a long time. This script first finds or builds these programs and the image. Each of
# them that is unavailable is reported and counts as a failed check.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=scripts/run-tests.sh
. "$root/scripts/run-tests.sh"

check 'helm' sh scripts/helm.sh
check 'Prometheus' sh scripts/prometheus.sh
check 'API server' sh scripts/kube-apiserver.sh
check 'image' sh scripts/image.sh
# Its curl has HTTP/3.
check 'Debian 13' sh scripts/debian-13.sh curl --version

# The tests in an existing cluster run first, outside the network namespace below, and only if the cluster allows them.
if [ -n "${TIDEGATE_E2E_KUBECONFIG:-}" ] && node e2e/apiserver/foreign-check.ts; then
  check 'the cluster of TIDEGATE_E2E_KUBECONFIG' env TIDEGATE_FULL=1 vitest run e2e/cluster/any-cluster
fi
unset TIDEGATE_E2E_KUBECONFIG

# Runs a command in a separate network namespace, so that load and faults do not affect other networks. Endpoints use
# 192.0.2.1, because a real API server rejects loopback addresses of endpoints. Some kernels buffer 32 MiB for a reader
# who pauses, so that it looks as if NGINX had buffered them; here they buffer the 6 MiB that were usual for long.
own_network() {
  unshare --net -- sh -c 'ip link set lo up && ip address add 192.0.2.1/32 dev lo &&
    { echo "4096 131072 6291456" >/proc/sys/net/ipv4/tcp_rmem || :; } && exec "$@"' own_network "$@"
}
[ "$(id -u)" != 0 ] || within=own_network
export TIDEGATE_FULL=1 INJECTION_RUNS=1000
tests full.test drill.test controller/golden/injection charts
