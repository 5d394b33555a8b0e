import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { templateNotices, usedBy } from './template-contract.ts';
import { CONF_VIEW, LOCATION_VIEW, SERVER_VIEW, VIEW_VERSION } from './template-view.ts';

const builtIn = async (name: string) => readFile(new URL(`../../templates/${name}`, import.meta.url), 'utf8');

test('usedBy() returns the names in a template with their full paths, whatever blocks contain the names', () => {
  const source = `
{{#each list}}{{name}}{{#if flag}}{{../outer}}{{#each parts}}{{this}}{{../own}}{{/each}}{{/if}}{{else}}{{none}}{{/each}}
{{#unless a.b}}{{a.c}}{{/unless}} access { tidegate.route() }`;
  expect([...usedBy(source)].sort()).toEqual(
    [
      'list',
      'list.name',
      'list.flag',
      'outer',
      'list.parts',
      'list.own',
      'none',
      'a.b',
      'a.c',
      'tidegate.route()',
    ].sort(),
  );
});

test('a custom template that leaves out a name, or was written for another view version, is reported', async () => {
  const server = await builtIn('server.hbs');
  expect(templateNotices('/t/server.hbs', server, server)).toEqual([]);
  const open = server.replace(/\{\{#each locations\}\}[^]*/, (rest) =>
    rest.replaceAll('{{#each directives}}', '{{#each variables}}'),
  );
  expect(templateNotices('/t/server.hbs', open, server)).toEqual([
    '/t/server.hbs leaves out locations.directives, locations.directives.args, locations.directives.name, which the ' +
      'built-in template uses: nginx.conf lacks what these names stand for, which may include access checks',
  ]);
  const lua = server.replaceAll('tidegate.early()', 'true');
  expect(templateNotices('/t/server.hbs', lua, server)).toEqual([
    expect.stringContaining('leaves out tidegate.early(),'),
  ]);
  for (const other of ['{{! view 0 }}', '']) {
    const [notice, ...more] = templateNotices('/t/server.hbs', server.replace(/\{\{! view \d+ \}\}/, other), server);
    expect(notice).toMatch(
      /^\/t\/server\.hbs was written for (view 0|a view without a version), and this Tidegate has view 1:/,
    );
    expect(more).toEqual([]);
  }
});

test('every name in the built-in templates is described, and each template contains the view version', async () => {
  const described: Record<string, object> = {
    'nginx.conf.hbs': CONF_VIEW,
    'server.hbs': { ...SERVER_VIEW, locations: 0 },
  };
  for (const [name, view] of Object.entries(described)) {
    const source = await builtIn(name);
    expect(source).toContain(`{{! view ${VIEW_VERSION} }}`);
    for (const used of usedBy(source)) {
      const [first = '', second] = used.split('.');
      if (!used.endsWith('()')) expect(view).toHaveProperty(first);
      if (first === 'locations' && second !== undefined) expect(LOCATION_VIEW).toHaveProperty(second);
    }
  }
});

test('the view version is raised when a name is removed', () => {
  const names = [CONF_VIEW, SERVER_VIEW, LOCATION_VIEW].map((view) => Object.keys(view).sort());
  // If this fails because a name was removed or has a new meaning: raise VIEW_VERSION, and write the new digest below.
  // If a name was added: only write the new digest.
  expect([VIEW_VERSION, createHash('sha256').update(JSON.stringify(names)).digest('hex').slice(0, 12)]).toEqual([
    1,
    '3084742329ee',
  ]);
});
