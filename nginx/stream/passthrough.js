/**
 * TLS passthrough: decides, by the server name of a TLS handshake, whether NGINX terminates TLS or passes the
 * connection to a backend undecrypted. README.md describes the files.
 */
import crypto from 'crypto';
import fs from 'fs';
import tidegate from 'tidegate.js';

const TERMINATED = 'terminated';
const CLOSED = 'closed';
const NAME = /^[0-9a-z_.-]+$/;

/**
 * The content of a server name's file; undefined if there is none. statSync finds that out, because an exception takes
 * njs 0.7 more than half a millisecond.
 */
function textOf(directory, name) {
  const path = directory + '/t' + crypto.createHash('sha256').update(name).digest('hex').slice(0, 40);
  return fs.statSync(path, { throwIfNoEntry: false }) === undefined ? undefined : fs.readFileSync(path, 'utf8');
}

/** The name of the file with the endpoints for this connection, `closed` or `terminated`. */
function find(s) {
  const asked = s.variables.ssl_preread_server_name;
  const name = asked === undefined ? '' : asked.toLowerCase().replace(/\.$/, '');
  if (!NAME.test(name)) return TERMINATED;
  const directory = s.variables.tidegate_streams;
  const own = textOf(directory, name);
  if (own !== undefined) return own;
  const dot = name.indexOf('.');
  const ofWildcard = dot > 0 ? textOf(directory, '*' + name.slice(dot)) : undefined;
  return ofWildcard === undefined ? TERMINATED : ofWildcard;
}

function endpoint(s, found) {
  if (found === CLOSED || found === TERMINATED) {
    s.error('the path / of ' + s.variables.ssl_preread_server_name + ' answers 503: the TLS connection is closed');
    return '';
  }
  return tidegate.choose(s, s.variables.tidegate_streams + '/' + found);
}

/** The server that gets the connection by `pass`: HTTP servers, or the server for passed-through connections. */
function server(s) {
  return find(s) === TERMINATED ? s.variables.tidegate_http_socket : s.variables.tidegate_passed_socket;
}

/** Where the server for passed-through connections proxies to; empty: the connection is closed. */
function backend(s) {
  return endpoint(s, find(s));
}

/** Without `pass`: where a connection is proxied to; empty: it is closed. */
function target(s) {
  const found = find(s);
  return found === TERMINATED ? s.variables.tidegate_http_socket : endpoint(s, found);
}

/**
 * Without `pass`: sends a PROXY protocol header to HTTP servers, before the first bytes of the client. The destination
 * is the address of the connection's peer, which differs from the source if the peer sent a header, too. NGINX, which
 * reads the header, does not mind if one address is IPv4 and the other IPv6.
 */
function announce(s) {
  const v = s.variables;
  if (v.tidegate_tls !== v.tidegate_http_socket) return;
  s.on('upstream', function (data, flags) {
    s.off('upstream');
    const addresses = [v.remote_addr, v.realip_remote_addr, v.remote_port, v.server_port];
    s.send(Buffer.concat([Buffer.from('PROXY TCP6 ' + addresses.join(' ') + '\r\n'), data]), flags);
  });
}

export default { server, backend, target, announce };
