import { createSocket } from 'node:dgram';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { eventually } from '../../e2e/runner/eventually.ts';
import { type DnsAnswer, resolveByDns, watchNames } from './dns-names.ts';

/**
 * A DNS server on loopback that knows A (type 1) and AAAA (28) records by name. Other names do not exist. For the
 * record types in `failing`, it responds with SERVFAIL.
 */
async function dnsServer(
  records: Readonly<Record<string, { type: 1 | 28; data: readonly number[]; ttl: number }[]>>,
  failing: ReadonlySet<number> = new Set(),
) {
  const socket = createSocket('udp4');
  socket.on('message', (query, peer) => {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const question = query.subarray(12, at + 5);
    const type = query.readUInt16BE(at + 1);
    const fails = failing.has(type);
    const answers = fails ? [] : (records[labels.join('.')] ?? []).filter((record) => record.type === type);
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(fails ? 0x8182 : labels.join('.') in records ? 0x8180 : 0x8183, 2);
    [1, answers.length, 0, 0].forEach((count, index) => header.writeUInt16BE(count, 4 + index * 2));
    const body = answers.map(({ data, ttl }) => {
      const record = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, data.length, ...data]);
      record.writeUInt32BE(ttl, 6);
      return record;
    });
    socket.send(Buffer.concat([header, question, ...body]), peer.port, peer.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return { servers: [`127.0.0.1:${socket.address().port}`], close: () => socket.close() };
}

describe('real DNS', () => {
  test('resolveByDns() returns A records, or else AAAA records, and fails if a name has neither', async () => {
    const { servers, close } = await dnsServer({
      'four.example.com': [
        { type: 1, data: [192, 0, 2, 2], ttl: 30 },
        { type: 1, data: [192, 0, 2, 1], ttl: 7 },
      ],
      'six.example.com': [{ type: 28, data: [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], ttl: 9 }],
    });
    try {
      expect(await resolveByDns('four.example.com', servers)).toEqual({
        addresses: ['192.0.2.1', '192.0.2.2'],
        ttl: 7,
      });
      expect(await resolveByDns('six.example.com', servers)).toEqual({ addresses: ['2001:db8::1'], ttl: 9 });
      await expect(resolveByDns('none.invalid', servers)).rejects.toThrow();
    } finally {
      close();
    }
  });
});

const FOUR = { type: 1, data: [192, 0, 2, 1], ttl: 1 } as const;
const SIX = { type: 28, data: [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], ttl: 1 } as const;

describe('DNS that fails', () => {
  test('a failed query for A records does not lead to AAAA records', async () => {
    const failing = new Set([1]);
    const { servers, close } = await dnsServer({ 'both.invalid': [FOUR, SIX] }, failing);
    try {
      await expect(resolveByDns('both.invalid', servers)).rejects.toThrow();
      failing.clear();
      expect((await resolveByDns('both.invalid', servers)).addresses).toEqual(['192.0.2.1']);
    } finally {
      close();
    }
  });

  test('known addresses stay in use while DNS fails, and new ones are found when DNS works again', async () => {
    const failing = new Set<number>();
    const records: Record<string, { type: 1 | 28; data: readonly number[]; ttl: number }[]> = {
      'db.invalid': [FOUR],
    };
    const { servers, close } = await dnsServer(records, failing);
    const seen: (readonly string[] | undefined)[] = [];
    let asked = 0;
    const watch = watchNames(
      (names) => seen.push(names.get('db.invalid')),
      (name) => {
        asked += 1;
        return resolveByDns(name, servers);
      },
    );
    try {
      watch.set(['db.invalid']);
      await eventually(() => expect(seen).toEqual([['192.0.2.1']]));
      failing.add(1).add(28);
      const before = asked;
      await eventually(() => expect(asked).toBeGreaterThan(before + 1));
      records['db.invalid'] = [{ ...FOUR, data: [192, 0, 2, 2] }];
      failing.clear();
      await eventually(() => expect(seen).toEqual([['192.0.2.1'], ['192.0.2.2']]));
    } finally {
      watch.close();
      close();
    }
  }, 30_000);
});

describe('the watch of DNS names', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function setUp(answers: Record<string, () => DnsAnswer>) {
    const asked: string[] = [];
    const seen: Record<string, readonly string[]>[] = [];
    const watch = watchNames(
      (names) => seen.push(Object.fromEntries(names)),
      async (name) => {
        asked.push(name);
        const answer = answers[name];
        if (answer === undefined) throw new Error('NXDOMAIN');
        return answer();
      },
    );
    return { asked, seen, watch };
  }

  test('a name is queried again after its TTL, and reported only if its addresses changed', async () => {
    let address = '192.0.2.1';
    const { asked, seen, watch } = setUp({ 'db.example.com': () => ({ addresses: [address], ttl: 20 }) });
    watch.set(['db.example.com']);
    await vi.advanceTimersByTimeAsync(0);
    expect(seen).toEqual([{ 'db.example.com': ['192.0.2.1'] }]);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(asked).toHaveLength(2);
    expect(seen).toHaveLength(1);
    address = '192.0.2.2';
    await vi.advanceTimersByTimeAsync(20_000);
    expect(seen.at(-1)).toEqual({ 'db.example.com': ['192.0.2.2'] });
    watch.close();
  });

  test('a name that no longer resolves has its last addresses; one that never resolved has no addresses', async () => {
    let fails = false;
    const { seen, watch } = setUp({
      'db.example.com': () => {
        if (fails) throw new Error('SERVFAIL');
        return { addresses: ['192.0.2.1'], ttl: 5 };
      },
    });
    watch.set(['db.example.com', 'missing.example.com']);
    await vi.advanceTimersByTimeAsync(0);
    fails = true;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(seen.at(-1)).toEqual({ 'db.example.com': ['192.0.2.1'], 'missing.example.com': [] });
    watch.close();
  });

  test('names that cannot be resolved are queried at growing intervals', async () => {
    const { asked, watch } = setUp({});
    watch.set(['missing.example.com']);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.length).toBeLessThan(20);
    watch.close();
  });

  test('only four failing names are queried at the same time, and other names do not wait for them', async () => {
    let pending = 0;
    let most = 0;
    let good = 0;
    const refused = new Set<string>();
    const watch = watchNames(
      () => {},
      async (name) => {
        if (name === 'good.example.com') {
          good += 1;
          return { addresses: ['192.0.2.1'], ttl: 5 };
        }
        if (!refused.has(name)) {
          refused.add(name);
          throw new Error('SERVFAIL');
        }
        pending += 1;
        most = Math.max(most, pending);
        return new Promise<DnsAnswer>(() => {});
      },
    );
    watch.set(['good.example.com', ...Array.from({ length: 50 }, (_, i) => `bad${i}.example.com`)]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(refused.size).toBe(50);
    expect(most).toBe(4);
    expect(good).toBeGreaterThan(10);
    watch.close();
  });

  test('a TTL of 0 counts as one second, and a TTL of one day as five minutes', async () => {
    const { asked, watch } = setUp({
      'zero.example.com': () => ({ addresses: ['192.0.2.1'], ttl: 0 }),
      'day.example.com': () => ({ addresses: ['192.0.2.2'], ttl: 86_400 }),
    });
    watch.set(['zero.example.com', 'day.example.com']);
    await vi.advanceTimersByTimeAsync(300_500);
    expect(asked.filter((name) => name === 'zero.example.com')).toHaveLength(301);
    expect(asked.filter((name) => name === 'day.example.com')).toHaveLength(2);
    watch.close();
  });

  test('a name that is no longer requested is neither queried nor reported', async () => {
    const { asked, seen, watch } = setUp({
      'a.example.com': () => ({ addresses: ['192.0.2.1'], ttl: 5 }),
      'b.example.com': () => ({ addresses: ['192.0.2.2'], ttl: 5 }),
    });
    watch.set(['a.example.com']);
    await vi.advanceTimersByTimeAsync(0);
    watch.set(['b.example.com']);
    const before = asked.filter((name) => name === 'a.example.com').length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked.filter((name) => name === 'a.example.com')).toHaveLength(before);
    expect(seen.at(-1)).toEqual({ 'b.example.com': ['192.0.2.2'] });
    watch.close();
  });
});
