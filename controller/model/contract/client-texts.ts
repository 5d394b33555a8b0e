/**
 * Variables whose values clients choose, as valid UTF-8. nginx's `escape=json` does not change bytes from 0x80 on, so a
 * client could send a header that makes a line of the log invalid JSON. If a value contains such bytes, Lua replaces
 * those that are not valid UTF-8 (nginx/lua/tidegate/values/utf8.lua).
 */
import { literal, variable, withVariables, word } from '../../types/conf-value.ts';
import { type Declaration, declaration } from '../../types/declaration.ts';

/** Variables of nginx or of templates/nginx.conf.hbs, each of which has a counterpart in UTF-8, with a prefix. */
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

/** The name of the variable that contains the value of the variable `name` as UTF-8. */
export function asUtf8(name: (typeof CLIENT_TEXTS)[number]): string {
  return PREFIX + name;
}

/** The variables in `CLIENT_TEXTS` whose counterpart is in `read`. */
export function clientTextsIn(read: ReadonlySet<string>): readonly string[] {
  return CLIENT_TEXTS.filter((name) => read.has(PREFIX + name));
}

/** Declares the counterparts in `read`, and a variable that tells Lua whether it has to check their values. */
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
