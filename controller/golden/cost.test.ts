/** The estimated size of Ingresses in nginx.conf and live data is close to the real size, and not below it. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readManifests } from '../cluster/index.ts';
import { readEntries, NO_ENTRIES } from '../model/ingress/entries.ts';
import { NO_OWNERS } from '../model/contract/host-owners.ts';
import { settingsOf } from '../model/settings/settings-of.ts';
import { costOf } from '../model/ingress/cost.ts';
import { finish } from '../types/steps.ts';
import { buildFixed, MODEL_OPTIONS } from './build-fixed.ts';
import { emptySnapshot, type Snapshot } from '../types/snapshot.ts';

const CASES = path.join(import.meta.dirname, 'cases');

test.each(readdirSync(CASES).sort())(
  'the estimated size of case %s is at least the real size, and less than ten times it',
  async (name) => {
    const { snapshot } = await readManifests([path.join(CASES, name, 'in.yaml')]);
    const options = { ...MODEL_OPTIONS, quarantine: new Map(), resolvedNames: new Map(), defaultSettingsOnly: false };
    const { settings } = settingsOf(snapshot, options);
    const { table } = finish(readEntries({ snapshot, options, settings, owners: NO_OWNERS }, NO_ENTRIES));
    const costs = [...table.values()].flatMap(({ model }) => (model === undefined ? [] : [costOf(model)]));
    const conf = costs.reduce((sum, cost) => sum + cost.conf, 0);
    const live = costs.reduce((sum, cost) => sum + cost.live, 0);
    const bare: Snapshot = { ...snapshot, Ingress: emptySnapshot().Ingress };
    const added = measured(snapshot);
    const without = measured(bare);
    if (costs.length === 0) return;
    // The estimate counts two locations for most paths, even for paths that another Ingress has already.
    expect(conf).toBeGreaterThanOrEqual(added.conf - without.conf);
    expect(live).toBeGreaterThanOrEqual(added.live - without.live);
    expect(conf).toBeLessThan(10 * (added.conf - without.conf));
    expect(live).toBeLessThan(10 * (added.live - without.live));
  },
);

/** The same calculation as in nginx/lua/tidegate/live/space.lua. */
function occupied(key: string, text: string): number {
  const bytes = 68 + key.length + text.length;
  return bytes > 2048 ? Math.ceil(bytes / 4096) * 4096 : 2 ** Math.max(6, Math.ceil(Math.log2(bytes)));
}
function measured(snapshot: Snapshot) {
  const { artifact } = buildFixed(snapshot);
  let live = 0;
  for (const [key, text] of artifact.live) if (/^[rn]:/.test(key)) live += occupied(key, text);
  return { conf: artifact.conf.length, live };
}
