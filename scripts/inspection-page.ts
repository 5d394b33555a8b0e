/** Generates docs/inspection-api.md from the schemas of controller/inspect. */
import { z } from 'zod';
import { CHANGE } from '../controller/inspect/schema/changes.ts';
import { CHANGES_PATH, ENDPOINTS, type EndpointName, pathOf } from '../controller/inspect/schema/endpoints.ts';
import { REFUSED_REQUEST } from '../controller/inspect/schema/refusal.ts';

/** The parts of a JSON schema that the page shows. */
interface Shown {
  readonly type?: string | readonly string[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Shown>>;
  readonly format?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Shown>>;
  readonly required?: readonly string[];
  readonly items?: Shown;
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly anyOf?: readonly Shown[];
  readonly oneOf?: readonly Shown[];
  readonly default?: string | number;
  readonly maximum?: number;
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output' = 'output'): Shown {
  // The shape that zod documents for JSON Schema is wider than what the page needs.
  return z.toJSONSchema(schema, { io }) as Shown;
}

const NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  boolean: 'true or false',
};

function typeText(shown: Shown): string {
  const named = shown.$ref?.split('/').at(-1);
  if (named !== undefined) return `[${named}](#${named.toLowerCase()})`;
  const choices = shown.anyOf ?? shown.oneOf;
  if (choices !== undefined) return choices.map(typeText).join(' or ');
  if (shown.enum !== undefined) return shown.enum.map((value) => `\`${value}\``).join(', ');
  if (shown.const !== undefined) return `\`${shown.const}\``;
  if (shown.type === 'array') return `list of ${typeText(shown.items ?? {})}`;
  if (shown.format === 'date-time') return 'time';
  return [shown.type ?? 'object']
    .flat()
    .map((type) => NAMES[type] ?? type)
    .join(' or ');
}

/** One row for each field, including fields of nested objects: `backend.port`, `items[].host`. */
function rows(shown: Shown, path = ''): readonly string[] {
  const fields = Object.entries(shown.properties ?? {});
  return fields.flatMap(([name, field]) => {
    const full = path === '' ? name : `${path}.${name}`;
    const optional = shown.required?.includes(name) === true ? '' : ' (may be absent)';
    if (field.description === undefined && name !== 'type')
      throw new Error(`controller/inspect/schema: ${full} has no description`);
    return [`| \`${full}\` | ${typeText(field)}${optional} | ${field.description ?? ''} |`, ...inside(field, full)];
  });
}

function inside(field: Shown, path: string): readonly string[] {
  if (field.properties !== undefined) return rows(field, path);
  if (field.items !== undefined) return inside(field.items, `${path}[]`);
  return (field.anyOf ?? []).flatMap((choice) => inside(choice, path));
}

function fieldTable(schema: z.ZodType): readonly string[] {
  return ['| field | type | meaning |', '|---|---|---|', ...rows(schemaOf(schema))];
}

function queryTable(name: EndpointName): readonly string[] {
  const shown = schemaOf(ENDPOINTS[name].query, 'input');
  const parameters = Object.entries(shown.properties ?? {});
  if (parameters.length === 0) return ['It has no parameters.'];
  const required = (parameter: string, { default: standard }: Shown) =>
    standard === undefined ? (shown.required?.includes(parameter) === true ? 'required' : '') : `\`${standard}\``;
  return [
    '| parameter | default | meaning |',
    '|---|---|---|',
    ...parameters.map(([parameter, field]) => {
      const most = field.maximum !== undefined && field.maximum < 1e9 ? `; at most ${field.maximum}` : '';
      const choices = field.enum === undefined ? '' : `${field.enum.map((value) => `\`${value}\``).join(' or ')}. `;
      return `| \`${parameter}\` | ${required(parameter, field)} | ${choices}${field.description ?? ''}${most} |`;
    }),
  ];
}

function eventTables(): readonly string[] {
  return (schemaOf(CHANGE).oneOf ?? schemaOf(CHANGE).anyOf ?? []).flatMap((event) => [
    '',
    `\`${event.properties?.['type']?.const ?? ''}\`${event.description === undefined ? '' : `: ${event.description}`}`,
    '',
    '| field | type | meaning |',
    '|---|---|---|',
    ...rows(event).filter((row) => !row.startsWith('| `type`')),
  ]);
}

/** Tables of the objects that occur in several answers. */
function typeTables(): readonly string[] {
  const schemas = [...Object.values(ENDPOINTS).map(({ answer }) => answer), CHANGE];
  const types = new Map(schemas.flatMap((schema) => Object.entries(schemaOf(schema).$defs ?? {})));
  return [...types].flatMap(([name, shown]) => [
    '',
    `### ${name}`,
    '',
    (shown.description ?? '').replace(/^./, (first) => first.toUpperCase()).concat('.'),
    '',
    '| field | type | meaning |',
    '|---|---|---|',
    ...rows(shown),
  ]);
}

export function inspectionPage(): string {
  const names = Object.keys(ENDPOINTS) as EndpointName[];
  const lines = [
    '# Inspection API',
    '',
    'Generated from `controller/inspect/schema`; edit the files there. A running controller answers questions about what it does, over HTTP',
    'with JSON. The API is read-only. The commands `tidegate status`, `routes`, `backends`, `certs`, `conf`, `problems`, `changes`, `logs` and',
    '`explain` use only this API ([commands.md](commands.md)); [troubleshooting.md](troubleshooting.md) says which command helps with which symptom.',
    '',
    '## Where it listens',
    '',
    '- Always on the unix socket `controller/inspect.sock` in the run directory, with mode 0600. In a Pod, this folder is a volume',
    "  that only the controller's container mounts, so that NGINX's container cannot reach the socket.",
    '- With `--inspection-port 10256` also on 127.0.0.1:10256, together with the web page ([ui.md](ui.md)); `tidegate up` does so by',
    '  default. In a Pod, every container can connect to this port, NGINX included. Requests with a Host other than 127.0.0.1 or',
    '  localhost, or with the Origin or Sec-Fetch-Site of another page, get 403: pages of other sites may send them.',
    '  With `--deployment` or `--pod`, the commands reach this port from outside the cluster',
    '  ([troubleshooting.md](troubleshooting.md)).',
    '',
    '```sh',
    'curl --unix-socket /run/tidegate/controller/inspect.sock http://localhost/v1/status',
    '```',
    '',
    '## Rules',
    '',
    '- The paths begin with `/v1/`. Later versions may add fields; clients must ignore fields that they do not know.',
    '- Only GET is accepted, without a body. An unknown parameter is an error.',
    '- An answer reflects the objects that the controller has read. NGINX may not have them yet; `status` shows the state of both.',
    '- A list is answered in pages. A page has at most `limit` items and ends after about 2 MB; `next` is the `offset` of the',
    '  next page. If objects change between two pages, items may be missing or appear twice.',
    '- Answers are computed when they are requested, in slices of a few milliseconds, so that changes do not wait for them.',
    '- The socket and the port each serve at most 32 connections, 8 requests and 16 streams at a time. Other requests get 503, and',
    '  other connections are closed. A client that has not taken its answer after 30 s, or has 512 KiB of a stream unread, is',
    '  disconnected.',
    '- Private keys and passwords are never part of an answer. About the content of Secrets, an answer only contains facts',
    '  about certificates.',
    '',
    'An answer with a status other than 200 is an object:',
    '',
    ...fieldTable(REFUSED_REQUEST),
    ...names.flatMap((name) => {
      const { about, answer } = ENDPOINTS[name];
      return [
        '',
        `## GET ${pathOf(name)}`,
        '',
        about,
        '',
        ...queryTable(name),
        '',
        'The answer:',
        '',
        ...fieldTable(answer),
      ];
    }),
    '',
    `## GET ${CHANGES_PATH}`,
    '',
    'A stream of server-sent events, until the client closes it. Each event has one line `data:` with a JSON object; its `type` is',
    'also the name of the event. Comments every 15 s show that the connection works.',
    ...eventTables(),
    '',
    '## Types',
    ...typeTables(),
  ];
  return `${lines.join('\n')}\n`;
}
