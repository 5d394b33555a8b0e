/**
 * Runs the emulator as a process, for benches and manual use: `main.ts [--port N] [--kubeconfig FILE] [--tls]`. Prints
 * its URL, and stops when its standard input ends. Faults and objects are sent to its control endpoint, `POST
 * /emulator`.
 */
import { parseArgs } from 'node:util';
import { startEmulator } from './emulator.ts';

const { values } = parseArgs({
  options: { port: { type: 'string' }, kubeconfig: { type: 'string' }, tls: { type: 'boolean', default: false } },
});
const port = values.port === undefined ? {} : { port: Number(values.port) };
const emulator = await startEmulator({ ...port, tls: values.tls, ...(values.tls && { token: 'emulated' }) });
if (values.kubeconfig !== undefined) emulator.writeKubeconfig(values.kubeconfig);
console.log(emulator.url);
process.stdin.resume().on('end', () => void emulator.stop());
