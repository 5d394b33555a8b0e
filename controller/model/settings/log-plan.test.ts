/** DNS names of syslog servers: nginx.conf contains their addresses, which are an input of the build. */
import { expect, test } from 'vitest';
import { planLogs, syslogProblems, withSyslogNames } from './log-plan.ts';
import { readSettings } from './settings.ts';

function settings(data: Record<string, string>) {
  return readSettings({ data }).settings;
}

const NAMED = settings({ 'enable-syslog': 'true', 'syslog-host': 'Log.Example.com', 'syslog-port': '1514' });
const CONFIG_MAP = 'a/settings';

function to(given: ReturnType<typeof settings>, addresses: readonly string[] | undefined): (string | undefined)[] {
  const names = new Map(addresses === undefined ? [] : [['log.example.com', addresses]]);
  const { access, error } = planLogs(given, names);
  return [access?.to?.conf, error?.to?.conf];
}

test("logs go to the first address of the syslog server, or to NGINX's default logs while it has no address", () => {
  expect(to(NAMED, ['192.0.2.1', '192.0.2.2'])).toEqual(Array(2).fill('syslog:server=192.0.2.1:1514'));
  expect(to(NAMED, ['2001:db8::1'])).toEqual(Array(2).fill('syslog:server=[2001:db8::1]:1514'));
  expect(to(NAMED, [])).toEqual([undefined, undefined]);
  expect(to(NAMED, undefined)).toEqual([undefined, undefined]);
});

test('the name of a syslog server is listed for resolution only if logs go to that server, and only once', () => {
  expect(withSyslogNames(['a.test'], NAMED)).toEqual(['a.test', 'log.example.com']);
  const twice = settings({ 'access-log-path': 'syslog:server=b.test', 'error-log-path': 'syslog:server=b.test:99' });
  expect(withSyslogNames(['a.test', 'b.test'], twice)).toEqual(['a.test', 'b.test']);
  const none = ['a.test'];
  for (const data of [{ 'syslog-host': 'b.test' }, { 'enable-syslog': 'true', 'syslog-host': '192.0.2.1' }])
    expect(withSyslogNames(none, settings(data))).toBe(none);
});

test("a syslog server's name is reported if its resolution gave no address, but not if it was not resolved yet", () => {
  const problems = (resolvedNames: ReadonlyMap<string, readonly string[]>) =>
    syslogProblems(NAMED, { resolvedNames, configMap: CONFIG_MAP });
  expect(problems(new Map())).toEqual([]);
  expect(problems(new Map([['log.example.com', ['192.0.2.1']]]))).toEqual([]);
  expect(problems(new Map([['log.example.com', []]]))).toMatchObject([
    { object: { kind: 'ConfigMap', namespace: 'a', name: 'settings' }, field: ['data', 'syslog-host'] },
  ]);
});

test.each([
  ['access-log-path', '/a/../b'],
  ['access-log-path', '/a b'],
  ['access-log-path', '/a;'],
  ['access-log-path', '/'],
  ['access-log-path', 'syslog:server=192.0.2'],
  ['access-log-path', 'syslog:server=192.0.2.1:0'],
  ['access-log-path', 'syslog:server=192.0.2.1,tag=a-b'],
  ['access-log-path', 'syslog:server=192.0.2.1,severity=fatal'],
  ['access-log-path', 'syslog:server=192.0.2.1,facility=local8'],
  ['access-log-path', 'syslog:server=192.0.2.1,tag=a,tag=b'],
  ['access-log-path', 'syslog:server=192.0.2.1,server=192.0.2.2'],
  ['access-log-path', 'stderr'],
  ['access-log-params', 'buffer=1 buffer=2'],
  ['access-log-params', 'buffer=65m'],
  ['access-log-params', 'flush=0 gzip'],
  ['access-log-params', 'gzip=0'],
])('%s: %s is refused, because nginx would refuse it or misread it', (key, value) => {
  expect(readSettings({ data: { [key]: value } }).problems).toMatchObject([{ code: 'invalid-setting' }]);
});
