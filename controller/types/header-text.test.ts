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
])('header value "%s" is written to nginx.conf and split into pieces for live data', (text, conf, pieces) => {
  expect(headerText(text).conf).toBe(conf);
  expect(headerPieces(text)).toEqual(pieces);
});

test.each([
  ['a\nb', 'is not printable ASCII'],
  ['ä', 'is not printable ASCII'],
  // Variables that NGINX has decoded, and variables that a client can set freely, may contain a line feed.
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
])('header value "%s" is refused', (text, reason) => {
  expect(notHeaderText(text)).toContain(reason);
  expect(() => headerText(text)).toThrow('not a value of a header');
  expect(() => headerPieces(text)).toThrow('not a value of a header');
});
