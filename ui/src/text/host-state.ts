/** The most important thing about a host, in a few words. */
import type { AnswerOf } from '../../../controller/inspect/schema/endpoints.ts';
import { countText } from './format.ts';

export type HostItem = AnswerOf<'hosts'>['items'][number];

export interface HostState {
  readonly tone: 'good' | 'warn' | 'bad';
  readonly text: string;
}

/** The first of these that applies: it is what somebody should look at first. */
export function hostState(item: HostItem): HostState {
  const { withoutEndpoints, denied, errors, warnings } = item;
  if (withoutEndpoints > 0) return { tone: 'bad', text: `${countText(withoutEndpoints, 'path')} without endpoints` };
  if (errors > 0) return { tone: 'bad', text: countText(errors, 'error') };
  if (denied > 0) return { tone: 'warn', text: `${countText(denied, 'path')} denied` };
  if (warnings > 0) return { tone: 'warn', text: countText(warnings, 'warning') };
  return { tone: 'good', text: 'no Problems' };
}
