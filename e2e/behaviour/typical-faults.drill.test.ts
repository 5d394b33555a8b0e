/**
 * Each typical fault shows in the access log, and in `tidegate status` and `tidegate problems` with its object, its key
 * and its cause. docs/troubleshooting.md contains the results as a table.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkServerIdentity, connect, type PeerCertificate } from 'node:tls';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fieldText, objectText } from '../../controller/cli/ask/words.ts';
import type { ProblemItem } from '../../controller/inspect/schema/problems.ts';
import { type Backends, startBackends } from '../backends/start.ts';
import { requestOnce } from '../client/connection.ts';
import { linesOf } from '../runner/growing-log.ts';
import { type Instance, startInstance, until } from '../runner/instance.ts';
import { fieldsOf } from '../runner/logged.ts';
import { COMPILED, shippedProgram } from '../runner/shipped.ts';
import { type Fault, faultyHost, type Symptom } from './typical-fault.ts';
import { typicalFaults } from './typical-faults.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let backends: Backends;
let instance: Instance;
let faults: readonly Fault[];
let program: string;
/** What the client got for each fault, with the reason in the access log. */
const seen = new Map<string, Symptom & { readonly upstream: string }>();

beforeAll(async () => {
  backends = await startBackends();
  const { inManifests, inTraffic } = await typicalFaults(backends);
  faults = [...inManifests, ...inTraffic];
  program = await shippedProgram();
  instance = await startInstance(Object.fromEntries(faults.map(({ name, objects }) => [`${name}.yaml`, objects])));
  for (const [index, fault] of faults.entries()) seen.set(fault.name, await probe(fault, index));
}, 120_000);

afterAll(async () => {
  await instance?.dispose();
  await backends?.stop();
});

/** Sends the requests of a fault. The id by which its line in the access log is found is made from `index`. */
async function probe({ name, probe: { path, headers = {}, tls, times = 1 } }: Fault, index: number) {
  const host = faultyHost(name);
  const id = index.toString(16).padStart(32, '0');
  const port = tls === true ? instance.httpsPort : instance.httpPort;
  const target = { host, path, port, headers: { ...headers, 'X-Request-ID': id }, ...(tls === true && { tls }) };
  let status = 0;
  for (let time = 0; time < times; time += 1) {
    const exchange = await requestOnce(target, 10_000);
    if (exchange.kind !== 'answer') throw new Error(`${name}: ${exchange.kind}: ${exchange.detail}`);
    ({ status } = exchange.answer);
  }
  const file = join(instance.runDir, 'run/access.log');
  const lines = () => linesOf(file).filter((line) => line.includes(id));
  await until(`the access log has the requests of ${name}`, () => lines().length === times);
  const { upstream = '', reason = '-' } = fieldsOf(lines().at(-1) ?? '', id) ?? {};
  return { status, reason, upstream, ...(tls === true && (await certificateFault(host, port))) };
}

/** What is wrong with the certificate for a host; empty if nothing is. */
async function certificateFault(host: string, port: number): Promise<Pick<Symptom, 'certificate'>> {
  const socket = connect({ port, host: '127.0.0.1', servername: host, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const certificate: PeerCertificate = socket.getPeerCertificate();
  socket.destroy();
  if (checkServerIdentity(host, certificate) !== undefined) return { certificate: 'for other names' };
  return Date.parse(certificate.valid_to) < Date.now() ? { certificate: 'expired' } : {};
}

function tidegate(...args: readonly string[]): string {
  const env = { ...process.env, ...COMPILED };
  const given = [program, ...args, '--run-dir', instance.runDir];
  const { status, stdout, stderr } = spawnSync(process.execPath, given, { cwd: ROOT, encoding: 'utf8', env });
  expect({ args, status, stderr }).toEqual({ args, status: 0, stderr: '' });
  return stdout;
}

/** The Problem that explains a fault. */
function problemOf({ name, field, cause }: Fault, items: readonly ProblemItem[]): ProblemItem | undefined {
  return items.find(
    (item) => item.object?.namespace === name && fieldText(item) === field && cause.test(item.text) && !item.solved,
  );
}

const listed = () => (JSON.parse(tidegate('problems', '-o', 'json')) as { items: readonly ProblemItem[] }).items;

it('clients and the access log see each fault', () => {
  const found = faults.map(({ name }) => {
    const { upstream: _, ...symptom } = seen.get(name) ?? {};
    return [name, symptom];
  });
  expect(found).toEqual(faults.map(({ name, gets }) => [name, gets]));
});

it('the access log names the Ingress’s Service for each request, unless no Ingress has the path', () => {
  const wrong = faults.filter(({ name, gets }) => {
    const upstream = seen.get(name)?.upstream ?? '';
    return gets.reason === 'no-route' ? upstream !== 'upstream-default-backend' : !upstream.startsWith(`${name}-web-`);
  });
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

it('status and problems name object, key and cause of each fault', async () => {
  const missing = (): readonly string[] => {
    const items = listed();
    return faults.filter((fault) => problemOf(fault, items) === undefined).map(({ name }) => name);
  };
  await expect.poll(missing, { timeout: 15_000, interval: 500 }).toEqual([]);
  const status = tidegate('status').split('\n');
  const unnamed = faults.filter(
    ({ name, field, cause }) =>
      !status.some((line) => line.includes(` ${name}/`) && line.includes(field) && cause.test(line)),
  );
  expect(unnamed.map(({ name }) => name)).toEqual([]);
}, 30_000);

/** The first column of the table, by which the rows are sorted. */
function symptomText({ status, certificate }: Symptom): string {
  if (certificate !== undefined)
    return certificate === 'expired' ? 'an expired certificate' : 'a certificate for other names';
  return status === 200 ? 'another response than expected' : `${status}`;
}

it('docs/troubleshooting.md has the table', () => {
  const items = listed();
  const rows = faults.map((fault) => {
    const symptom = seen.get(fault.name) ?? fault.gets;
    const problem = problemOf(fault, items);
    const key = fault.field.replace('nginx.ingress.kubernetes.io/', '').replaceAll('[0]', '[]');
    const reason = symptom.reason === '' ? '' : `\`${symptom.reason}\``;
    const kind = problem === undefined ? '' : objectText(problem).split(' ')[0];
    return [symptomText(symptom), reason, fault.wrong, `${kind}: \`${key}\``];
  });
  const table = rows.toSorted((a, b) => a.join().localeCompare(b.join(), 'en'));
  console.log(table.map((cells) => `| ${cells.join(' | ')} |`).join('\n'));
  const page = readFileSync(join(ROOT, 'docs/troubleshooting.md'), 'utf8');
  const [, text = ''] = /\n\| clients get +\|.*?\n\| -[^\n]*\n(.*?)\n\n/s.exec(page) ?? [];
  const cellsOf = (line: string) =>
    line
      .slice(1, -1)
      .split(' | ')
      .map((cell) => cell.trim());
  expect(text.split('\n').map(cellsOf)).toEqual(table);
});
