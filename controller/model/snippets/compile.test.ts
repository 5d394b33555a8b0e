/** What snippets come to, and what of them is refused. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compileSnippet, SCRIPTED_NAMES } from './compile.ts';
import { NATIVE_NAMES } from './directives.ts';

function compiled(text: string, place: 'server' | 'location' | 'auth' = 'location') {
  const parsed = compileSnippet(text, place);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
}

function refusal(text: string, place: 'server' | 'location' | 'auth' = 'location'): string {
  const parsed = compileSnippet(text, place);
  return parsed.ok ? 'accepted' : parsed.reason;
}

describe('a rewrite', () => {
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

test('a condition is read with blanks anywhere, and its words with quotes', () => {
  const asked = { of: ['$request_method'], is: 'equal', not: true, value: ['A B'] };
  for (const text of ['($request_method != "A B")', "( ${request_method} != 'A B' )", '($Request_Method  !=\n"A B" )'])
    expect(compiled(`if ${text} { break; }`).script.steps).toEqual([{ if: asked, steps: [{ stop: true }] }]);
});

test('headers that are hidden go before those that are set', () => {
  const { headers } = compiled('add_header X-A b always; proxy_hide_header X-A;').script;
  expect(headers).toEqual([
    { op: 'clear', name: 'X-A' },
    { op: 'add', name: 'X-A', text: ['b'] },
  ]);
});

test('own variables, and those of the answer of authentication', () => {
  const { sets, reads, fromAuth } = compiled(
    'auth_request_set $User $upstream_http_x_user; set $a "${user}-$B"; proxy_set_header X-A $a;',
  );
  expect([...sets]).toEqual(['a']);
  expect([...reads]).toEqual(['user', 'b', 'a']);
  expect([...fromAuth]).toEqual([['user', 'upstream_http_x_user']]);
});

describe('is refused', () => {
  test.each([
    // What runs code, reads files or leads elsewhere.
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
    ['if ($a) { if ($b) { return 200; } }', 'if is not accepted in a block of if'],
    ['if ($a) { proxy_set_header A b; }', 'proxy_set_header is not accepted in a block of if'],
    // Variables of ours and of nginx.
    ['set $tidegate_route x;', 'set cannot set $tidegate_route'],
    ['set $proxy_upstream_name x;', 'proxy_upstream_name'],
    ['set $args x;', 'set cannot set $args'],
    ['set $HTTP_X x;', 'set cannot set $HTTP_X'],
    ['auth_request_set $uri $upstream_http_a;', 'cannot set $uri'],
    ['auth_request_set $a $http_a;', 'auth_request_set takes a variable and one of'],
    ['return 200 "$1";', 'where no regular expression was matched'],
    ['return 200 "a$";', 'a dollar that begins no variable'],
    ['return 302 javascript:alert(1);', 'no URL or path'],
    ['return 302 //evil.test;', 'no URL or path'],
    ['return 100;', 'takes 200 to 206'],
    ['rewrite ^/a /b last;', 'flags break, redirect and permanent'],
    ['rewrite ^/a /b;', 'flags break, redirect and permanent'],
    ['rewrite (a|a)*$ /b break;', 'a pattern that'],
    ['add_header Content-Length 1;', 'no header that may be set'],
    ['add_header "X-A: b" c;', 'no header that may be set'],
    ['add_header X-A "a\nb";', 'a line break'],
    ['proxy_set_header Transfer-Encoding chunked;', 'no header that may be set'],
    ['proxy_set_header CDN-Loop "";', 'no header that may be set'],
    [`proxy_set_header ${'x'.repeat(47)} a;`, 'not the name of a header of at most 46 characters'],
    [`more_clear_input_headers ${'x'.repeat(47)};`, 'not the name of a header of at most 46 characters'],
    [`proxy_set_header X-A ${'x'.repeat(4001)};`, 'longer than the 4000 bytes'],
    [`proxy_set_header X-A "${'\\"'.repeat(2001)}";`, 'longer than the 4000 bytes'],
    ['more_set_headers -t text/html "A: b";', 'no other option'],
    ['client_max_body_size 1m; client_max_body_size 2m;', 'client_max_body_size stands twice'],
    ['client_max_body_size 1x;', 'takes a size'],
    // What nginx does not take.
    ['expires 5ms;', 'takes a time, epoch, max or off'],
    ['keepalive_timeout 60s 500ms;', 'takes whole seconds'],
    ['proxy_buffers 4 0;', 'takes bytes with an optional k, m or g, 1k to 64m'],
    ['proxy_buffer_size 1g;', 'takes bytes with an optional k, m or g, 1k to 64m'],
    ['sub_filter "" b;', 'takes a text that is not empty'],
    [`sub_filter a ${'x'.repeat(4001)};`, 'longer than the 4000 bytes'],
    [`gzip_types text/${'x'.repeat(4001)};`, 'takes types of content'],
    ['sub_filter $a b;', 'takes no variables'],
    ['add_header X-A b', 'unexpected end of file'],
    ['} location /x { return 200;', 'unexpected "}"'],
    ['x'.repeat(70_000), 'is longer than'],
    ['a{'.repeat(30_000), 'blocks in one another'],
    ['etag off;'.repeat(501), 'more than 500 directives'],
  ])('%s', (text, reason) => {
    expect(refusal(text)).toContain(reason);
  });

  test.each([
    ['listen 81;', 'listen'],
    ['server_name a.test;', 'server_name'],
    ['ssl_verify_client off;', 'ssl_verify_client'],
    ['rewrite ^/a /b break;', 'takes redirect and permanent in a server-snippet'],
    ['if ($a) { rewrite ^/a /b break; }', 'takes redirect and permanent in a server-snippet'],
    ['location / { proxy_pass http://a; }', 'proxy_pass is not accepted in a block of location'],
    ['location / { etag off; }', 'etag is not accepted in a block of location'],
    ['location / { more_set_headers "A: b"; }', 'location takes blocks that end with return or deny all'],
    ['location @tidegate_errors { return 200; }', 'location takes'],
    ['proxy_set_header A b;', 'proxy_set_header is not accepted in a server-snippet'],
  ])('%s of a host', (text, reason) => {
    expect(refusal(text, 'server')).toContain(reason);
  });
});

test('an auth-snippet takes headers and limits, and nothing that Lua would have to do', () => {
  expect(compiled('proxy_set_header X-A $host; proxy_read_timeout 5s;', 'auth').requestHeaders).toEqual([
    { name: 'X-A', text: ['$host'] },
  ]);
  for (const text of ['return 200;', 'add_header A b;', 'set $a b;', 'client_max_body_size 1m;', 'deny all;'])
    expect(refusal(text, 'auth')).toContain('is not accepted in an auth-snippet');
  for (const name of ['uri', 'document_uri', 'remote_user'])
    expect(refusal(`proxy_set_header X-A $${name};`, 'auth')).toContain('can put a line break');
});

test('docs/snippets.md names everything that is accepted', () => {
  const page = readFileSync(new URL('../../../docs/snippets.md', import.meta.url), 'utf8');
  for (const name of [...NATIVE_NAMES, ...SCRIPTED_NAMES]) expect(page).toContain(`\`${name}\``);
});
