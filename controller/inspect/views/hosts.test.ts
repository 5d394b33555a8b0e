/** The list of hosts and the sections of their server blocks, built with the controller's own stages. */
import { expect, test } from 'vitest';
import { finish } from '../../types/steps.ts';
import { ingressYaml, serviceManifests, siteOf } from '../fixtures/inspected.ts';
import { createProblemHistory } from '../history/problems.ts';
import { CONF } from '../schema/pages.ts';
import { HOSTS } from '../schema/hosts.ts';
import { confAnswer } from './conf.ts';
import { hostItem, problemsOfIngresses, selectedHostPlans } from './hosts.ts';
import { pageText } from './page.ts';

const SITE = [
  ingressYaml('web', 'shop.example.com', { '/': 'web:80', '/api': 'api:80' }, { 'server-alias': 'alias.example.com' }),
  ingressYaml('more', 'shop.example.com', { '/gone': 'none:80' }, { 'proxy-body-size': 'lots' }),
  ingressYaml('closed', 'closed.example.com', { '/': 'web:80' }, { 'auth-tls-secret': 'shop/none' }),
  ingressYaml('away', 'away.example.org', { '/': 'none:80' }, { 'permanent-redirect': 'https://b.example.com/' }),
  serviceManifests('web', ['10.0.0.1', '10.0.0.2']),
  serviceManifests('api', ['10.0.0.3']),
].join('\n');

async function hostsOf(query: { readonly search?: string; readonly namespace?: string }) {
  const { current, problems } = await siteOf(SITE);
  const history = createProblemHistory(() => 0);
  history.report(problems);
  const traffic = new Map([['shop.example.com', { requests: 60, errors: 6, refused: 0, timed: 60, ms: 600 }]]);
  const facts = { current, problems: finish(problemsOfIngresses(history.open())), traffic, seconds: 60 };
  const found = finish(selectedHostPlans(current.plan, { search: query.search, namespace: query.namespace }));
  return HOSTS.parse(JSON.parse(finish(pageText(found, { limit: 10, offset: 0 }, (host) => hostItem(host, facts)))));
}

test('a host has its names, Ingresses, endpoints, Problems and requests', async () => {
  const { items } = await hostsOf({ search: 'shop.example' });
  expect(items).toEqual([
    {
      host: 'shop.example.com',
      names: ['shop.example.com', 'alias.example.com'],
      moreNames: 0,
      ingresses: ['shop/web', 'shop/more'],
      moreIngresses: 0,
      paths: 5,
      endpoints: 3,
      withoutEndpoints: 2,
      denied: 0,
      errors: 0,
      warnings: 1,
      traffic: { perSecond: 1, errorShare: 0.1, refusedShare: 0, meanMs: 10 },
    },
  ]);
});

test('a path that is denied, or that redirects, does not count as a path without endpoints', async () => {
  expect((await hostsOf({ search: 'closed' })).items).toMatchObject([
    { denied: 1, withoutEndpoints: 0, traffic: null },
  ]);
  expect((await hostsOf({ search: 'away' })).items).toMatchObject([{ denied: 0, withoutEndpoints: 0, paths: 1 }]);
});

test.each([
  [{ search: 'ALIAS' }, ['shop.example.com']],
  [{ search: 'shop/closed' }, ['closed.example.com']],
  [{ search: 'example.com' }, ['closed.example.com', 'shop.example.com']],
  [{ namespace: 'other' }, []],
  [{ search: 'nothing' }, []],
])('the filters %j select %j', async (query, hosts) => {
  const { items, total } = await hostsOf(query);
  expect(items.map(({ host }) => host)).toEqual(hosts);
  expect(total).toBe(hosts.length);
});

test('each section of a server block is a location of one Ingress, with the comment before it', async () => {
  const { current } = await siteOf(SITE);
  const answer = CONF.parse(finish(confAnswer(current, 'shop.example.com')));
  const lines = answer.text.split('\n');
  const sections = answer.sections.map(({ from, to, ingress }) => ({ ingress, lines: lines.slice(from - 1, to) }));
  expect(sections.map(({ ingress }) => ingress).toSorted()).toEqual([
    'shop/more',
    'shop/more',
    'shop/web',
    'shop/web',
    'shop/web',
  ]);
  for (const section of sections) {
    const [comment = ''] = section.lines;
    expect(comment).toMatch(new RegExp(`^ {8}# ${section.ingress}: `));
    expect(section.lines.filter((line) => / location /.test(line))).toHaveLength(1);
    expect(section.lines.at(-1)).toBe('        }');
  }
  const covered = sections.flatMap((section) => section.lines);
  expect(lines.filter((line) => / location /.test(line) && !covered.includes(line))).toEqual([]);
});
