/** Answers about one thing: the server block of a host, the names for completion, the logs. */
import { z } from 'zod';
import { COUNT, HOST_TEXT } from './parts.ts';

export const CONF_QUERY = z.strictObject({
  host: HOST_TEXT.describe('name of a host; NGINX chooses the server block as for a request'),
});

export const CONF = z.object({
  host: z.string().describe('the host of the server block, as written in Ingresses; empty for the catch-all host'),
  match: z
    .enum(['name', 'pattern', 'default'])
    .describe(
      '`name`: the block has this name; `pattern`: the name matches a pattern of the block; `default`: no other block has it',
    ),
  ingresses: z.array(z.string()).describe('namespace/name of the Ingresses of the host'),
  text: z.string().describe('the text in nginx.conf'),
  sections: z
    .array(
      z.object({
        from: COUNT.describe('first line, counted from 1'),
        to: COUNT.describe('last line'),
        ingress: z.string().describe('namespace/name'),
      }),
    )
    .describe('lines of `text` that were made for one Ingress; all others belong to all Ingresses of the host'),
  bytes: COUNT.describe('length of the whole block'),
  truncated: z.boolean().describe('whether `text` contains only the first 4 MB of the block'),
});
export type ConfAnswer = z.output<typeof CONF>;

export const EXPLAIN_QUERY = z.strictObject({
  url: z.string().max(16_384).describe('URL that a client requests, with http or https'),
  method: z.string().max(32).default('GET').describe('method of the request'),
  header: z.string().max(65_536).default('').describe('headers as `Name: value`, one on each line'),
  from: z.string().max(64).default('').describe('address of the client; without it, rules by address are undecided'),
  clientCert: z.string().max(4096).default('').describe('subject of the client certificate, which counts as valid'),
});
export type ExplainQuery = z.output<typeof EXPLAIN_QUERY>;

export const EXPLANATION = z.object({
  explanation: z.record(z.string(), z.unknown()).describe('what `tidegate explain -o json` prints: docs/explain.md'),
});

export const NAMES = z.object({
  hosts: z.array(z.string()).describe('hosts as written in Ingresses; at most 10,000'),
  namespaces: z.array(z.string()).describe('namespaces of the Ingresses that are served'),
});
export type NamesAnswer = z.output<typeof NAMES>;

const LOG = z.object({
  target: z.string().describe('as in nginx.conf: a file, `syslog:…`, or /dev/stdout of the container'),
  file: z.string().nullable().describe('path of the file; null if the target is not a file'),
});

export const LOGS = z.object({
  access: z.array(LOG).describe('logs of requests'),
  error: z.array(LOG).describe('logs of errors'),
});
export type LogsAnswer = z.output<typeof LOGS>;
