/**
 * A stage that all tests of a file share. The stage is started before the first test, reset before each test, and
 * stopped after the last test.
 */
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { startStage } from './balancing-stage.ts';
import type { Stage } from './balancing-stage.ts';

/**
 * Call it once, outside tests; the returned stage may be used only in tests. `http` is inserted into the http block of
 * nginx.conf.
 */
export function stageOfFile(http = ''): Stage {
  let stage: Stage | undefined;
  beforeAll(async () => {
    stage = await startStage(http);
  });
  afterAll(async () => stage?.stop());
  beforeEach(() => stage?.begin());
  return new Proxy<Stage>(Object.create(null) as Stage, {
    get(_, name): unknown {
      if (stage === undefined) throw new Error('the stage is used before it is started');
      return Reflect.get(stage, name);
    },
  });
}
