/** Builds with the stages of the controller, and checks the resulting nginx.conf with the NGINX of this machine. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Build, createBuild, type StaticOptions } from '../../app/build.ts';
import { createPair } from '../../app/fallback-certificate.ts';
import { LUA_DIRECTORY, START_COMMAND, STREAM_DIRECTORY } from '../../cli/stages.ts';
import { createNginx, readCapabilities } from '../../nginx/index.ts';
import { createRender } from '../../render/render.ts';
import type { Artifact } from '../../types/artifact.ts';
import type { CheckResult } from '../../types/outcome.ts';
import { MODEL_OPTIONS, TEMPLATES } from '../build-fixed.ts';

export interface Judge {
  readonly version: string;
  readonly folder: string;
  /** Returns a new builder, which shares no results with others. */
  newBuild(more?: Partial<StaticOptions>): Build;
  test(artifact: Artifact): Promise<CheckResult>;
  end(): Promise<void>;
}

export async function startJudge(): Promise<Judge> {
  const found = await readCapabilities();
  if ('missing' in found) throw new Error(`missing: ${found.missing.join(', ')}`);
  // NGINX is only tested, not started, so workers need no access to the folder.
  const capabilities = { ...found, user: null };
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-values-'));
  const fallbackCertificate = await createPair();
  const render = createRender(TEMPLATES, {
    capabilities,
    luaDirectory: LUA_DIRECTORY,
    stream: { codeDirectory: STREAM_DIRECTORY, port: 10_247 },
    runDirectory: folder,
    httpPort: 8080,
    httpsPort: 8443,
    // A large dictionary would slow down `nginx -t`, which reserves its memory.
    liveSize: '1m',
    fallbackCertificate,
  });
  const nginx = createNginx({ runDir: folder, startCommand: START_COMMAND, capabilities });
  await nginx.open();
  return {
    version: capabilities.version,
    folder,
    newBuild: (more = {}) =>
      createBuild(
        {
          ...MODEL_OPTIONS,
          fallbackCertificate,
          brotli: found.brotli !== undefined,
          http3Obstacle: found.http3 ? null : 'needs an NGINX with HTTP/3',
          ...more,
        },
        () => render,
      ),
    test: (artifact) => nginx.check(artifact),
    end: async () => {
      await nginx.release();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
