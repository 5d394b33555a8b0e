import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytes, integer } from '../../types/conf-value.ts';
import { fittingPass, type PlaceBuffers } from './fitting-buffers.ts';
import { type PassDirective, passDirective } from '../contract/pass-directives.ts';

const OUTSIDE: PlaceBuffers = { head: 4096, count: 4, each: 4096, busy: 8192, tempFile: 1024 ** 3 };
const size = fc.constantFrom(1024, 4096, 12_288, 65_536, 64 * 1024 ** 2);

/** Directives that annotations or snippets may contain, each at most once. */
const directives = fc
  .record(
    {
      head: size.map((value) => passDirective('buffer_size', bytes(value))),
      buffers: fc
        .tuple(fc.integer({ min: 2, max: 64 }), size)
        .map(([count, each]) => passDirective('buffers', integer(count), bytes(each))),
      busy: size.map((value) => passDirective('busy_buffers_size', bytes(value))),
      tempFile: fc.constantFrom(0, 1, 4096, 1024 ** 3).map((v) => passDirective('max_temp_file_size', bytes(v))),
    },
    { requiredKeys: [] },
  )
  .map((found) => Object.values(found));

/** Checks what ngx_http_proxy_merge_loc_conf requires. */
function expectAccepted({ head, count, each, busy, tempFile }: PlaceBuffers): void {
  const largest = Math.max(head, each);
  expect(busy).toBeGreaterThanOrEqual(largest);
  expect(busy).toBeLessThanOrEqual((count - 1) * each);
  expect(tempFile === 0 || tempFile >= largest).toBe(true);
}

const text = (pass: readonly PassDirective[]) =>
  pass.map(({ suffix, args }) => `${suffix} ${args.map(({ conf }) => conf).join(' ')}`);

test('fitted buffer sizes meet the conditions of nginx at each of two nested levels', () => {
  fc.assert(
    fc.property(directives, directives, (server, location) => {
      const outer = fittingPass(server, OUTSIDE);
      expectAccepted(outer.buffers);
      const inner = fittingPass(location, outer.buffers);
      expectAccepted(inner.buffers);
      // The directives agree with the reported buffers, and fitting them again changes nothing.
      expect(fittingPass(inner.pass, outer.buffers)).toEqual({ ...inner, changed: [] });
    }),
  );
});

test('buffer sizes that fit together are written unchanged, and no other sizes are added', () => {
  const own = [passDirective('read_timeout', bytes(5)), passDirective('buffer_size', bytes(8192))];
  expect(text(fittingPass(own, OUTSIDE).pass)).toEqual(['read_timeout 5', 'buffer_size 8k']);
  expect(fittingPass([], OUTSIDE)).toEqual({ pass: [], buffers: OUTSIDE, changed: [] });
});

test('a change to a requested buffer size is reported, but a change to an inherited size is not', () => {
  const large = fittingPass([passDirective('busy_buffers_size', bytes(1024 ** 2))], OUTSIDE);
  expect(large.changed).toEqual(['proxy_busy_buffers_size 1m conflicts with the other buffers; 12k is used']);
  const head = fittingPass([passDirective('buffer_size', bytes(65_536))], OUTSIDE);
  expect(text(head.pass)).toEqual(['buffer_size 64k', 'buffers 4 64k', 'busy_buffers_size 64k']);
  expect(head.changed).toEqual([]);
});
