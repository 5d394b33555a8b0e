/** Checks how NGINX's workers decode each field of a route that controller/types/live-route.ts describes. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FieldOfRoute, ROUTE_FIELDS } from '../../controller/types/live-route.ts';
import { freePort } from '../../e2e/runner/port.ts';
import { routeTable } from '../../scripts/route-fields.ts';
import { type Fixture, startFixture } from './fixture.ts';
import { route } from './live.ts';
import { request } from './request.ts';

const LUA = path.join(import.meta.dirname, '../lua/tidegate');
/** Lua code that prints the fields of the decoded table, one per line, or why the route is refused. */
const DECODE = `
  ngx.req.read_body()
  local table, reason = require("tidegate.shapes.entry").decode("r:0123456789abcdef", ngx.req.get_body_data())
  if not table then return ngx.print("refused: ", reason) end
  for name in pairs(table) do ngx.say(name) end`;

let nginx: Fixture;
let port: number;

beforeAll(async () => {
  port = await freePort();
  nginx = await startFixture({
    http: `server { listen 127.0.0.1:${port}; location / { content_by_lua_block { ${DECODE} } } }`,
  });
});

afterAll(() => nginx?.stop());

async function decoded(value: object): Promise<string> {
  const body = JSON.stringify(value);
  const headers = { 'Content-Length': String(Buffer.byteLength(body)) };
  return (await request({ port, method: 'POST', headers, body })).body;
}

const fields = Object.entries<FieldOfRoute>(ROUTE_FIELDS);
const names = routeTable().toSorted();

test.each(fields)(
  'NGINX accepts a valid value of the field %s, and refuses an invalid value',
  async (name, { shape, required }) => {
    const plain = { ...route('shop/web/80'), ...(name === 'errorsToFallback' && { fallback: 'shop/pages/80' }) };
    const good = await decoded({ ...plain, [name]: shape.good });
    expect(good.trimEnd().split('\n').toSorted()).toEqual(names);
    expect(await decoded({ ...plain, [name]: shape.bad })).toMatch(new RegExp(`^refused: field "${name}"`));
    const without = await decoded({ ...plain, [name]: undefined });
    if (required === true) expect(without).toBe(`refused: field "${name}" is missing`);
    else expect(without.trimEnd().split('\n').toSorted()).toEqual(names);
  },
);

/** The fields of the route that a module in `request/` reads. */
function readBy(step: string): readonly string[] {
  const source = readFileSync(path.join(LUA, 'request', step), 'utf8').replaceAll(/--.*/g, '');
  return [...new Set([...source.matchAll(/\broute\.([a-z_]+)\b(?!\()/g)].map(([, name = '']) => name))];
}

function marked(isMarked: (field: FieldOfRoute) => boolean): ReadonlySet<string> {
  const snake = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return new Set(fields.flatMap(([name, field]) => (isMarked(field) ? (field.becomes ?? [snake(name)]) : [])));
}

test('every field that response_headers.lua reads has the mark `response`, without which the file is not run', () => {
  const inResponses = marked(({ response }) => response !== undefined);
  expect(readBy('response_headers.lua').filter((name) => !inResponses.has(name))).toEqual([]);
});

test('every field that early_answer.lua reads has the mark `early`, without which the file is skipped', () => {
  const early = marked((field) => field.early !== undefined);
  // These fields need no mark: they only change the response of a marked field.
  const details = ['redirect_port', 'keep_slash', 'closed_by'];
  expect(readBy('early_answer.lua').filter((name) => !early.has(name) && !details.includes(name))).toEqual([]);
});

test('a Lua module reads every field of the route table', () => {
  const rooms = readdirSync(LUA).filter((room) => room !== 'shapes' && room !== 'README.md');
  const steps = rooms.flatMap((room) => readdirSync(path.join(LUA, room)).map((file) => path.join(LUA, room, file)));
  const source = steps.map((file) => readFileSync(file, 'utf8')).join('\n');
  expect(names.filter((name) => !new RegExp(`\\.${name}\\b`).test(source))).toEqual([]);
});
