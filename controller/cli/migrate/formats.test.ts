/** The formats of the report: complete, valid, and safe with hostile text. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hash } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import schema from '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json' with { type: 'json' };
import { Ajv } from 'ajv';
import { HtmlValidate } from 'html-validate';
import { beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { generatedIngresses } from '../../migrate/fixtures/generated.ts';
import { SCRIPT } from '../../migrate/output/html-assets.ts';
import { htmlReport } from '../../migrate/output/html.ts';
import { markdownReport } from '../../migrate/output/markdown.ts';
import { sarifReport } from '../../migrate/output/sarif.ts';
import { textReport } from '../../migrate/output/text.ts';
import type { MigrationReport } from '../../migrate/report.ts';
import { migrate } from './migrate.ts';
import { fromManifests } from './sources.ts';

const OLD = fileURLToPath(new URL('../../migrate/fixtures/old-installation.yaml', import.meta.url));
const PREFIX = 'nginx.ingress.kubernetes.io';
/** Markup of HTML and of Markdown, a control sequence of terminals, and text that seems to go backwards. */
const HOSTILE =
  '</script><img src="http://evil.example/x" onerror=alert(1)> `[x](http://evil.example)` \u001b[31m \u202e';

async function reportOf(items: readonly object[]): Promise<MigrationReport> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tidegate-migrate-test-'));
  await writeFile(
    path.join(folder, 'dump.yaml'),
    stringify({ apiVersion: 'v1', kind: 'List', items }, { version: '1.1' }),
  );
  const { report } = await migrate(await fromManifests([path.join(folder, 'dump.yaml')]), {
    options: {},
    written: new Set(),
  });
  await rm(folder, { recursive: true });
  return report;
}

function html(report: MigrationReport): string {
  return htmlReport(report, (text) => hash('sha256', text, 'base64'));
}

function hostile(): object {
  const [ingress] = generatedIngresses(1, 1);
  const annotations = { [`${PREFIX}/proxy-body-size`]: HOSTILE, [`${PREFIX}/${HOSTILE}`]: HOSTILE };
  return { ...(ingress as object), metadata: { namespace: 'generated', name: 'hostile', annotations } };
}

let reports: Readonly<Record<'old' | 'generated' | 'hostile', MigrationReport>>;
beforeAll(async () => {
  const old = await migrate(await fromManifests([OLD]), { options: {}, written: new Set() });
  reports = {
    old: old.report,
    generated: await reportOf(generatedIngresses(60, 5)),
    hostile: await reportOf([hostile()]),
  };
}, 60_000);

const NAMES = ['old', 'generated', 'hostile'] as const;

describe('HTML', () => {
  test.each(NAMES)('is valid and accessible: %s', async (name) => {
    const validator = new HtmlValidate({
      extends: ['html-validate:recommended', 'html-validate:a11y'],
      rules: { 'no-inline-style': 'off', 'require-sri': 'off' },
    });
    const { results } = await validator.validateString(html(reports[name]));
    expect(results.flatMap(({ messages }) => messages.map(({ line, message }) => `${line}: ${message}`))).toEqual([]);
  });

  test.each(NAMES)('refers to nothing outside of the file: %s', (name) => {
    const tags = html(reports[name]).match(/<[a-z][^>]*>/g) ?? [];
    expect(tags.length).toBeGreaterThan(20);
    const referring = tags.filter((tag) => /\s(?:src|href|action|data|poster|srcset|on\w+)\s*=|url\(/i.test(tag));
    expect(referring).toEqual([]);
    expect(tags.filter((tag) => /^<(?:link|img|iframe|object|embed|base|video|audio)\b/.test(tag))).toEqual([]);
  });

  test('permits only its own style and script', () => {
    const page = html(reports.hostile);
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'$/);
    expect(policy).toContain(hash('sha256', SCRIPT, 'base64'));
    expect(page.match(/<script\b/g)).toHaveLength(1);
    expect(page).not.toContain('\u001b');
  });

  test('contains each Ingress once, with its verdict, for the search', () => {
    const found = [...html(reports.generated).matchAll(/<article data-verdict="(\w+)"><h3>.*?(generated\/i\d+)/g)];
    const expected = reports.generated.ingresses.map(({ object, verdict }) => `generated/${object.name} ${verdict}`);
    expect(found.map(([, verdict = '', name = '']) => `${name} ${verdict}`).toSorted()).toEqual(expected.toSorted());
  });
});

describe('SARIF', () => {
  test.each(NAMES)('is valid: %s', (name) => {
    const { $schema: _, id: _id, ...rest } = schema as Record<string, unknown>;
    const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(rest);
    validate(JSON.parse(sarifReport(reports[name], '1.2.3')));
    expect(validate.errors).toBeNull();
    validate({ version: '2.1.0', runs: [{ results: [] }] });
    expect(validate.errors).not.toBeNull();
  });

  test('has a result with a place for each key whose verdict is not `same`', () => {
    const log = JSON.parse(sarifReport(reports.old, '1.2.3')) as {
      readonly runs: readonly {
        readonly results: readonly {
          readonly level: string;
          readonly message: object;
          readonly locations: readonly object[];
        }[];
      }[];
    };
    const results = log.runs[0]?.results ?? [];
    const keys = reports.old.ingresses.flatMap((each) => each.keys).filter(({ verdict }) => verdict !== 'same');
    expect(keys.length).toBeGreaterThan(5);
    for (const { name, place } of keys) {
      const found = results.filter(({ message }) => JSON.stringify(message).includes(`${name}: `));
      expect([name, found.length]).toEqual([name, 1]);
      expect(found[0]?.locations).toMatchObject([
        { physicalLocation: { artifactLocation: { uri: `file://${OLD}` }, region: { startLine: place?.line } } },
      ]);
    }
    const closing = results.filter(({ level }) => level === 'error').map(({ message }) => JSON.stringify(message));
    expect(closing).toEqual([expect.stringContaining('configuration-snippet')]);
  });
});

test('text, Markdown and HTML contain the same keys and sentences', () => {
  const plain = (text: string) =>
    text
      .replaceAll(/[\s\\`]+/g, '')
      .replaceAll('&#39;', "'")
      .replaceAll('&quot;', '"');
  const [text, markdown, page] = [textReport(reports.old), markdownReport(reports.old), html(reports.old)];
  const said = reports.old.ingresses.flatMap(({ keys }) =>
    keys.flatMap(({ differences, problems }) => [
      ...problems.map((each) => each.text),
      ...differences.map((each) => each.text),
    ]),
  );
  expect(said.length).toBeGreaterThan(10);
  const ofHtml = plain(
    page
      .replaceAll(/<\/?(?:code|li|ul)>/g, '')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&'),
  );
  for (const sentence of said) {
    expect(plain(text)).toContain(plain(sentence));
    expect(plain(markdown)).toContain(plain(sentence));
    expect(ofHtml).toContain(plain(sentence));
  }
});

test('text and Markdown contain no control characters and no markup of others', () => {
  const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;
  expect(textReport(reports.hostile)).not.toMatch(controls);
  const markdown = markdownReport(reports.hostile);
  expect(markdown).not.toMatch(controls);
  // Outside of code, brackets and tags are escaped.
  const bare = markdown.replaceAll(/(`+)[^`](?:.*?[^`])?\1(?!`)/g, '');
  expect(bare).not.toMatch(/(?<!\\)<|(?<!\\)\]\(/);
});
