/**
 * TCP and UDP services in NGINX's stream block: chooses the endpoint of a connection, and answers NGINX's own DNS
 * questions about endpoints. The files are described in nginx/stream/README.md.
 *
 * njs clones its virtual machine for each connection, so nothing can be remembered here from one connection to the
 * next. The language is that of njs 0.7.9: no destructuring, no classes.
 */
import fs from 'fs';

/**
 * Variable $tidegate_target: `10.0.0.1:5432`, or a name for which `answer` returns several addresses, so that NGINX can
 * retry. Empty if there is no endpoint: NGINX then closes the connection.
 */
function target(s) {
  let text;
  try {
    text = fs.readFileSync(s.variables.tidegate_endpoints, 'utf8');
  } catch (error) {
    return unusable(s, error);
  }
  return choose(s, text);
}

/**
 * The content of a file; undefined if there is none. statSync finds that out, because an exception takes njs 0.7 more
 * than half a millisecond. The file may still be removed before it is read.
 */
function textIn(file) {
  if (fs.statSync(file, { throwIfNoEntry: false }) === undefined) return undefined;
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (_) {
    return undefined;
  }
}

/** An endpoint in the content of a file. */
function choose(s, text) {
  let endpoints;
  try {
    endpoints = JSON.parse(text);
  } catch (error) {
    return unusable(s, error);
  }
  if (endpoints.total === 0) {
    s.error(endpoints.service + ' has no endpoints: the connection is closed');
    return '';
  }
  if (endpoints.sources !== undefined) return bySource(s, endpoints);
  const groups = endpoints.groups;
  let left = groups.length === 1 ? -1 : random(s, 1) * endpoints.total;
  let at = 0;
  while (at < groups.length - 1 && left >= groups[at][1]) {
    left -= groups[at][1];
    at += 1;
  }
  const size = groups[at][1];
  if (size === 1) return groups[at][0];
  // NGINX gives all connections that wait for the same answer the first address of this answer. Several names for a
  // group, whose answers begin with different addresses, distribute them.
  return Math.floor(random(s, 2) * Math.min(size, NAMES)) + '.' + groups[at][0];
}

/** Maximum number of names of a group. */
const NAMES = 8;

/**
 * At least 0 and less than 1, by the number of the connection, which NGINX counts. Math.random of njs takes longer than
 * everything else here, because it asks the kernel for a seed in each connection.
 */
function random(s, purpose) {
  return mix(Math.imul(Number(s.variables.connection) + 1, 2654435761) ^ purpose) / 4294967296;
}

/** Mixes 32 bits, so that similar numbers give different ones. */
function mix(number) {
  let mixed = Math.imul(number ^ (number >>> 16), 2246822507);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 3266489909);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function unusable(s, error) {
  s.error('endpoints of port ' + s.variables.server_port + ' cannot be read: ' + error.message);
  return '';
}

/**
 * The endpoint with the highest number for this client (rendezvous hashing): when an endpoint leaves, only its clients
 * are moved.
 */
function bySource(s, endpoints) {
  const client = s.variables.remote_addr;
  let seed = 2166136261;
  for (let i = 0; i < client.length; i++) seed = Math.imul(seed ^ client.charCodeAt(i), 16777619);
  let sources;
  try {
    sources = sourcesFor(s, endpoints, mix(seed));
  } catch (error) {
    return unusable(s, error);
  }
  let best = '';
  let most = -1;
  for (let i = 0; i < sources.length; i++) {
    const mixed = mix(seed ^ sources[i][1]);
    if (mixed > most) {
      most = mixed;
      best = sources[i][0];
    }
  }
  return best;
}

/**
 * [`10.0.0.1:5432`, a 32-bit number] for each endpoint, or for the endpoints of one list if there are many: the list
 * with this number or, if it is empty, the next one.
 */
function sourcesFor(s, endpoints, number) {
  const lists = endpoints.sources;
  if (typeof lists !== 'number') return lists;
  const file = s.variables.tidegate_endpoints + '.' + endpoints.revision + '-s';
  let found = [];
  for (let i = 0; i < lists && found.length === 0; i++)
    found = JSON.parse(fs.readFileSync(file + ((number + i) % lists), 'utf8'));
  return found;
}

/** Variable $tidegate_certificate: the certificate chain and its key, in PEM; read for each handshake. */
function certificate(s) {
  try {
    return fs.readFileSync(s.variables.tidegate_certificate_file, 'utf8');
  } catch (error) {
    s.error('certificate of port ' + s.variables.server_port + ' cannot be read: ' + error.message);
    return '';
  }
}

let question;

/** Preread handler of the DNS server: waits for the question. */
function listen(s) {
  s.on('upstream', function (data) {
    question = data;
    s.done();
  });
}

const HEADER = 12;
const LABEL = /^[0-9a-z-]{1,60}$/;
const RESPONSE = 0x84;
const NO_SUCH_NAME = 3;
const A = 1;
const AAAA = 28;

/**
 * Variable $tidegate_answer: the answer to a DNS question for `<first>.<revision>-<group>.<hash>.tidegate`, beginning
 * with the address number `first`. Empty: the question gets no answer.
 */
function answer(s) {
  const asked = parse(question);
  if (asked === undefined) return '';
  const head = [question[0], question[1], RESPONSE, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  const text = question.slice(HEADER, asked.end);
  const addresses = textIn(s.variables.tidegate_streams + '/' + asked.labels[2] + '.' + asked.labels[1]);
  if (addresses === undefined) {
    head[3] = NO_SUCH_NAME;
    return bytes([Buffer.from(head), text]);
  }
  const length = asked.type === A ? 8 : asked.type === AAAA ? 32 : 0;
  const found = addresses.split('\n').filter(function (address) {
    return address.length === length && length > 0;
  });
  head[7] = found.length;
  const parts = [Buffer.from(head), text];
  for (let i = 0; i < found.length; i++) {
    const address = found[(i + Number(asked.labels[0])) % found.length];
    // The name is a pointer to the question; class IN; the answer is valid for an hour.
    parts.push(
      Buffer.from([0xc0, HEADER, 0, asked.type, 0, 1, 0, 0, 14, 16, 0, length / 2]),
      Buffer.from(address, 'hex'),
    );
  }
  return bytes(parts);
}

/** The labels, the type, and the end of the question; undefined if it is not one question for one of our names. */
function parse(query) {
  if (query === undefined || query.length < HEADER + 5 || query.length > 512) return undefined;
  if ((query[2] & 0xf8) !== 0 || query[4] !== 0 || query[5] !== 1) return undefined;
  const labels = [];
  const at = readLabels(query, labels);
  const end = at + 5;
  if (at < 0 || end > query.length || !isOfInternet(query, at) || !isOurs(labels)) return undefined;
  return { labels: labels, type: query[at + 2], end: end };
}

/** Reads the labels of a name, and returns the index of the byte that ends the name; -1 if a label is invalid. */
function readLabels(query, labels) {
  let at = HEADER;
  while (at < query.length && query[at] !== 0) {
    const end = at + 1 + query[at];
    if (query[at] > 63 || end >= query.length) return -1;
    labels.push(query.slice(at + 1, end).toString());
    at = end;
  }
  return at;
}

/** Whether the type after the name is less than 256, and the class is IN. */
function isOfInternet(query, at) {
  return query[at + 1] === 0 && query[at + 3] === 0 && query[at + 4] === 1;
}

function isOurs(labels) {
  if (labels.length !== 4 || labels[3] !== 'tidegate') return false;
  return /^\d$/.test(labels[0]) && LABEL.test(labels[1]) && LABEL.test(labels[2]);
}

/** A value for `return` of NGINX: njs before 0.8 would write a Buffer as UTF-8. */
function bytes(parts) {
  const all = Buffer.concat(parts);
  return String.bytesFrom === undefined ? all : String.bytesFrom(all);
}

export default { target, textIn, choose, certificate, listen, answer };
