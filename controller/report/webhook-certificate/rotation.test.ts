import { describe, expect, it } from 'vitest';
import {
  bundleOf,
  isSignedBy,
  materialData,
  NO_MATERIAL,
  readAuthorities,
  readMaterial,
  type WebhookMaterial,
} from './material.ts';
import { rotate } from './rotate.ts';
import { dueRotation, servingFault } from './rotation.ts';
import { CERTIFICATE_TIMES } from './times.ts';

const NAMES = ['ingress-nginx-controller-admission.ingress-nginx.svc'];
const START = Date.UTC(2030, 0, 1);
const DAY = 24 * 60 * 60_000;
const times = CERTIFICATE_TIMES;

async function next(material: WebhookMaterial, now: number, trusted = material.authorities, names = NAMES) {
  const step = await rotate(material, trusted, names, times, now);
  return { ...step, material: step.data === undefined ? material : readMaterial(step.data) };
}

/** Steps until nothing is due. */
async function settled(given: WebhookMaterial, now: number, trusted = given.authorities): Promise<WebhookMaterial> {
  let material = given;
  for (;;) {
    const step = await next(material, now, trusted);
    if (step.data === undefined) return material;
    ({ material } = step);
  }
}

async function fresh(now = START): Promise<WebhookMaterial> {
  return settled(NO_MATERIAL, now, []);
}

describe('the certificates of the webhook', () => {
  it('are made in two steps if the Secret is empty, and are then left alone for months', async () => {
    const first = await next(NO_MATERIAL, START, []);
    expect([first.urgent, first.signs]).toEqual([true, false]);
    expect(first.done).toEqual(['made a new CA, because there is no CA']);
    expect(first.material.serving).toBeUndefined();
    const second = await next(first.material, START);
    expect([second.urgent, second.signs]).toEqual([true, true]);
    expect(second.done).toEqual([
      `issued a serving certificate for ${NAMES[0]}, because there is no serving certificate with its key`,
    ]);
    const { material } = second;
    expect(bundleOf(material.authorities)).toBe(bundleOf(first.authorities));
    expect(material.serving?.ends).toBe(START + times.servingMs);
    expect(material.serving?.x509.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(isSignedBy(material.serving!, material.authorities[0])).toBe(true);
    const third = await next(material, START + 60_000);
    expect([third.data, third.done]).toEqual([undefined, []]);
    expect(third.next).toBe(START + (2 / 3) * times.servingMs);
  });

  it('are valid for a server whose clock is slow', async () => {
    const { serving, authorities } = await fresh();
    for (const each of [serving!, authorities[0]!]) expect(each.begins).toBe(START - times.backdatedMs);
  });

  it('get a new serving certificate of the same CA after two thirds of its lifetime', async () => {
    const before = await fresh();
    const step = await next(before, START + Math.ceil((2 / 3) * times.servingMs));
    expect(step.done).toEqual([
      expect.stringMatching(/^issued a serving certificate for .*two thirds of the serving certificate's lifetime/),
    ]);
    expect(step.urgent).toBe(false);
    expect(bundleOf(step.authorities)).toBe(bundleOf(before.authorities));
    expect(step.material.serving?.ends).toBeGreaterThan(before.serving!.ends);
  });

  it('are replaced over decades without a moment at which a replica would be refused', async () => {
    let now = START;
    let material = await fresh(now);
    let trusted = material.authorities;
    /** What slow replicas may still serve: each certificate that was replaced at most a day ago. */
    let served: { readonly material: WebhookMaterial; readonly until: number }[] = [];
    const made = { authorities: 0, serving: 0, steps: 0 };
    while (now < START + 25 * 365 * DAY) {
      const step = await next(material, now, trusted);
      if (step.data === undefined) {
        expect(step.next).toBeGreaterThan(now);
        now = step.next;
        continue;
      }
      made.steps += 1;
      if (step.authorities[0]?.pem !== material.authorities[0]?.pem) made.authorities += 1;
      if (step.material.serving?.pem !== material.serving?.pem) made.serving += 1;
      served.push({ material, until: now + times.overlapMs - 1 });
      ({ material } = step);
      trusted = step.authorities;
      served = served.filter(({ until }) => until >= now);
      for (const old of [...served.map((each) => each.material), material]) {
        const { serving } = old;
        expect(servingFault({ ...old, authorities: trusted, serving }, NAMES, now)).toBeUndefined();
      }
      expect(trusted.length).toBeLessThanOrEqual(2);
    }
    expect(made.authorities).toBe(3);
    expect(made.serving).toBeGreaterThan(35);
    expect(made.steps).toBeLessThan(60);
  });

  it('keep the previous CA trusted until replicas had a day to read the new certificate', async () => {
    const old = await fresh();
    let now = START + Math.ceil((2 / 3) * times.authorityMs);
    const renewed = (await next(old, START + 6 * 365 * DAY)).material;
    const added = await next(renewed, now);
    expect(added.authorities).toHaveLength(2);
    expect(added.material.serving?.pem).toBe(renewed.serving?.pem);
    now += times.spreadMs;
    const signed = await next(added.material, now);
    expect(signed.done).toEqual([expect.stringMatching(/because a new CA signs from now on$/)]);
    expect(signed.authorities).toHaveLength(2);
    expect((await next(signed.material, now + times.overlapMs - 1000)).authorities).toHaveLength(2);
    const dropped = await next(signed.material, now + times.overlapMs);
    expect(dropped.authorities.map(({ pem }) => pem)).toEqual([signed.authorities[0]?.pem]);
    expect(dropped.done).toEqual(['stopped trusting previous CAs (1)']);
  });

  it('are repaired after damage, and the CAs in the webhook configuration stay trusted', async () => {
    const dataOf = ({ authorities, authorityKey = '', serving }: WebhookMaterial) =>
      materialData(authorities, authorityKey, serving);
    const good = await fresh();
    const [data, other] = [dataOf(good), dataOf(await fresh())];
    const cut = (name: string) => ({ ...data, [name]: data[name]!.slice(0, 200) });
    const foreign = { ...data, 'tls.key': other['tls.key']! };
    const without = Object.fromEntries(Object.entries(data).filter(([name]) => name !== 'ca.crt'));
    for (const broken of [{}, cut('tls.crt'), cut('tls.key'), cut('ca.crt'), foreign, without]) {
      expect((await next(readMaterial(broken), START + DAY, good.authorities)).urgent).toBe(true);
      const mended = await settled(readMaterial(broken), START + DAY, good.authorities);
      expect(servingFault(mended, NAMES, START + DAY)).toBeUndefined();
      expect(mended.authorities.map(({ pem }) => pem)).toContain(good.authorities[0]?.pem);
    }
    // The serving certificate is still good, so it stays until API servers know the new CA.
    const step = await next(readMaterial({ ...data, 'ca.key': other['ca.key']! }), START + DAY);
    expect([step.urgent, step.authorities.length]).toEqual([false, 2]);
    expect(step.material.serving?.pem).toBe(good.serving?.pem);
  });

  it('are issued again if the webhook has another name, or an IP address', async () => {
    const material = await fresh();
    for (const name of ['other.ingress-nginx.svc', '192.0.2.1', '2001:db8::1']) {
      const step = await next(material, START + DAY, material.authorities, [name]);
      expect(step.done).toEqual([expect.stringContaining(`is not valid for ${name}`)]);
      expect(servingFault(step.material, [name], START + DAY)).toBeUndefined();
    }
  });

  it('are not replaced by a controller whose clock is behind', async () => {
    const material = await fresh();
    expect(dueRotation(material, NAMES, times, START - 30 * DAY)).toMatchObject({
      authority: undefined,
      serving: undefined,
    });
  });
});

describe('reading certificates', () => {
  it('leaves out whatever is not a CA, and reads at most 16 CAs and 64 KiB', async () => {
    const { authorities, serving } = await fresh();
    const ca = authorities[0]!.pem;
    expect(readAuthorities(`text ${serving!.pem} ${ca} -----BEGIN CERTIFICATE-----\nAAAA`)).toHaveLength(1);
    expect(readAuthorities(ca.repeat(40))).toHaveLength(16);
    expect(readAuthorities(' '.repeat(65_536) + ca)).toHaveLength(0);
  });
});
