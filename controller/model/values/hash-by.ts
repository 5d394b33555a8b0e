import { accept, type Parser, reject } from '../contract/parser.ts';

/** nginx variables that a hash key may contain; nginx/lua/tidegate/shapes/hash_by.lua has the same list. */
export const HASH_VARIABLES: ReadonlySet<string> = new Set([
  'args',
  'binary_remote_addr',
  'document_uri',
  'host',
  'http_host',
  'query_string',
  'realip_remote_addr',
  'remote_addr',
  'remote_port',
  'remote_user',
  'request_method',
  'request_uri',
  'scheme',
  'server_name',
  'server_port',
  'ssl_client_fingerprint',
  'ssl_client_s_dn',
  'ssl_client_serial',
  'ssl_server_name',
  'ssl_session_id',
  'uri',
]);
const FAMILY = /^(?:arg|cookie|http)_[a-z0-9_]+$/;
/** A variable, with or without braces, or the text up to the next variable. */
const PIECE = /\$\{(\w+)\}|\$(\w+)|([A-Za-z0-9_-]+)/y;
const EXAMPLES = '$remote_addr, $request_uri, $host, $arg_NAME, $cookie_NAME, $http_NAME';

function isVariable(name: string): boolean {
  return HASH_VARIABLES.has(name) || FAMILY.test(name);
}

/** `$request_uri-${http_x_user}` → `$request_uri`, `-`, `$http_x_user`. Spaces are removed. */
export const hashText: Parser<readonly string[]> = {
  accepts: `letters, digits, - and _, and variables such as ${EXAMPLES}`,
  parse: (raw) => {
    const text = raw.replaceAll(' ', '');
    const pieces: string[] = [];
    for (PIECE.lastIndex = 0; PIECE.lastIndex < text.length;) {
      const at = PIECE.lastIndex;
      const match = PIECE.exec(text);
      if (match === null)
        return reject(`contains ${JSON.stringify(text[at])}, where neither text nor a variable can begin`);
      const [, braced, plain, literal] = match;
      if (literal !== undefined) {
        pieces.push(literal);
        continue;
      }
      const name = (braced ?? plain ?? '').toLowerCase();
      if (!isVariable(name)) return reject(`names the variable $${name}, which is not allowed`);
      pieces.push(`$${name}`);
    }
    if (pieces.length > 100) return reject('has more than 100 variables and literal parts');
    return accept(pieces);
  },
};
