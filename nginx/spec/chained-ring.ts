/**
 * The ring of ingress-nginx, implemented according to its definition and independently of nginx/lua. An endpoint of
 * weight 1 has 160 points. Each point is the CRC-32 of the endpoint's `address:port` followed by the previous point
 * (little-endian; 0 for the first point). A key belongs to the first point at or after its own CRC-32, or to the first
 * point of the ring if there is none.
 */
import { crc32 } from 'node:zlib';

const POINTS = 160;

function pointsOf(id: string): number[] {
  const text = Buffer.from(id);
  const before = Buffer.alloc(4);
  return Array.from({ length: POINTS }, () => {
    const point = crc32(Buffer.concat([text, before]));
    before.writeUInt32LE(point);
    return point;
  });
}

/** The endpoint (`address:port`) to which each key belongs. */
export function onChainedRing(ids: readonly string[], keys: readonly string[]): string[] {
  const points = ids.flatMap((id) => pointsOf(id).map((point) => ({ point, id }))).sort((a, b) => a.point - b.point);
  return keys.map((key) => {
    const hash = crc32(key);
    let [low, high] = [0, points.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((points[middle]?.point ?? 0) >= hash) high = middle;
      else low = middle + 1;
    }
    return (points[low] ?? points[0])?.id ?? '';
  });
}
