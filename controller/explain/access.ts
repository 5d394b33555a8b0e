/** NGINX's preaccess and access phases: limits, address lists, passwords and external authentication. */
import type { Plan } from '../types/plan.ts';
import { judgeRules, judgeSource } from './address-rules.ts';
import { fromBytes } from './bytes.ts';
import { type NginxAnswer, note } from './course.ts';
import { inForce, wordsOf } from './directives.ts';
import type { StepName } from './explanation.ts';
import { maybe } from './outcomes.ts';
import { headerOf } from './request.ts';
import { type Located, serviceText } from './situation.ts';
import { templateText } from './variables.ts';

const DENIED: NginxAnswer = { status: 403, reason: 'denied-by-list' };
const WRONG_PASSWORD: NginxAnswer = { status: 401, reason: 'auth-basic' };

/** The result of one check of the access phase. */
interface Check {
  readonly step: StepName;
  /** `declines`: the check neither allows nor refuses the request. */
  readonly result: 'allows' | 'refuses' | 'declines' | 'depends';
  readonly text: string;
  /**
   * The answers if the check refuses or may refuse the request. Each has a condition, which is empty unless the result
   * is `depends`.
   */
  readonly answers: readonly (readonly [when: string, NginxAnswer])[];
}

function placeOf({ plan, host, location }: Located) {
  return { plan: plan.static, host, location };
}

/** Notes the limits on requests and connections of a client, and the results if they are exceeded. */
export function limits(situation: Located): void {
  const place = placeOf(situation);
  const status = (name: 'limit_req_status' | 'limit_conn_status') => Number(wordsOf(place, name)?.[0] ?? 503);
  for (const { args } of inForce(place, 'limit_req')) {
    const words = args.map(({ meaning }) => meaning);
    const [, rate = '', per = ''] = /_(\d+)_per_([sm])_/.exec(words[0] ?? '') ?? [];
    const burst = words.find((each) => each.startsWith('burst='))?.slice('burst='.length) ?? '0';
    const most = `${rate === '1' ? '1 request' : `${rate} requests`} per ${per === 's' ? 'second' : 'minute'}`;
    note(situation.course, 'rate-limit', 'depends', `a client may send ${most}, and ${burst} more at once`);
    maybe(situation, `the client sends more than ${most}`, {
      status: status('limit_req_status'),
      reason: 'limited:requests',
    });
  }
  for (const { args } of inForce(place, 'limit_conn')) {
    const number = args.at(-1)?.meaning ?? '';
    const most = number === '1' ? '1 request' : `${number} requests`;
    note(situation.course, 'connection-limit', 'depends', `a client may have ${most} in progress`);
    maybe(situation, `the client has more than ${most} in progress`, {
      status: status('limit_conn_status'),
      reason: 'limited:connections',
    });
  }
}

function addressCheck(situation: Located): Check | undefined {
  const { route, request } = situation;
  const rules = inForce(placeOf(situation), 'allow', 'deny');
  const { sources } = route;
  if (rules.length === 0 && sources === undefined) return undefined;
  const count = sources === undefined ? `${rules.length} rule${rules.length === 1 ? '' : 's'}` : 'a long list';
  if (request.client === undefined) {
    const text = `access depends on the client's address (${count}), which is not known`;
    return { step: 'addresses', result: 'depends', text, answers: [['the list denies the client', DENIED]] };
  }
  const verdict = sources === undefined ? judgeRules(rules, request.client) : judgeSource(sources, request.client);
  if (verdict === 'd') {
    const text = `the access list (${count}) denies ${request.client}`;
    return { step: 'addresses', result: 'refuses', text, answers: [['', DENIED]] };
  }
  const text = `the access list (${count}) ${verdict === 'a' ? 'allows' : 'does not mention'} ${request.client}`;
  return { step: 'addresses', result: verdict === 'a' ? 'allows' : 'declines', text, answers: [] };
}

/** The users in a password file. */
function usersIn({ static: { files } }: Plan, path: string): ReadonlySet<string> {
  const content = files.find(({ name }) => `files/${name}` === path)?.content ?? '';
  return new Set(content.split('\n').map((line) => line.slice(0, Math.max(0, line.indexOf(':')))));
}

/** The user in an Authorization header; undefined if it has no user and password. */
function userOf(authorization: string | undefined): string | undefined {
  const [, encoded] = /^Basic +(\S+)$/i.exec(authorization ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  return text.includes(':') ? text.slice(0, text.indexOf(':')) : undefined;
}

function passwordCheck(situation: Located): Check | undefined {
  const realm = wordsOf(placeOf(situation), 'auth_basic');
  const file = wordsOf(placeOf(situation), 'auth_basic_user_file')?.[0];
  if (realm === undefined || file === undefined) return undefined;
  const user = userOf(headerOf(situation.request.given, 'authorization'));
  const refuse = (text: string): Check => ({
    step: 'password',
    result: 'refuses',
    text,
    answers: [['', WRONG_PASSWORD]],
  });
  if (user === undefined) return refuse('a user name and a password are required, and the request has none');
  if (!usersIn(situation.plan, file).has(user)) return refuse('the user in the request is not in the password file');
  const text = 'the user is in the password file; whether the password is right is not checked here';
  return { step: 'password', result: 'depends', text, answers: [['the password is wrong', WRONG_PASSWORD]] };
}

/** The URL of the subrequest that a location sends; undefined if it sends none. */
function authUrl(situation: Located): { readonly url: string; readonly service: string } | undefined {
  const path = wordsOf(placeOf(situation), 'auth_request')?.[0];
  const asked = situation.host.locations.find(({ match }) => match.kind === 'exact' && match.text === path);
  const route = asked === undefined ? undefined : situation.host.routes.get(asked.routeId);
  if (asked === undefined || route?.authRequest === undefined) return undefined;
  const uri = templateText(route.authRequest.uri, situation.request);
  const url = `${asked.pass.protocol}://${route.authRequest.host}${uri.startsWith('/') ? '' : '/'}${fromBytes(uri)}`;
  return { url, service: route.backend === null ? '' : serviceText(route.backend) };
}

function externalCheck(situation: Located): Check | undefined {
  const asked = authUrl(situation);
  if (asked === undefined) return undefined;
  const text = `NGINX asks ${asked.url} whether the request is allowed; its answer is not known here`;
  const answers = [
    ['the authentication service answers 401', { status: 401, reason: 'auth-refused' }],
    ['the authentication service answers 403', { status: 403, reason: 'auth-refused' }],
    [
      'the authentication service answers with a status other than 2xx, 401 or 403',
      { status: 500, reason: 'auth-failed' },
    ],
    ['the authentication service does not answer', { status: 500, reason: 'auth-unreachable' }],
  ] as const;
  return { step: 'external-auth', result: 'depends', text, answers };
}

function noteCheck(situation: Located, { step, result, text }: Check, isLast: boolean): void {
  const outcome = result === 'depends' ? 'depends' : result === 'refuses' && isLast ? 'answered' : 'passed';
  note(situation.course, step, outcome, text);
}

function mayRefuse(situation: Located, { answers, step }: Check): void {
  for (const [when, answer] of answers) maybe(situation, when, answer, step === 'external-auth');
}

/** `satisfy any`: one check that allows the request is enough. Otherwise a 401 takes precedence over a 403. */
function anyOf(situation: Located, checks: readonly Check[]): NginxAnswer | undefined {
  const allowing = checks.findIndex(({ result }) => result === 'allows');
  const asked = allowing < 0 ? checks : checks.slice(0, allowing + 1);
  const open = asked.filter(({ result }) => result === 'depends');
  const decisive = allowing < 0 && open.length === 0 ? asked.findLast(({ result }) => result === 'refuses') : undefined;
  for (const each of asked) noteCheck(situation, each, each === decisive);
  const refused = asked.filter(({ result }) => result === 'refuses').flatMap(({ answers }) => answers);
  const final = asked.some(({ step }) => step === 'password') ? WRONG_PASSWORD : refused[0]?.[1];
  if (allowing >= 0 || open.length === 0) return allowing >= 0 ? undefined : final;
  for (const { step, answers } of open)
    for (const [when, answer] of answers)
      maybe(situation, when, answer.status === 403 ? (final ?? answer) : answer, step === 'external-auth');
  return undefined;
}

/** `satisfy all`: the first check that refuses the request decides. */
function allOf(situation: Located, checks: readonly Check[]): NginxAnswer | undefined {
  for (const each of checks) {
    noteCheck(situation, each, true);
    if (each.result === 'refuses') return each.answers[0]?.[1];
    mayRefuse(situation, each);
  }
  return undefined;
}

/** The access phase. Returns the answer if the request is refused. */
export function admission(situation: Located): NginxAnswer | undefined {
  const checks = [addressCheck(situation), passwordCheck(situation), externalCheck(situation)].filter(
    (check) => check !== undefined,
  );
  return wordsOf(placeOf(situation), 'satisfy')?.[0] === 'any' ? anyOf(situation, checks) : allOf(situation, checks);
}
