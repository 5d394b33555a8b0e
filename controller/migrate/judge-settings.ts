/** The verdicts on the keys of the ConfigMap and on the flags of the old controller. */
import { formatObject, type ObjectRef, shorten } from '../types/problem.ts';
import { SETTING_KEYS } from '../model/settings/settings.ts';
import { keyOf } from '../model/contract/object-ref.ts';
import type { Condition } from './conditions.ts';
import { ofInstallation, ofInvalid } from './differences/lookup.ts';
import type { Evidence } from './judge-ingress.ts';
import { judged, reported } from './judge-key.ts';
import type { JudgedKey, MigrationReport } from './report.ts';
import type { World } from './world.ts';

/** A flag of the old controller. */
export interface WrittenFlag {
  readonly name: string;
  readonly value: string;
  /** Why the flag has no effect in Tidegate; undefined if it has one. */
  readonly idle?: string;
  /** Why the flag, or its value, is not accepted; undefined if it is. */
  readonly fault?: string;
}

/** Conditions that do not depend on an Ingress. */
function inWorld({ settings, options }: World): (when: Condition) => boolean {
  return (when) =>
    (when === 'forwarded-headers' && settings['use-forwarded-headers']) ||
    (when === 'passthrough-enabled' && options.sslPassthrough);
}

export function judgeConfigMap(object: ObjectRef, evidence: Evidence): MigrationReport['configMap'] {
  const { world, locate, problemsOf } = evidence;
  const data = world.snapshot.ConfigMap.get(keyOf(object))?.data;
  if (data === undefined) return null;
  const problems = problemsOf.get(formatObject(object)) ?? [];
  const keys = Object.entries(data).map(([name, value]): JudgedKey => {
    const own = problems.filter(({ field }) => field?.[0] === 'data' && field[1] === name);
    const place = locate(object, ['data', name]);
    return {
      name,
      ...(SETTING_KEYS.get(name)?.secret !== true && { value: shorten(value) }),
      ...judged(own, name, ofInstallation(`configmap:${name}`, inWorld(world)), () => ofInvalid(`configmap:${name}`)),
      problems: own.map((each) => reported(each, locate)),
      ...(place !== undefined && { place }),
    };
  });
  return { object, keys };
}

/** Flags whose values nobody should read in a report. */
export const CONFIDENTIAL: ReadonlySet<string> = new Set(['maxmind-license-key']);

export function judgeFlags(flags: readonly WrittenFlag[], world: World): readonly JudgedKey[] {
  return flags.map(({ name, value, idle, fault }) => {
    const shown = CONFIDENTIAL.has(name) ? {} : { value: shorten(value) };
    const differences = ofInstallation(`--${name}`, inWorld(world));
    const said = fault ?? idle;
    const differs = differences.some(({ detail }) => !detail);
    return {
      name: `--${name}`,
      ...shown,
      verdict: fault !== undefined ? 'refused' : idle !== undefined ? 'no-effect' : differs ? 'differs' : 'same',
      problems:
        said === undefined
          ? []
          : [
              {
                code: fault === undefined ? 'idle-flag' : 'invalid-flag',
                severity: fault === undefined ? 'notice' : 'error',
                text: said,
                closes: false,
                changes: fault !== undefined,
              },
            ],
      differences,
    };
  });
}
