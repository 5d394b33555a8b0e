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
const DOT = 46;

/** The name of the file about a server name. */
function fileOf(name) {
  return 't' + crypto.createHash('sha256').update(name).digest('hex').slice(0, 40);
}

/** The content of the file about the server name of this connection. */
function find(s) {
  const asked = s.variables.ssl_preread_server_name;
  let name = asked === undefined ? '' : asked.toLowerCase();
  if (name.charCodeAt(name.length - 1) === DOT) name = name.slice(0, -1);
  if (!NAME.test(name)) return TERMINATED;
  const directory = s.variables.tidegate_streams;
  const own = fileOf(name);
  const found = tidegate.textIn(directory + '/' + own);
  if (found !== undefined) return counted(s, own, found);
  const dot = name.indexOf('.');
  if (dot <= 0) return TERMINATED;
  const ofWildcard = fileOf('*' + name.slice(dot));
  const answer = tidegate.textIn(directory + '/' + ofWildcard);
  return answer === undefined ? TERMINATED : counted(s, ofWildcard, answer);
}

/** Says for which host and backend the connection is counted: `passedEntry` in controller/types/session-metrics.ts. */
function counted(s, nameFile, found) {
  // A template of an earlier version does not have the variable.
  if (found !== CLOSED && found !== TERMINATED && s.variables.tidegate_counted !== undefined)
    s.variables.tidegate_counted = 'TLS/' + nameFile.slice(0, 17) + '/' + found.slice(0, 17);
  return found;
}

function endpoint(s, found) {
  if (found === CLOSED || found === TERMINATED) {
    s.error('the path / of ' + s.variables.ssl_preread_server_name + ' answers 503: the TLS connection is closed');
    return '';
  }
  const end = found.indexOf('\n');
  const names = found.slice(0, end).split(' ');
  const directory = s.variables.tidegate_streams + '/';
  for (let i = 1; i < names.length; i++) {
    if (!isDenied(s, directory + names[i])) continue;
    s.error('the access list of ' + s.variables.ssl_preread_server_name + ' denies the client');
    return '';
  }
  return tidegate.choose(s, found.slice(end + 1));
}

const MAPPED = '00000000000000000000ffff';

/**
 * Whether an access list denies the client. Each record of a list is an address in hexadecimal digits and the verdict
 * from there on. A list that cannot be read denies everybody.
 */
function isDenied(s, file) {
  const binary = s.rawVariables.binary_remote_addr;
  if (binary.length !== 4 && binary.length !== 16) return true;
  let client = binary.toString('hex');
  if (client.slice(0, 24) === MAPPED) client = client.slice(24);
  let records;
  try {
    records = fs.readFileSync(file, 'utf8').split('\n')[client.length === 8 ? 0 : 1];
  } catch (error) {
    s.error('the access list ' + file + ' cannot be read: ' + error.message);
    return true;
  }
  const width = client.length + 1;
  let low = 0;
  let high = records.length / width - 1;
  while (low < high) {
    const middle = Math.floor((low + high + 1) / 2);
    if (records.slice(middle * width, middle * width + client.length) <= client) low = middle;
    else high = middle - 1;
  }
  const verdict = records.charAt(low * width + client.length);
  return verdict !== 'a' && verdict !== 'n';
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
