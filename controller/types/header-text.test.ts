/** Valid header values, and how they are written to nginx.conf and to live data. */
import { expect, test } from 'vitest';
import { headerPieces, headerText, notHeaderText } from './conf-value.ts';

test.each([
  ['blue', '"blue"', 'blue'],
  ['', '""', ''],
  ['a "b" \\n; # {}', '"a \\"b\\" \\\\n; # {}"', 'a "b" \\n; # {}'],
  ['$host', '"$host"', ['$host']],
  ['id-${req_id}x', '"id-${req_id}x"', ['id-', '$req_id', 'x']],
  ['$http_x_team$args', '"$http_x_team$args"', ['$http_x_team', '$args']],
])('writes %s', (text, conf, pieces) => {
  expect(headerText(text).conf).toBe(conf);
  expect(headerPieces(text)).toEqual(pieces);
});

test.each([
  ['a\nb', 'is not printable ASCII'],
  ['ä', 'is not printable ASCII'],
  // Values that NGINX has decoded may contain a line feed, and so may those that a client sets freely.
  ['$uri', 'contains $uri, which'],
  ['$document_uri', 'contains $document_uri, which'],
  ['$remote_user', 'contains $remote_user, which'],
  ['$ssl_server_name', 'contains $ssl_server_name, which'],
  ['$ssl_client_raw_cert', 'contains $ssl_client_raw_cert, which'],
  ['$request_filename', 'contains $request_filename, which'],
  ['$tidegate_route', 'contains $tidegate_route, which'],
  ['${HOST}', 'contains $HOST, which'],
  ['$', 'contains a $ that does not begin a variable'],
  ['${host', 'contains a $ that does not begin a variable'],
  ['5 $ or $host', 'contains a $ that does not begin a variable'],
])('%s is refused', (text, reason) => {
  expect(notHeaderText(text)).toContain(reason);
  expect(() => headerText(text)).toThrow('not a value of a header');
  expect(() => headerPieces(text)).toThrow('not a value of a header');
});
