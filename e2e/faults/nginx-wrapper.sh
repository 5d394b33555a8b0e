#!/bin/sh
# A script with the name `nginx` that precedes NGINX in PATH. Without a file `mode` in its folder, it runs NGINX.
# Otherwise the content of the file is one of:
#   hang-test     `nginx -t` hangs until the file is removed, at most 60 s
#   die           a start exits with 1
# Every start appends a line to the file `starts`.
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
