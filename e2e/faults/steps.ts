/** The steps of applying a change, at which the controller calls functions of Node. */

/** The steps of a change that needs a reload, in chronological order. */
export const APPLY_STEPS = [
  'candidate: before it is written',
  'candidate: written',
  'test: nginx -t runs',
  'test: nginx -t has ended',
  'keys: before they are sent',
  'keys: NGINX has answered',
  'conf: before the rename',
  'conf: renamed',
  'reload: before SIGHUP',
  'reload: SIGHUP sent',
] as const;

/** The steps of writing live data to live.data, which occur with every change to endpoints. */
export const JOURNAL_STEPS = [
  'journal: before a batch is appended',
  'journal: half of a batch appended',
  'journal: batch appended',
] as const;

/** The steps of rewriting a live.data that has become too large. */
export const COMPACTION_STEPS = [
  'compaction: before the draft',
  'compaction: half of the draft written',
  'compaction: before the rename',
  'compaction: renamed',
] as const;

export type Step = (typeof APPLY_STEPS)[number] | (typeof JOURNAL_STEPS)[number] | (typeof COMPACTION_STEPS)[number];

/**
 * `kill`: the controller is killed at the step. `hold`: it is blocked until the test resumes it, at most 10 s.
 */
export type Order = 'kill' | 'hold';
