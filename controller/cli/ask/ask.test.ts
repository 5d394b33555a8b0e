/** What the commands that ask a controller print. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type { StatusAnswer } from '../../inspect/schema/status.ts';
import { completedCommands } from '../commands.ts';
import { changeText } from './changes.ts';
import { completionCommand } from './completion.ts';
import { unansweredText } from './controller-socket.ts';
import { type Column, tableText } from './layout.ts';
import { printable } from '../../types/printable.ts';
import type { Screen } from './screen.ts';
import { formatted } from './show.ts';
import { outcomeText, statusText } from './status.ts';
import type { ItemOf } from './whole-list.ts';
import { ageText, backendText, explanation, fieldText } from './words.ts';

const AT = '2026-11-30T03:05:00.000Z';
const WIDE: Screen = { width: undefined, tone: (_, text) => text };

const PROBLEM: ItemOf<'problems'> = {
  severity: 'error',
  code: 'auth-tls-secret',
  effect: 'denied-location',
  object: { kind: 'Ingress', namespace: 'shop', name: 'web' },
  field: 'metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]',
  message: 'Secret shop/ca does not exist',
  text: 'a.yaml:3:9: Ingress shop/web: metadata.annotations["nginx.ingress.kubernetes.io/auth-tls-secret"]: Secret shop/ca does not exist (answers 503)',
  place: { file: 'a.yaml', line: 3, column: 9 },
  since: '2026-11-30T03:00:00.000Z',
  solved: null,
};

const STATUS: StatusAnswer = {
  state: 'degraded',
  reasons: ['1 error: what an object requests is not served'],
  at: AT,
  started: '2026-11-29T00:00:00.000Z',
  command: 'controller',
  versions: { tidegate: '0.1.0', node: 'v24', nginx: '1.22.1' },
  controllerClass: 'k8s.io/ingress-nginx',
  ingressClass: 'nginx',
  namespace: 'ingress-nginx',
  pod: 'tidegate-7',
  leader: true,
  dataAgeSeconds: 2.5,
  conf: { wanted: 'aaaa', inForce: 'bbbb', busySeconds: 3 },
  nginx: {
    master: 7,
    generation: 4,
    revision: 12,
    serving: 2,
    draining: 3,
    drainingGenerations: 1,
    closedEarly: 0,
    liveDataBytes: 134_217_728,
    liveDataFreeBytes: 67_108_864,
  },
  counts: {
    hosts: 1,
    routes: 2,
    ingresses: 1,
    backends: 1,
    certificates: 3,
    errors: 1,
    warnings: 0,
    notices: 200,
    reloads: 3,
    withoutEndpoints: 0,
  },
  quarantined: { total: 1, items: [{ ingress: 'shop/bad', message: 'unknown directive' }] },
  lastOutcomes: {
    structure: {
      at: '2026-11-30T03:04:50.000Z',
      step: 'structure',
      kind: 'reload',
      reasons: ['new host a.test'],
      moreReasons: 2,
      testMs: 20,
      ms: 60,
      sinceMs: 90,
    },
    live: null,
  },
};

test('status begins with the state and why, then lists Problems with their age, then the rest', () => {
  const lines = statusText({ status: STATUS, problems: [PROBLEM] }, WIDE).split('\n');
  expect(lines[0]).toBe('degraded: 1 error: what an object requests is not served');
  expect(lines.slice(2, 6)).toEqual([
    '1 error, 0 warnings, 200 notices',
    'SEVERITY  SINCE  OBJECT            FIELD                                        MESSAGE',
    'error     5m0s   Ingress shop/web  nginx.ingress.kubernetes.io/auth-tls-secret  Secret shop/ca does not exist (answers 503)',
    'and 200 more: tidegate problems',
  ]);
  const rest = lines.slice(7).join('\n');
  expect(rest).toContain('tidegate 0.1.0 controller for 1d3h');
  expect(rest).toContain('Pod ingress-nginx/tidegate-7, leader');
  expect(rest).toContain('2 workers, 3 draining of 1 generation');
  expect(rest).toContain('aaaa; NGINX runs with bbbb, a change has been in progress for 3 s');
  expect(rest).toContain('revision 12, 50 % of 128 MiB used');
  expect(rest).toContain('1 host, 2 routes, 1 Ingress, 1 backend, 3 certificates; confirmed 2.5 s ago');
  expect(rest).toContain('10s ago: reload: new host a.test; and 2 more (test 20 ms, 60 ms, 90 ms after the change)');
  expect(rest).toContain('shop/bad: unknown directive');
});

test('a status without Problems and without an NGINX that answers says so', () => {
  const counts = { ...STATUS.counts, errors: 0, notices: 0 };
  const quarantined = { total: 0, items: [] };
  const status = { ...STATUS, counts, quarantined, nginx: null, state: 'unhealthy' as const, reasons: [] };
  const text = statusText({ status, problems: [] }, WIDE);
  expect(text).toContain('no Problems');
  expect(text).toContain('1.22.1, does not answer');
});

test('a table fits the width of the terminal and wraps its widest columns', () => {
  const items = [{ a: 'short', b: 'a long text of several words, which has to be wrapped somewhere' }];
  const columns: readonly Column<(typeof items)[number]>[] = [
    { title: 'A', text: ({ a }) => a },
    { title: 'B', text: ({ b }) => b },
  ];
  const narrow = tableText(items, columns, { ...WIDE, width: 40 }).split('\n');
  expect(narrow.length).toBeGreaterThan(2);
  expect(narrow.filter((line) => line.length > 40)).toEqual([]);
  expect(tableText(items, columns, WIDE).split('\n')).toHaveLength(2);
  expect(tableText([{ a: '世界世界世界世界世界', b: 'é' }], columns, WIDE).split('\n')).toHaveLength(2);
  expect(tableText([], columns, WIDE)).toBe('');
});

test('on a narrow terminal, sentences follow their row on lines of their own', () => {
  const text = 'a sentence that would be hard to read in a column that is only twenty characters wide';
  const items = [{ object: 'Ingress shop/web', field: 'nginx.ingress.kubernetes.io/proxy-body-size', text }];
  const columns: readonly Column<(typeof items)[number]>[] = [
    { title: 'OBJECT', text: ({ object }) => object },
    { title: 'FIELD', text: ({ field }) => field },
    { title: 'MESSAGE', text: (item) => item.text, sentences: true },
  ];
  expect(tableText(items, columns, { ...WIDE, width: 80 }).split('\n')).toEqual([
    'OBJECT            FIELD',
    'Ingress shop/web  nginx.ingress.kubernetes.io/proxy-body-size',
    '    a sentence that would be hard to read in a column that is only twenty',
    '    characters wide',
  ]);
  expect(tableText(items, columns, { ...WIDE, width: 160 }).split('\n')).toHaveLength(2);
});

test('without a terminal, one long cell does not move the cells of other rows out of sight', () => {
  const columns: readonly Column<readonly string[]>[] = [
    { title: 'A', text: ([a = '']) => a },
    { title: 'B', text: ([, b = '']) => b },
  ];
  const lines = tableText(
    [
      ['x'.repeat(300), '1'],
      ['y', '2'],
    ],
    columns,
    WIDE,
  ).split('\n');
  expect(lines.map((line) => line.length)).toEqual([51, 303, 51]);
});

test('control characters in texts of tenants do not reach the terminal', () => {
  const hostile = 'a\u001b]0;title\u0007\u009b2J\nb';
  expect(printable(hostile)).toBe('a\\x1b]0;title\\x07\\x9b2J\\x0ab');
  const table = tableText([hostile], [{ title: 'A', text: (text) => text }], WIDE);
  expect(table).toBe('A\na\\x1b]0;title\\x07\\x9b2J\\x0ab');
  const outcome = {
    at: AT,
    step: 'live',
    kind: 'failed',
    reasons: [hostile],
    moreReasons: 0,
    message: hostile,
  } as const;
  const event = { type: 'problem', problem: { ...PROBLEM, text: hostile } } as const;
  for (const text of [outcomeText({ ...outcome, reasons: [hostile] }), changeText(event, WIDE)])
    expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
});

test.each([
  ['2026-11-30T03:04:52.000Z', '8s'],
  ['2026-11-30T02:59:48.000Z', '5m12s'],
  ['2026-11-30T01:00:00.000Z', '2h5m'],
  ['2026-11-26T23:00:00.000Z', '3d4h'],
  ['2026-11-30T03:06:00.000Z', '0s'],
])('the age of %s is %s', (from, age) => {
  expect(ageText(from, Date.parse(AT))).toBe(age);
});

test('how backends, fields and explanations are written', () => {
  expect(backendText({ namespace: 'shop', service: 'web', port: 80, viaService: false })).toBe('shop/web:80');
  expect(backendText({ namespace: '', service: 'a.test', port: 443, viaService: false })).toBe('a.test:443');
  expect(fieldText(PROBLEM)).toBe('nginx.ingress.kubernetes.io/auth-tls-secret');
  expect(fieldText({ ...PROBLEM, field: 'data.proxy-body-size' })).toBe('proxy-body-size');
  expect(fieldText({ ...PROBLEM, field: 'spec.rules[0].host' })).toBe('spec.rules[0].host');
  expect(explanation(PROBLEM)).toBe('Secret shop/ca does not exist (answers 503)');
});

test('an answer is printed as a table, as JSON or as YAML', () => {
  const answer = { items: [{ a: 1 }] };
  expect(formatted(answer, 'table', () => 'text')).toBe('text\n');
  expect(JSON.parse(formatted(answer, 'json', () => ''))).toEqual(answer);
  expect(formatted(answer, 'yaml', () => '')).toBe('items:\n  - a: 1\n');
});

test('if no controller listens, the message says what was tried and what to start', () => {
  const text = unansweredText({ ok: false, kind: 'nobody', message: 'connect ENOENT' }, [
    '/a/inspect.sock',
    '/b/inspect.sock',
  ]);
  expect(text).toContain('no controller listens on /a/inspect.sock or /b/inspect.sock (connect ENOENT)');
  expect(text).toContain('tidegate up --manifests DIR');
  expect(unansweredText({ ok: false, kind: 'refused', message: 'busy' }, [])).toBe('busy');
});

const NOWHERE = { runDir: '', deployment: '', pod: '', kubeconfig: '', context: '', bounds: {} as never };

/** The script for a shell, with a `tidegate` that prints these hosts. */
async function script(shell: string, runDir = ''): Promise<string> {
  const written: string[] = [];
  const write = process.stdout.write;
  process.stdout.write = (text: string) => written.push(text) > 0;
  try {
    expect(await completionCommand(shell, { ...NOWHERE, runDir }, completedCommands())).toBe(0);
  } finally {
    process.stdout.write = write;
  }
  return written.join('');
}

const HOSTS = ['shop.example.com', '*', '$(touch /nonexistent)', 'a b'];

function complete(bash: string, ...words: readonly string[]): readonly string[] {
  const program = `tidegate() { printf '%s\\n' ${HOSTS.map((host) => `'${host}'`).join(' ')}; }
${bash}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
_tidegate
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', program], { encoding: 'utf8', timeout: 10_000 });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

test('bash completes commands, options, values and names, and does not run or expand what names contain', async () => {
  const bash = await script('bash');
  expect(complete(bash, 'tidegate', 'st')).toEqual(['status']);
  expect(complete(bash, 'tidegate', 'routes', '--h')).toEqual(['--host']);
  expect(complete(bash, 'tidegate', 'routes', '-o', '')).toEqual(['table', 'json', 'yaml']);
  expect(complete(bash, 'tidegate', 'render', '--output', 'l')).toEqual(['live']);
  expect(complete(bash, 'tidegate', 'conf', 'shop')).toEqual(['shop.example.com']);
  expect(complete(bash, 'tidegate', 'routes', '--host', '')).toEqual([
    'shop.example.com',
    '*',
    '$(touch',
    '/nonexistent)',
    'a',
    'b',
  ]);
  expect(complete(bash, 'tidegate', 'problems', '-n', 'shop')).toEqual(['shop.example.com']);
});

test('names are those of the controller that --run-dir names, in the command line or when the script was made', async () => {
  const asked = (bash: string, ...words: readonly string[]): readonly string[] => {
    const program = `tidegate() { printf '%s\\n' "$@"; }
${bash}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
_tidegate_names hosts`;
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-uc', program], { encoding: 'utf8', timeout: 10_000 });
    expect(stderr).toBe('');
    return stdout.trimEnd().split('\n').slice(1);
  };
  const plain = await script('bash');
  expect(asked(plain, 'tidegate', 'conf', '')).toEqual(['hosts']);
  expect(asked(plain, 'tidegate', 'conf', '--run-dir', '/a b', '')).toEqual(['hosts', '--run-dir', '/a b']);
  expect(asked(plain, 'tidegate', 'conf', '--run-dir', '=', '/c', '')).toEqual(['hosts', '--run-dir', '/c']);
  const made = await script('bash', "/it's $HOME");
  expect(asked(made, 'tidegate', 'conf', '')).toEqual(['hosts', '--run-dir', "/it's $HOME"]);
  expect(asked(made, 'tidegate', 'conf', '--run-dir', '/c', '')).toEqual(['hosts', '--run-dir', '/c']);
  expect(await script('fish', "/it's")).toContain(String.raw`--run-dir '/it\'s'`);
});

test('the scripts for zsh and fish contain every command', async () => {
  for (const shell of ['zsh', 'fish']) {
    const text = await script(shell);
    for (const { name } of completedCommands()) expect(text).toContain(name);
  }
  await expect(completionCommand('tcsh', NOWHERE, completedCommands())).rejects.toThrow(
    '"tcsh" is not one of bash, zsh, fish, hosts, namespaces',
  );
});
