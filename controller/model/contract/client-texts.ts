/**
 * Variables whose values clients choose, as valid UTF-8. nginx's `escape=json` writes bytes from 0x80 on as they are, so a
 * client could send a header with which a line of the log is not JSON. Lua replaces the bytes that are not UTF-8, and only
 * if there are bytes from 0x80 on at all (nginx/lua/tidegate/values/utf8.lua).
 */
import { literal, variable, withVariables, word } from '../../types/conf-value.ts';
import { type Declaration, declaration } from '../../types/declaration.ts';

/** Variables of nginx, or of templates/nginx.conf.hbs, which have a counterpart with a prefix. */
export const CLIENT_TEXTS = [
  'host',
  'http_referer',
  'http_user_agent',
  'http_x_forwarded_for',
  'remote_user',
  'req_id',
  'request_uri',
] as const;
const PREFIX = 'tidegate_utf8_';
const BEYOND_ASCII = 'tidegate_beyond_ascii';

export function isClientText(name: string): boolean {
  return CLIENT_TEXTS.some((each) => name === PREFIX + each);
}

/** The name of the variable that has the value of this one as UTF-8. */
export function asUtf8(name: (typeof CLIENT_TEXTS)[number]): string {
  return PREFIX + name;
}

/** Those whose counterpart is in `read`. */
export function clientTextsIn(read: ReadonlySet<string>): readonly string[] {
  return CLIENT_TEXTS.filter((name) => read.has(PREFIX + name));
}

/** Declares the variables in `read`, and one that tells Lua whether it has to look at them. */
export function clientTextDeclarations(read: ReadonlySet<string>): readonly Declaration[] {
  const names = clientTextsIn(read);
  if (names.length === 0) return [];
  const all = withVariables(names.map((name) => `$${name}`).join(''));
  const entries = [
    [word('default'), literal('')],
    [literal('~[\\x80-\\xff]'), literal('1')],
  ];
  return [
    declaration({ name: 'map', args: [all, variable(BEYOND_ASCII)], entries }),
    ...names.map((name) =>
      declaration({
        name: 'map',
        args: [variable(name), variable(PREFIX + name)],
        entries: [[word('default'), variable(name)]],
      }),
    ),
  ];
}
