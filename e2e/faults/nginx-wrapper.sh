#!/bin/sh
# Precedes NGINX in PATH as `nginx`. The file `mode` beside it says how it fails; without it, it is NGINX.
#   hang-test     `nginx -t` does not end until the file is gone, 60 s at most
#   die           exits with 1 instead of starting; every attempt is a line of the file `starts`
here=$(dirname "$0")
mode=$(cat "$here/mode" 2>/dev/null)
testing=
for word in "$@"; do
  case $word in
    -t) testing=yes ;;
    -V) testing=version ;;
  esac
done
if [ "$testing" = yes ] && [ "$mode" = hang-test ]; then
  turns=1200
  while [ -e "$here/mode" ] && [ "$turns" -gt 0 ]; do
    sleep 0.05
    turns=$((turns - 1))
  done
fi
if [ -z "$testing" ]; then
  echo start >>"$here/starts"
  if [ "$mode" = die ]; then
    echo 'nginx: [emerg] dies on purpose' >&2
    exit 1
  fi
fi
exec "$TIDEGATE_REAL_NGINX" "$@"
