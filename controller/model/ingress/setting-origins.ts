/** Where the settings in force for an Ingress come from. This is computed only when somebody asks for it. */
import type { V1Ingress } from '@kubernetes/client-node';
import { shown } from '../../types/left-out.ts';
import { shorten } from '../../types/problem.ts';
import type { SettingOrigin } from '../../types/setting-origin.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import { ingressRef, keyOf } from '../contract/object-ref.ts';
import type { BuildOptions } from '../contract/options.ts';
import type { SettingKey } from '../contract/setting.ts';
import type { AnnotationKey } from '../features/annotation.ts';
import { FEATURES, parseAnnotations, writtenName } from '../features/annotations.ts';
import { settingsOf } from '../settings/settings-of.ts';
import { SETTING_KEYS } from '../settings/settings.ts';

function defaultText({ written, fallback }: SettingKey<unknown>): string {
  if (written !== undefined) return written;
  if (Array.isArray(fallback)) return fallback.join(',');
  return typeof fallback === 'object' || fallback === undefined ? '' : `${fallback as string | number | boolean}`;
}

/** The value of a key of the ConfigMap that applies because an Ingress lacks the annotation. */
function ofSetting(name: string, texts: ReadonlyMap<string, string>, configMap: string): readonly SettingOrigin[] {
  const key = SETTING_KEYS.get(name);
  if (key === undefined) return [];
  const text = texts.get(name);
  const value = key.secret === true ? '[redacted]' : shorten(text ?? defaultText(key));
  const from =
    text === undefined ? ({ from: 'default' } as const) : ({ from: 'configmap', object: configMap } as const);
  return [{ name, value, ...from, scope: 'location' }];
}

function ignoredBecause(name: string, { onInvalid, instead }: AnnotationKey<unknown>, unusable: ReadonlySet<string>) {
  if (!unusable.has(name)) return {};
  if (onInvalid === 'denied') return { ignored: 'it is invalid or forbidden, so the paths answer 503' };
  return { ignored: instead === undefined ? 'it is invalid' : 'it is invalid; the strictest value is in force' };
}

/**
 * The annotations of an Ingress that have a value, and the keys of the ConfigMap that supply the values of absent ones,
 * in the order of the features. `scope`: only settings of single paths, or only those of whole hosts.
 */
export function settingOrigins(
  ingress: V1Ingress,
  scope: SettingOrigin['scope'],
  snapshot: Snapshot,
  options: BuildOptions,
): readonly SettingOrigin[] {
  const { annotationsPrefix: prefix, configMap, bounds } = options;
  const { settings, texts } = settingsOf(snapshot, options);
  const ref = ingressRef(ingress);
  const present = ingress.metadata?.annotations ?? {};
  const { unusable } = parseAnnotations(ingress, ref, prefix, settings, bounds);
  return FEATURES.flatMap(({ keys }) =>
    Object.entries(keys).flatMap(([name, key]): readonly SettingOrigin[] => {
      if (key.scope !== scope) return [];
      const own = writtenName(present, prefix, name, key);
      const value = own === undefined ? '' : shown(present[`${prefix}/${own}`] ?? '').trim();
      const inherited = key.setting === undefined ? [] : ofSetting(key.setting, texts, configMap);
      if (own === undefined || (value === '' && key.emptyIsInvalid !== true)) return inherited;
      const ignored = ignoredBecause(name, key, unusable);
      const written = {
        name: own,
        value: shorten(value),
        from: 'annotation',
        object: keyOf(ref),
        scope,
        ...ignored,
      } as const;
      return 'ignored' in ignored ? [written, ...inherited] : [written];
    }),
  );
}
