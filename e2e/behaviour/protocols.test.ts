/** Tests of protocols between clients and backends, with one instance between them. */
import { afterAll, beforeAll, describe } from 'vitest';
import { testGrpc } from './protocols/grpc.ts';
import { testHttp1 } from './protocols/http1.ts';
import { testHttp2 } from './protocols/http2.ts';
import { testSmuggling } from './protocols/smuggling.ts';
import { testStreams } from './protocols/streams.ts';
import { startStage } from './protocols/stage.ts';
import type { Stage } from './protocols/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
}, 60_000);

afterAll(async () => {
  await stage?.stop();
});

describe('HTTP/1', () => {
  testHttp1(() => stage);
});
describe('request smuggling', () => {
  testSmuggling(() => stage);
});
describe('gRPC', () => {
  testGrpc(() => stage);
});
describe('streamed responses, WebSockets and ranges of files', () => {
  testStreams(() => stage);
});
describe('HTTP/2', () => {
  testHttp2(() => stage);
});
