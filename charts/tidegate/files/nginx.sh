# Runs NGINX until the Pod ends. The shell stays process 1, because Kubernetes ends a container with SIGTERM, on which
# NGINX drops every request; SIGQUIT lets them finish. A preStop hook could not do this: those of a sidecar run when
# the end of the Pod begins, while clients still arrive. SIGTERM comes after the controller is gone.
end=
trap 'end=1' TERM
while :; do
  /tidegate/nginx/start.sh /run/tidegate &
  nginx=$!
  code=0
  wait "$nginx" || code=$?
  # A signal ends the wait early. It is passed on until NGINX is gone: while it starts, it ignores SIGQUIT.
  while kill -0 "$nginx" 2>/dev/null; do
    [ -z "$end" ] || kill -s QUIT "$nginx" 2>/dev/null
    sleep 0.5
  done
  [ -z "$end" ] || exit 0
  # 4: there is no nginx.conf yet. The controller starts after this container and writes it.
  [ "$code" = 4 ] || exit "$code"
  sleep 0.5
done
