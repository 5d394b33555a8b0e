# Runs NGINX until the Pod ends. Kubernetes may end a container with SIGTERM, on which NGINX drops every request;
# SIGQUIT lets them finish, so this shell stays process 1 and turns either into SIGQUIT. A preStop hook could not do
# this: those of a sidecar run when the end of the Pod begins, while clients still arrive. The signal comes after the
# controller has ended. --wait: the controller starts after this container and writes nginx.conf.
end=
trap 'end=1' TERM QUIT
/opt/tidegate/nginx/start.sh --wait /run/tidegate &
nginx=$!
code=0
wait "$nginx" || code=$?
# A signal ends the wait early. It is repeated until NGINX is gone: a background shell ignores SIGQUIT, and so does
# NGINX until it has started; a process that still waits for nginx.conf has no requests to finish.
while kill -0 "$nginx" 2>/dev/null; do
  signal=QUIT
  [ -e /run/tidegate/conf/nginx.conf ] || signal=TERM
  [ -z "$end" ] || kill -s "$signal" "$nginx" 2>/dev/null
  sleep 0.5
done
[ -z "$end" ] || exit 0
exit "$code"
