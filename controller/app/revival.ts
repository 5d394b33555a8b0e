/** Makes NGINX run again after it has ended or was replaced. */
import { setTimeout as sleep } from 'node:timers/promises';
import { backOffMs } from '../time/back-off.ts';
import type { Built } from './build.ts';

export interface RevivalOptions {
  /** Whether there is a build to start NGINX with; false once the controller is closed. */
  readonly hasBuild: () => boolean;
  /** The build to start NGINX with, if there is one. */
  readonly build: () => Promise<Built | undefined>;
  /** Starts NGINX, and reports the outcome. Resolves to whether NGINX runs. */
  readonly start: (built: Built) => Promise<boolean>;
  /** Called when NGINX runs again. */
  readonly revived: () => void;
}

export interface Revival {
  /** Starts NGINX after a pause, and again after longer pauses until it runs. */
  readonly begin: () => void;
  /**
   * Resolves when no start is under way. Until then, a change must not be applied: NGINX may be starting with the build
   * that contains the change, and a reload would be superfluous.
   */
  readonly underWay: () => Promise<void>;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 30_000;

export function createRevival({ hasBuild, build, start, revived }: RevivalOptions): Revival {
  let starting: Promise<unknown> | undefined;

  /** Starts NGINX. Resolves to whether NGINX runs; undefined if there is no build to start it with. */
  async function startAgain(): Promise<boolean | undefined> {
    const built = await build();
    return built !== undefined && hasBuild() ? start(built) : undefined;
  }

  async function revive(attempt: number): Promise<void> {
    await sleep(backOffMs(attempt, FIRST_PAUSE_MS, LONGEST_PAUSE_MS));
    if (!hasBuild()) return;
    const current = startAgain();
    starting = current;
    const runs = await current.finally(() => {
      if (starting === current) starting = undefined;
    });
    if (runs === undefined || !hasBuild()) return;
    if (!runs) return revive(attempt + 1);
    revived();
  }

  return {
    begin: () => void revive(1),
    underWay: async () => {
      await starting?.catch(() => undefined);
    },
  };
}
