/** Runs Jobs on an API server without a kubelet and a Job controller. A test defines what each Job does. */
import type { V1Job, V1JobList } from '@kubernetes/client-node';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kubectl } from '../apiserver/kubectl.ts';

export interface Hooks {
  /** The names of the Jobs that have run, in order. */
  readonly ran: readonly string[];
  stop(): Promise<void>;
}

const LOOK_MS = 300;

/** Calls `run` for each new Job of a namespace. The Job is then marked as complete or, if `run` throws, as failed. */
export function runHooks(kubectl: Kubectl, namespace: string, run: (job: V1Job) => Promise<void>): Hooks {
  const ran: string[] = [];
  const seen = new Set<string>();
  const ended = new AbortController();

  async function finish({ metadata }: V1Job, failure: string | undefined, startTime: string): Promise<void> {
    const completionTime = new Date().toISOString();
    const types = failure === undefined ? ['SuccessCriteriaMet', 'Complete'] : ['FailureTarget', 'Failed'];
    const conditions = types.map((type) => ({
      type,
      status: 'True',
      lastTransitionTime: completionTime,
      lastProbeTime: completionTime,
      reason: failure === undefined ? 'CompletionsReached' : 'BackoffLimitExceeded',
      message: failure ?? '',
    }));
    const counted = failure === undefined ? { succeeded: 1, completionTime } : { failed: 1 };
    const status = { startTime, conditions, uncountedTerminatedPods: {}, ready: 0, terminating: 0, ...counted };
    const target = ['patch', 'job', '--namespace', namespace, metadata?.name ?? '', '--subresource=status'];
    await kubectl.run([...target, '--type=merge', '--patch', JSON.stringify({ status })]);
  }

  async function look(): Promise<void> {
    const { items } = JSON.parse(await kubectl.run(['get', 'jobs', '-n', namespace, '-o', 'json'])) as V1JobList;
    for (const job of items) {
      const { uid = '', name = '' } = job.metadata ?? {};
      if (seen.has(uid)) continue;
      seen.add(uid);
      const started = new Date().toISOString();
      const failure = await run(job).then(
        () => undefined,
        (error: unknown) => String(error),
      );
      ran.push(name);
      await finish(job, failure, started);
    }
  }

  const looking = (async () => {
    while (!ended.signal.aborted) {
      // A Job may have been deleted. If an error matters, helm reports it.
      await look().catch((error: unknown) => console.error(String(error)));
      await sleep(LOOK_MS);
    }
  })();
  return {
    ran,
    async stop() {
      ended.abort();
      await looking;
    },
  };
}
