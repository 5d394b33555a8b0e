import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { confIn, confOf, readConf, skeleton } from './conf.ts';

const CONF = `http {
  # a comment with } and "
  init_by_lua_block { require("x").init({ a = { 1 } }) }
  server {
    server_name "a.test" b.test;
    location = "/x\\"{;" { return 200 'it;s'; }
  }
}
`;

it('readConf parses nested blocks, quotes, comments and Lua blocks', () => {
  expect(skeleton(readConf(CONF))).toEqual([
    'http',
    'http > init_by_lua_block',
    'http > server',
    'http > server > server_name',
    'http > server > location',
    'http > server > location > return',
  ]);
});

it('serverText returns the lines of the server block of a host', () => {
  expect(confOf(CONF).serverText('b.test').split('\n')).toHaveLength(4);
  expect(confOf(CONF).serverText('c.test')).toContain('no server');
});

it('skeleton shows a directive that was injected through a path', () => {
  const pasted = CONF.replace('"/x\\"{;"', '/x { return 200; } location /y');
  expect(skeleton(readConf(pasted))).not.toEqual(skeleton(readConf(CONF)));
});

it('readConf throws on unbalanced braces', () => {
  expect(() => readConf('http { } }')).toThrow('brace too many');
  expect(() => readConf('http { server')).toThrow('does not end');
});

it('confIn parses the nginx.conf of a run directory again only after the file was replaced', () => {
  const runDir = mkdtempSync(join(tmpdir(), 'tidegate-conf-'));
  mkdirSync(join(runDir, 'conf'));
  const file = join(runDir, 'conf/nginx.conf');
  writeFileSync(file, CONF);
  const first = confIn(runDir);
  expect(first.text).toBe(CONF);
  expect(confIn(runDir)).toBe(first);
  writeFileSync(`${file}.new`, CONF.replace('b.test', 'c.test'));
  renameSync(`${file}.new`, file);
  expect(confIn(runDir).serverText('c.test')).toContain('c.test;');
  rmSync(runDir, { recursive: true });
});
