/** Reads gRPC messages from a stream. */
import type { Readable } from 'node:stream';

/** Calls `take` with each message as soon as it is complete. `flag` is the byte that says whether it is compressed. */
export function onMessage(stream: Readable, take: (message: Buffer, flag: number) => void): void {
  let bytes = Buffer.alloc(0);
  stream.on('data', (piece: Buffer) => {
    bytes = Buffer.concat([bytes, piece]);
    while (bytes.length >= 5) {
      const end = 5 + bytes.readUInt32BE(1);
      if (bytes.length < end) return;
      take(bytes.subarray(5, end), bytes.readUInt8(0));
      bytes = Buffer.from(bytes.subarray(end));
    }
  });
}
