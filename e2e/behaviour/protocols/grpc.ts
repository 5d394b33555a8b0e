/** Tests of every kind of gRPC call, and of the errors that callers receive. */
import { once } from 'node:events';
import { connect } from 'node:http2';
import type { ClientHttp2Session } from 'node:http2';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hostOf } from '../site.ts';
import { call } from './grpc-client.ts';
import type { Stage } from './stage.ts';

const OK = { code: 0, message: '', httpStatus: 200 };

/** Defines the tests. `stage` is called within them. */
export function testGrpc(stage: () => Stage): void {
  let session: ClientHttp2Session;
  beforeAll(() => {
    session = connect(`https://127.0.0.1:${stage().instance.httpsPort}`, {
      rejectUnauthorized: false,
      servername: hostOf('grpc'),
    });
  });
  afterAll(() => session.destroy());

  for (const site of ['grpc', 'grpcs']) {
    const host = hostOf(site);

    it(`${site}: NGINX forwards a unary call with its metadata, deadline and trailers`, async () => {
      const unary = call(session, host, 'Unary', { 'x-trace-bin': 'AAEC/w==', 'grpc-timeout': '5S' });
      unary.send('hello');
      unary.done();
      expect(await unary.receive()).toBe('hello');
      expect(await unary.outcome()).toEqual(OK);
      const wanted = { 'content-type': 'application/grpc', 'x-trace-bin': 'AAEC/w==', 'x-te': 'trailers' };
      expect(await unary.headers()).toMatchObject({ ...wanted, 'x-timeout': '5S' });
    });

    it(`${site}: NGINX forwards each message of a stream to the client immediately`, async () => {
      // NGINX 1.22 sends the headers only with the first message, so the test learns from the server that the call has
      // begun.
      const begun = once(stage().grpc.events, 'begun', { signal: AbortSignal.timeout(5000) });
      const watch = call(session, host, 'Watch');
      watch.done();
      await begun;
      for (let i = 0; i < 5; i += 1) {
        stage().grpc.give(`event ${i}`);
        expect(await watch.receive()).toBe(`event ${i}`);
      }
      stage().grpc.give(undefined);
      expect(await watch.outcome()).toEqual(OK);
    });

    it(`${site}: NGINX forwards each message of a stream to the server immediately`, async () => {
      const sum = call(session, host, 'Sum');
      for (const text of ['a', 'b', 'c']) {
        const arrived = once(stage().grpc.events, 'message', { signal: AbortSignal.timeout(5000) });
        sum.send(text);
        expect(await arrived).toEqual([text]);
      }
      sum.done();
      expect(await sum.receive()).toBe('a+b+c');
      expect(await sum.outcome()).toEqual(OK);
    });

    it(`${site}: NGINX forwards streams in both directions at once`, async () => {
      const chats = Array.from({ length: 10 }, () => call(session, host, 'Chat'));
      for (let round = 0; round < 20; round += 1) {
        chats.forEach((chat, i) => chat.send(`${i}: ${round}`));
        const heard = await Promise.all(chats.map((chat) => chat.receive()));
        expect(heard).toEqual(chats.map((_, i) => `${i}: ${round}`));
      }
      for (const chat of chats) chat.done();
      for (const chat of chats) expect(await chat.outcome()).toEqual(OK);
    });
  }

  it('NGINX forwards large messages, and refuses messages above proxy-body-size with 413', async () => {
    const text = 'x'.repeat(900_000);
    const unary = call(session, hostOf('grpc'), 'Unary');
    unary.send(text);
    unary.done();
    expect(await unary.receive()).toBe(text);
    const larger = call(session, hostOf('grpc'), 'Hang');
    larger.send('x'.repeat(1_100_000));
    larger.done();
    expect((await larger.outcome()).httpStatus).toBe(413);
  });

  it('NGINX forwards the gRPC status of the server, before and after the first message', async () => {
    const early = call(session, hostOf('grpc'), 'Fail');
    early.done();
    expect(await early.outcome()).toEqual({ code: 7, message: 'not you', httpStatus: 200 });
    const late = call(session, hostOf('grpc'), 'FailLate');
    late.send('x');
    expect(await late.receive()).toBe('x');
    late.done();
    expect(await late.outcome()).toEqual({ code: 13, message: 'half way', httpStatus: 200 });
  });

  it('NGINX cancels the call to the server when the client cancels its call', async () => {
    const { events } = stage().grpc;
    const begun = once(events, 'begun');
    const hang = call(session, hostOf('grpc'), 'Hang');
    await begun;
    const cancelled = once(events, 'cancelled', { signal: AbortSignal.timeout(5000) });
    hang.cancel();
    await cancelled;
    const next = call(session, hostOf('grpc'), 'Unary');
    next.done();
    expect(await next.outcome()).toEqual(OK);
  });

  // The gRPC codes are 7 PERMISSION_DENIED, 12 UNIMPLEMENTED and 14 UNAVAILABLE.
  const FAILURES = [
    ['grpc-dead', 'Unary', 502, 14],
    ['grpc-nobody', 'Unary', 503, 14],
    ['grpc-denied', 'Unary', 403, 7],
    ['unknown', 'Unary', 404, 12],
    ['grpc-slow', 'Hang', 504, 14],
  ] as const;
  for (const [site, method, httpStatus, code] of FAILURES) {
    it(`${site}: NGINX responds with ${httpStatus}, which gRPC clients report as code ${code}`, async () => {
      const failing = call(session, hostOf(site), method);
      failing.send('x');
      failing.done();
      expect(await failing.outcome()).toEqual({ code, message: '', httpStatus });
    });
  }
}
