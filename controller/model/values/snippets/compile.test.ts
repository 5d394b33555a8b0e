/** Which scripts and directives snippets compile to, and which snippets are refused. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compileSnippet, SCRIPTED_NAMES } from './compile.ts';
import { ANNOTATION_KEYS } from '../../features/annotations.ts';
import { inWordsOf } from '../../contract/pass-directives.ts';
import { SETTING_KEYS } from '../../settings/settings.ts';
import { NATIVE_NAMES } from './directives.ts';
import { NAMED } from './instead.ts';

function compiled(text: string, place: 'server' | 'location' | 'auth' = 'location') {
  const parsed = compileSnippet(text, place);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
}

function refusal(text: string, place: 'server' | 'location' | 'auth' = 'location'): string {
  const parsed = compileSnippet(text, place);
  return parsed.ok ? 'accepted' : parsed.reason;
}

describe('a rewrite compiles to a step', () => {
  test.each([
    ['rewrite ^/a /b break;', { rewrite: '^/a', to: ['/b'], keepsArguments: true }],
    ['rewrite ^/a /b?x=1 break;', { rewrite: '^/a', to: ['/b'], query: ['x=1'], keepsArguments: true }],
    ['rewrite ^/a /b?x=1? break;', { rewrite: '^/a', to: ['/b'], query: ['x=1'] }],
    ['rewrite ^/a /b? break;', { rewrite: '^/a', to: ['/b'] }],
    ['rewrite ^/a/(.*)$ /b$1$is_args$args? break;', { rewrite: '^/a/(.*)$', to: ['/b', '$1', '$is_args', '$args'] }],
    [
      'rewrite ^ https://b.test$uri;',
      { rewrite: '^', to: ['https://b.test', '$uri'], keepsArguments: true, code: 302 },
    ],
    ['rewrite (?<id>a) /$1 permanent;', { rewrite: '(a)', to: ['/', '$1'], keepsArguments: true, code: 301 }],
  ])('%s', (text, step) => {
    expect(compiled(text).script.steps).toEqual([step]);
  });
});

test('the condition of an if block may contain blanks anywhere, and quotes around its words', () => {
  const asked = { of: ['$request_method'], is: 'equal', not: true, value: ['A B'] };
  for (const text of ['($request_method != "A B")', "( ${request_method} != 'A B' )", '($Request_Method  !=\n"A B" )'])
    expect(compiled(`if ${text} { break; }`).script.steps).toEqual([{ if: asked, steps: [{ stop: true }] }]);
});

test('the script of a snippet hides headers before it adds headers, whatever the order of the directives', () => {
  const { headers } = compiled('add_header X-A b always; proxy_hide_header X-A;').script;
  expect(headers).toEqual([
    { op: 'clear', name: 'X-A' },
    { op: 'add', name: 'X-A', text: ['b'] },
  ]);
});

test('variables that a snippet sets, reads, or sets from the authorization response are listed', () => {
  const { sets, reads, fromAuth } = compiled(
    'auth_request_set $User $upstream_http_x_user; set $a "${user}-$B"; proxy_set_header X-A $a;',
  );
  expect([...sets]).toEqual(['a']);
  expect([...reads]).toEqual(['user', 'b', 'a']);
  expect([...fromAuth]).toEqual([['user', 'upstream_http_x_user']]);
});

describe('a snippet is refused because of', () => {
  test.each([
    // Directives that run code, read files or pass requests elsewhere.
    ['content_by_lua_block { ngx.say(1) }', 'line 1: content_by_lua_block'],
    ["rewrite_by_lua 'x';", 'rewrite_by_lua'],
    ['access_by_lua_file /tmp/x;', 'access_by_lua_file'],
    ['set_by_lua_block $a { return 1 }', 'set_by_lua_block'],
    ['js_content x;', 'js_content'],
    ['perl x;', 'perl'],
    ['load_module x;', 'load_module'],
    ['ssl_engine x;', 'ssl_engine'],
    ['include /etc/passwd;', 'include'],
    ['root /;', 'root'],
    ['alias /etc/;', 'alias'],
    ['\n\nproxy_pass http://unix:/x;', 'line 3: proxy_pass'],
    ['fastcgi_pass 127.0.0.1:1;', 'fastcgi_pass'],
    ['fastcgi_param A b;', 'fastcgi_param'],
    ['auth_basic off;', 'auth_basic'],
    ['auth_basic_user_file /etc/passwd;', 'auth_basic_user_file'],
    ['auth_request off;', 'auth_request'],
    ['satisfy any;', 'satisfy'],
    ['access_log /tmp/x;', 'access_log takes off'],
    ['error_log /tmp/x;', 'error_log'],
    ['proxy_store on;', 'proxy_store'],
    ['client_body_temp_path /tmp;', 'client_body_temp_path'],
    ['proxy_temp_path /tmp;', 'proxy_temp_path'],
    ['ssl_certificate /x;', 'ssl_certificate'],
    ['resolver 1.1.1.1;', 'resolver'],
    ['mirror /x;', 'mirror'],
    ['internal;', 'internal'],
    ['error_page 404 @tidegate_errors;', 'error_page'],
    ['limit_req zone=a;', 'limit_req'],
    ['proxy_cache a;', 'proxy_cache'],
    ['location /x { return 200; }', 'location is not accepted in a configuration-snippet'],
    ['if (-f /etc/passwd) { return 200; }', 'begins with a variable'],
    ['if ($a) { if ($b) { return 200; } }', 'if is not accepted in an if block'],
    ['if ($a) { proxy_set_header A b; }', 'proxy_set_header is not accepted in an if block'],
    // Uses of variables that Tidegate or nginx owns, and other invalid values.
    ['set $tidegate_route x;', 'set cannot set $tidegate_route'],
    ['set $proxy_upstream_name x;', 'proxy_upstream_name'],
    ['set $args x;', 'set cannot set $args'],
    ['set $HTTP_X x;', 'set cannot set $HTTP_X'],
    ['auth_request_set $uri $upstream_http_a;', 'cannot set $uri'],
    ['auth_request_set $a $http_a;', 'auth_request_set takes a variable and one of'],
    ['return 200 "$1";', 'but no regular expression was matched'],
    ['return 200 "a$";', 'a dollar that does not begin a variable'],
    ['return 302 javascript:alert(1);', 'something other than a URL or path'],
    ['return 302 //evil.test;', 'something other than a URL or path'],
    ['return 100;', 'takes the statuses 200 to 206'],
    ['rewrite ^/a /b last;', 'flags break, redirect and permanent'],
    ['limit_except GET { deny office; }', 'line 1: limit_except'],
    ['limit_except GET { return 403; }', 'takes only allow and deny in its block, not return'],
    [`limit_except GET { ${'deny 10.0.0.1; '.repeat(101)} }`, 'takes at most 100 addresses'],
    ['limit_except { deny all; }', 'takes HTTP methods'],
    ['limit_except GET { }', 'takes allow and deny in its block, for example deny all'],
    ['proxy_cache x;', 'proxy_cache takes off'],
    ['proxy_redirect http://a /;', 'proxy_redirect takes off here'],
    ['proxy_intercept_errors on;', 'proxy_intercept_errors takes off'],
    ['server_tokens on;', 'server_tokens takes off'],
    ['return 301 "/a\nb";', 'a line break'],
    // Directives for which the message suggests something else.
    [
      'underscores_in_headers on;',
      'line 1: underscores_in_headers is not accepted in a configuration-snippet; use the ConfigMap key ' +
        'enable-underscores-in-headers',
    ],
    ['limit_req zone=a;', 'use the annotation limit-rps'],
    ['fastcgi_read_timeout 5s;', 'docs/snippets.md lists the accepted directives'],
    ['rewrite ^/a /b;', 'flags break, redirect and permanent'],
    ['rewrite (a|a)*$ /b break;', 'a pattern that'],
    ['add_header Content-Length 1;', 'not a header that may be set'],
    ['add_header "X-A: b" c;', 'not a header that may be set'],
    ['add_header X-A "a\nb";', 'a line break'],
    ['proxy_set_header Transfer-Encoding chunked;', 'not a header that may be set'],
    ['proxy_set_header CDN-Loop "";', 'not a header that may be set'],
    [`proxy_set_header ${'x'.repeat(47)} a;`, 'not a header name of at most 46 characters'],
    [`more_clear_input_headers ${'x'.repeat(47)};`, 'not a header name of at most 46 characters'],
    [`proxy_set_header X-A ${'x'.repeat(4001)};`, 'longer than the 4000 bytes'],
    [`proxy_set_header X-A "${'\\"'.repeat(2001)}";`, 'longer than the 4000 bytes'],
    ['more_set_headers -t text/html "A: b";', 'no other option'],
    ['client_max_body_size 1m; client_max_body_size 2m;', 'client_max_body_size is set twice'],
    ['client_max_body_size 1x;', 'takes a size'],
    // Values that nginx itself would not accept.
    ['expires 5ms;', 'takes a time, epoch, max or off'],
    ['keepalive_timeout 60s 500ms;', 'takes whole seconds'],
    ['proxy_buffers 4 0;', 'takes bytes with an optional k, m or g, 1k to 64m'],
    ['proxy_buffer_size 1g;', 'takes bytes with an optional k, m or g, 1k to 64m'],
    ['sub_filter "" b;', 'takes a string that is not empty'],
    [`sub_filter a ${'x'.repeat(4001)};`, 'longer than the 4000 bytes'],
    [`gzip_types text/${'x'.repeat(4001)};`, 'takes content types'],
    ['sub_filter $a b;', 'takes no variables'],
    ['add_header X-A b', 'unexpected end of file'],
    ['} location /x { return 200;', 'unexpected "}"'],
    ['x'.repeat(70_000), 'is longer than'],
    ['a{'.repeat(30_000), 'nested blocks'],
    ['etag off;'.repeat(501), 'more than 500 directives'],
  ])('%s in a configuration-snippet', (text, reason) => {
    expect(refusal(text)).toContain(reason);
  });

  test.each([
    ['listen 81;', 'listen'],
    ['server_name a.test;', 'server_name'],
    ['ssl_verify_client off;', 'ssl_verify_client'],
    ['rewrite ^/a /b;', 'takes the flags last, break, redirect and permanent'],
    ['rewrite ^/a $arg_a last;', 'takes a path that begins with a slash'],
    ['location / { return 200 "a\u0001"; }', 'a line break or another control character'],
    ['location / { expires modified +1h; return 200; }', 'takes only one value here: a time, epoch, max or off'],
    ['limit_except GET { deny all; }', 'a server-snippet; a configuration-snippet accepts it outside blocks'],
    ['client_header_buffer_size 1m;', 'takes bytes with an optional k, m or g, 512 to 64k'],
    ['large_client_header_buffers 17 8k;', 'takes a whole number, 1 to 16'],
    ['location / { proxy_pass http://a; }', 'proxy_pass is not accepted in a location block'],
    ['location / { etag off; }', 'etag is not accepted in a location block'],
    ['location / { more_set_headers "A: b"; }', 'location takes blocks that end with return or deny all'],
    ['location @tidegate_errors { return 200; }', 'location takes'],
    ['proxy_set_header A b;', 'proxy_set_header is not accepted in a server-snippet'],
  ])('%s in a server-snippet', (text, reason) => {
    expect(refusal(text, 'server')).toContain(reason);
  });
});

test('an auth-snippet accepts request headers and timeouts, but no directives that Lua would have to run', () => {
  expect(compiled('proxy_set_header X-A $host; proxy_read_timeout 5s;', 'auth').requestHeaders).toEqual([
    { name: 'X-A', text: ['$host'] },
  ]);
  for (const text of ['return 200;', 'add_header A b;', 'set $a b;', 'client_max_body_size 1m;', 'deny all;'])
    expect(refusal(text, 'auth')).toContain('is not accepted in an auth-snippet');
  for (const name of ['uri', 'document_uri', 'remote_user'])
    expect(refusal(`proxy_set_header X-A $${name};`, 'auth')).toContain('can put a line break');
});

test('one message names all refused directives, and suggests what to use instead', () => {
  expect(refusal('underscores_in_headers on;\netag off;\nroot /x;\nif ($a) {\n  etag off;\n}\nlimit_req zone=a;')).toBe(
    'contains refused directives: line 1: underscores_in_headers is not accepted in a configuration-snippet; use the ConfigMap key ' +
      'enable-underscores-in-headers; line 3: root is not accepted in a configuration-snippet; docs/snippets.md ' +
      'lists the accepted directives; line 5: etag is not accepted in an if block; it is accepted outside blocks; line 7: limit_req is not ' +
      'accepted in a configuration-snippet; use the annotation limit-rps',
  );
  expect(refusal('root /;\n'.repeat(30))).toMatch(/line 20: root .*; and 10 more$/);
});

test('the annotations and ConfigMap keys that are suggested exist', () => {
  for (const name of NAMED.annotations) expect(ANNOTATION_KEYS.has(name.replace(/:.*/, '')), name).toBe(true);
  for (const name of NAMED.settings) expect(SETTING_KEYS.has(name), name).toBe(true);
});

test('access rules and location blocks apply even if a break ended the steps before them', () => {
  const refusesOthers = {
    if: { of: ['$request_method'], is: 'match', not: true, pattern: '^(?:GET|HEAD)\\z' },
    steps: [{ return: 403 }],
  };
  expect(compiled('break; limit_except get { deny all; allow all; }').script).toEqual({
    steps: [{ stop: true }],
    last: [refusesOthers],
  });
  expect(compiled('limit_except POST { allow all; deny all; }').script).toEqual({});
  expect(compiled('break; location /a { deny all; }', 'server').script).toEqual({
    steps: [{ stop: true }],
    last: [{ if: { of: ['$uri'], is: 'prefix', value: ['/a'] }, steps: [{ return: 403 }] }],
  });
});

test('location blocks may set a content type, and answer 404 if they have no response; expires may be in an if block', () => {
  const steps = (text: string) => {
    const [first] = compiled(`location /a { ${text} }`, 'server').script.last ?? [];
    return first !== undefined && 'steps' in first ? first.steps : undefined;
  };
  expect(steps('return 200 "a\\n"; default_type text/plain;')).toEqual([
    { return: 200, text: ['a\n'], type: 'text/plain' },
  ]);
  expect(steps('allow all; access_log off; log_not_found off;')).toEqual([{ return: 404 }]);
  expect(steps('allow all; deny all;')).toEqual([{ return: 404 }]);
  expect(steps('deny all; allow all;')).toEqual([{ return: 403 }]);
  const statuses = [200, 201, 204, 206, 301, 302, 303, 304, 307, 308];
  expect(compiled('if ($arg_a) { expires 30d; }').script.steps).toEqual([
    {
      if: { of: ['$arg_a'], is: 'filled' },
      headers: [
        { op: 'set', name: 'Expires', after: 2_592_000, statuses },
        { op: 'set', name: 'Cache-Control', text: ['max-age=2592000'], statuses },
      ],
    },
  ]);
});

test('timeouts for gRPC and for HTTP can be set separately', () => {
  const { pass } = compiled('proxy_read_timeout 5s; grpc_read_timeout 1h;');
  const conf = (protocol: 'http' | 'grpc') =>
    inWordsOf(protocol, pass).map(({ name, args }) => `${name} ${args.map((each) => each.conf).join(' ')}`);
  expect(conf('http')).toEqual(['proxy_read_timeout 5s']);
  expect(conf('grpc')).toEqual(['grpc_read_timeout 1h']);
});

test('docs/snippets.md lists every accepted directive', () => {
  const page = readFileSync(new URL('../../../../docs/snippets.md', import.meta.url), 'utf8');
  for (const name of [...NATIVE_NAMES, ...SCRIPTED_NAMES]) expect(page).toMatch(new RegExp(`\`${name}(?: off)?\``));
});
