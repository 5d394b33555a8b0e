import { execa } from 'execa';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { wordsWithVariables } from '../../types/conf-value.ts';
import { parseConf } from '../../types/tokenizer.ts';
import { readSettings } from '../settings/settings.ts';
import { logFormat, variablesIn } from './log-format.ts';
import { isNginxVariable, NGINX_VARIABLES } from './nginx-variables.ts';
import { variablesMade } from './variables-made.ts';

test.each([
  ['$status', '$status'],
  ['"$request"', '"$request"'],
  [String.raw`{\"a\": \'$b\'}`, `{"a": '$b'}`],
  [String.raw`a\\d\n\t\x`, 'a\\d\n\t\\x'],
  ['one\ntwo', 'one\ntwo'],
])('log format %s is interpreted like a string in single quotes in nginx.conf', (raw, text) => {
  expect(logFormat.parse(raw)).toEqual({ ok: true, value: text });
});

test.each(['costs $', 'a$-b', '${host', '${}', '${a-b}', 'bell\u0007'])('log format %s is refused', (raw) => {
  expect(logFormat.parse(raw).ok).toBe(false);
});

test('variablesIn() finds variables by the same rules as nginx', () => {
  expect([...variablesIn('$a-${B}c $a$d_1')]).toEqual(['a', 'b', 'd_1']);
});

test('every variable in the list of NGINX variables exists in a stock nginx', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-variables-'));
  const version = (await execa('nginx', ['-v'], { reject: false })).stderr;
  // The variable for HTTP/3 does not exist in the nginx of Debian 12.
  const there = NGINX_VARIABLES.filter((name) => /1\.2[6-9]|1\.[3-9]/.test(version) || name !== 'http3');
  const conf = join(folder, 'nginx.conf');
  await writeFile(
    conf,
    `pid ${folder}/pid; error_log stderr; events {} http { access_log off;
      log_format all "${there.map((name) => `$${name}`).join(' ')} $http_a $sent_http_a $upstream_http_a $cookie_a $arg_a $upstream_cookie_a $sent_trailer_a $upstream_trailer_a"; }`,
  );
  const { stderr } = await execa('nginx', ['-t', '-e', 'stderr', '-c', conf, '-p', folder], { reject: false });
  await rm(folder, { recursive: true });
  expect(stderr).toContain('test is successful');
  expect([...there, 'HTTP_X_a', 'arg_q'].filter((name) => !isNginxVariable(name))).toEqual([]);
});

test('variablesMade() finds the variables that directives of snippets define', () => {
  const texts = [
    'map $http_a $one { default 1; } geo $two { default 2; } split_clients $a $three { * b; }',
    'set $Four x; if ($host ~ ^(?<five>.*)$) { set $six $seven; }',
    'geoip2 /a.mmdb { $eight source=$remote_addr country iso_code; }',
    'add_header X-A $nine;',
  ];
  expect([...variablesMade(texts)].sort()).toEqual(['eight', 'five', 'four', 'one', 'six', 'three', 'two']);
});

test('a log format with an undefined variable is replaced by the default, unless a snippet defines it', () => {
  const data = { 'log-format-upstream': '$team $namespace', 'proxy-body-size': '3m' };
  const { settings, problems } = readSettings({ data });
  expect(settings['log-format-upstream']).toMatch(/^\$remote_addr/);
  expect(settings['proxy-body-size']).toBe(
    readSettings({ data: { 'proxy-body-size': '3m' } }).settings['proxy-body-size'],
  );
  expect(problems.map(({ field, message }) => [field, message])).toEqual([
    [
      ['data', 'log-format-upstream'],
      'log-format-upstream contains $team, which is not a variable of NGINX or of a snippet of the ConfigMap; the ' +
        'default format is used',
    ],
  ]);
  const made = readSettings({ data: { ...data, 'http-snippet': 'map $a $team { default x; }' } });
  expect(made.problems).toEqual([]);
  expect(made.settings['log-format-upstream']).toBe(data['log-format-upstream']);
});

test('a long log format is split into several words of nginx.conf, but never inside a variable', () => {
  const format = `${'é'.repeat(3000)}${'"$request_time\n${status}'.repeat(900)}`;
  const words = wordsWithVariables(format);
  expect(words.map(({ meaning }) => meaning).join('')).toBe(format);
  for (const { conf, meaning } of words) {
    expect(Buffer.byteLength(conf)).toBeLessThan(4096);
    expect(parseConf(`log_format ${conf};`)[0]?.words).toEqual(['log_format', meaning]);
    for (const name of variablesIn(meaning)) expect(['request_time', 'status']).toContain(name);
  }
});
