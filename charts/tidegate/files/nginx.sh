# Runs NGINX until the Pod is terminated. Kubernetes may stop a container with SIGTERM, at which NGINX drops all
# requests; at SIGQUIT, NGINX finishes them. So this shell stays process 1 and turns both signals into SIGQUIT. A
# preStop hook cannot do this: hooks of a sidecar run when the termination of the Pod begins, while new requests still
# arrive, but the signal arrives only after the controller has exited. --wait makes start.sh wait for nginx.conf, which
# the controller writes after this container has started.
end=
trap 'end=1' TERM QUIT
/opt/tidegate/nginx/start.sh --wait /run/tidegate &
nginx=$!
code=0
wait "$nginx" || code=$?
# A signal interrupts `wait`. The loop repeats the signal until NGINX has exited, because a background shell ignores
# SIGQUIT, and so does NGINX until it has started. start.sh gets SIGTERM while it waits for nginx.conf, because there
# are no requests to finish.
while kill -0 "$nginx" 2>/dev/null; do
  signal=QUIT
  [ -e /run/tidegate/conf/nginx.conf ] || signal=TERM
  [ -z "$end" ] || kill -s "$signal" "$nginx" 2>/dev/null
  sleep 0.5
done
[ -z "$end" ] || exit 0
exit "$code"
