import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command as Program } from 'commander';
import { describe, expect, test } from 'vitest';
import { BOUNDS } from '../model/contract/bounds.ts';
import { MODEL_FLAGS } from '../model/contract/flags.ts';
import { BUILDING, camelCase, type FlagRow } from '../types/flag.ts';
import { addOptions, readOptions } from './commands.ts';
import { argumentsOf, flagFault } from './flag-values.ts';
import { flagsOf } from './flags.ts';
import { modelOptions, type BuildSite } from './stages.ts';

const TYPES: Readonly<Record<FlagRow['type'], string>> = {
  text: 'string',
  choice: 'string',
  bool: 'boolean',
  number: 'number',
  duration: 'number',
  object: 'string',
  port: 'number',
  ranges: 'string',
  buckets: 'string',
};

describe.each(BUILDING)('flags of %s', (command) => {
  const rows = flagsOf(command);

  test('each flag is listed once, and its default is a valid value', () => {
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
    expect(rows.filter((row) => row.state !== 'none' && row.fallback !== '' && flagFault(row, row.fallback))).toEqual(
      [],
    );
  });

  test('each flag has a value of the type that its row declares', () => {
    const values: Readonly<Record<string, unknown>> = { ...argumentsOf(command, new Map()) };
    for (const { name, type } of rows)
      expect(`${name} ${typeof values[camelCase(name)]}`).toBe(`${name} ${TYPES[type]}`);
  });
});

/** The arguments that a command gets for this command line. */
function given(name: 'up' | 'render' | 'check' | 'explain', ...argv: string[]) {
  const program = addOptions(new Program(), name)
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  return readOptions(name, program.parse(argv, { from: 'user' }).opts());
}

test('the value of a flag that is given several times has one line for each time', () => {
  expect(given('explain', '-H', 'A: b', '--header', 'C: d')).toMatchObject({ header: 'A: b\nC: d', method: 'GET' });
  expect(given('explain')).toMatchObject({ header: '' });
});

test('a command gets the given value of a flag, or else the default for interactive commands', () => {
  expect(given('render', '--http-port', '81', '--strict-paths', '--watch-ingress-without-class=false')).toMatchObject({
    httpPort: 81,
    httpsPort: 8443,
    strictPaths: true,
    watchIngressWithoutClass: false,
    output: 'conf',
  });
  expect(given('check', '-o', 'json', '--max-ingress-paths', '7')).toMatchObject({
    output: 'json',
    watchIngressWithoutClass: true,
    bounds: { ingressPaths: 7, ingressHosts: 5000 },
  });
});

test.each([
  ['--http-port', '0', /not a port; write, for example, 8080/],
  ['--max-ingress-paths', '0', /not a whole number from 1 to 50000/],
  ['--configmap', 'x', /not namespace\/name/],
  ['--allow-addresses', 'x', /not a list of addresses/],
  ['--output', 'x', /Allowed choices are conf, live, problems, json/],
  ['--watch-ingress-without-class', 'x', /Allowed choices are true, false/],
])('%s %s is refused', (flag, value, message) => {
  expect(() => given('render', flag, value)).toThrow(message);
});

test('every flag in MODEL_FLAGS becomes an option of the model, without any other code', () => {
  const site: BuildSite = {
    capabilities: {
      http2Directive: true,
      modules: [],
      brotli: undefined,
      headersMore: undefined,
      ipv6: true,
      user: null,
    },
    runDirectory: '/run/tidegate',
    streamDirectory: '/stream',
    luaDirectory: '/lua',
    fallbackCertificate: { chain: '', key: '' },
    processors: 1,
    openFiles: { standard: 1, most: 1 },
    http3Obstacle: null,
  };
  const options: Readonly<Record<string, unknown>> = { ...modelOptions(argumentsOf('up', new Map()), site) };
  for (const { name, type } of MODEL_FLAGS)
    expect(`${name} ${typeof options[camelCase(name)]}`).toBe(`${name} ${TYPES[type]}`);
});

test('each flag that is not listed as having no effect is read in a source file', () => {
  const folder = join(import.meta.dirname, '..');
  const sources = globSync('**/*.ts', { cwd: folder }).filter(
    (file) => !/\.test\.ts$|^cli\/(idle-)?flags\.ts$/.test(file),
  );
  const words = new Set(sources.flatMap((file) => readFileSync(join(folder, file), 'utf8').match(/\w+/g) ?? []));
  const bounds = new Set<string>(Object.values(BOUNDS).map((bound) => bound.flag));
  const rows = BUILDING.flatMap((command) => flagsOf(command)).filter((row) => row.state === undefined);
  const unread = rows.filter(({ name }) => !bounds.has(name) && !words.has(camelCase(name)));
  expect(unread.map(({ name }) => name)).toEqual([]);
});
