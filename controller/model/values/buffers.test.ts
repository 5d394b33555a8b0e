/** The expectations are the checks of nginx: ngx_http_proxy_merge_loc_conf in ngx_http_proxy_module.c. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitBuffers, misfits } from './buffers.ts';

const size = fc.integer({ min: 1024, max: 1024 ** 2 });
const sizes = fc.record({
  size,
  count: fc.integer({ min: 2, max: 64 }),
  busy: fc.option(size, { nil: undefined }),
  tempFile: fc.integer({ min: 0, max: 1024 ** 2 }),
});

test('fitted buffer sizes meet the conditions of nginx, and sizes that already meet them do not change', () => {
  fc.assert(
    fc.property(sizes, (wanted) => {
      const { busy, tempFile } = fitBuffers(wanted);
      expect(busy).toBeGreaterThanOrEqual(wanted.size);
      expect(busy).toBeLessThanOrEqual((wanted.count - 1) * wanted.size);
      expect(tempFile === 0 || tempFile >= wanted.size).toBe(true);
      const fine = { ...wanted, busy, tempFile };
      expect(fitBuffers(fine)).toEqual(fine);
      expect(misfits(fine, fitBuffers(fine))).toEqual({});
    }),
  );
});

test('if there are two buffers, one of them may be busy', () => {
  expect(fitBuffers({ size: 4096, count: 2, busy: undefined, tempFile: 0 }).busy).toBe(4096);
});
