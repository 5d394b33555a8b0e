import { expect, test } from 'vitest';
import { parseFlags } from './flag-parser.ts';
import { goDuration } from './flag-values.ts';

function parsed(...argv: string[]) {
  const flags = parseFlags(argv);
  if ('error' in flags) throw new Error(flags.error);
  return flags;
}

test('the value of a flag may follow an = or a space, and a boolean flag may have no value', () => {
  const { flags } = parsed(
    '--http-port=81',
    '--https-port',
    '444',
    '--disable-catch-all',
    '--update-status=false',
    '-v=3',
    '--v=2',
  );
  expect([flags.httpPort, flags.httpsPort, flags.v]).toEqual([81, 444, 2]);
  expect([flags.disableCatchAll, flags.updateStatus, flags.ingressClassByName]).toEqual([true, false, false]);
});

test('each given flag is listed once, with its last value', () => {
  expect(parsed('--http-port', '81', '--v=1', '--v=2', '--disable-catch-all').given).toEqual([
    '--http-port=81',
    '--v=2',
    '--disable-catch-all=true',
  ]);
});

test('flags that are not given have their defaults', () => {
  const { flags, notices } = parsed();
  expect(flags.controllerClass).toBe('k8s.io/ingress-nginx');
  expect(flags.electionTtl).toBe(30_000);
  expect(notices).toEqual([]);
});

test.each([
  [['--publish-servic=a/b'], /unknown flag --publish-servic; did you mean "publish-service"/],
  [['--http-port=0'], /"0" is not a port; write, for example, --http-port=8080/],
  [['--configmap=x'], /not namespace\/name/],
  [['--update-status=yes'], /neither true nor false/],
  [['--election-ttl=30'], /not a duration/],
  [['--sync-rate-limit=-1'], /neither 0 nor a positive number/],
  [['--configmap'], /needs a value/],
  [['up'], /is not a flag/],
  [['--publish-service=a/b', '--publish-status-address=1.2.3.4'], /cannot be used together/],
  [['--watch-namespace=a', '--watch-namespace-selector=b'], /cannot be used together/],
  [['--watch-namespace=a', '--host-ownership=namespaces'], /cannot be used together/],
  [['--host-ownership=everybody'], /not one of off, namespaces, configmap/],
  [['--host-ownership=configmap'], /needs --host-policy-configmap/],
  [['--host-policy-configmap=a/b'], /has no effect with --host-ownership=off/],
])('the command line %j is refused', (argv, message) => {
  expect(parseFlags(argv)).toEqual({ error: expect.stringMatching(message) as string });
});

test('flags without effect are accepted, and a notice gives the reason for each', () => {
  const { notices } = parsed('--profiling=false', '--maxmind-mirror=a', '--log_dir', '/x');
  expect(notices).toEqual([
    expect.stringMatching(/^--profiling has no effect: Go's profiler/),
    expect.stringMatching(/^--maxmind-mirror has no effect: Tidegate does not read GeoIP/),
    expect.stringMatching(/^--log_dir has no effect/),
  ]);
});

test.each([
  ['30s', 30_000],
  ['1m30s', 90_000],
  ['500ms', 500],
  ['1.5h', 5_400_000],
  ['0', 0],
  ['30', undefined],
  ['', undefined],
])('the duration %j is parsed as %j milliseconds', (text, expected) => {
  expect(goDuration(text)).toBe(expected);
});
