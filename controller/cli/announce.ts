/** What `tidegate up` prints when it is ready. */
import path from 'node:path';
import type { Plan } from '../types/plan.ts';
import type { Arguments } from './flag-values.ts';
import { listedPorts, streamLines } from './try-streams.ts';
import { curlLines } from './try-urls.ts';

type Announced = Pick<Arguments<'up'>, 'logFormat' | 'httpPort' | 'httpsPort'>;

/**
 * Prints, for people, where the hosts and the TCP and UDP services are served, where NGINX's logs are, and where the web
 * page is.
 */
export function announce(given: Announced, runDir: string, page: number | undefined, plan: Plan | undefined): void {
  if (given.logFormat !== 'text') return;
  const { httpPort, httpsPort } = given;
  const ports = listedPorts(plan);
  const served = `http://127.0.0.1:${httpPort} and https://127.0.0.1:${httpsPort}${ports === '' ? '' : `; ${ports}`}`;
  console.log(`ready: ${served}; Ctrl-C stops`);
  console.log(`NGINX logs: ${path.join(runDir, 'run', 'access.log')}, and error.log beside it`);
  if (page !== undefined) console.log(`web page: http://127.0.0.1:${page}/`);
  const lines = [...curlLines(plan, httpPort, httpsPort), ...streamLines(plan)];
  if (lines.length > 0) console.log(`try:\n${lines.map((line) => `  ${line}`).join('\n')}`);
}
