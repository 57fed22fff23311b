import { describe, expect, it } from 'vitest';
import { PacketParser } from '../../../src/mysql/packet-parser.ts';

const MAX_FRAME_BYTES = 0xff_ff_ff;

/** A packet as it travels: one frame, or several when it is long. */
function frame(payload: Buffer, sequenceId = 0): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0, id = sequenceId; ; at += MAX_FRAME_BYTES, id++) {
    const part = payload.subarray(at, at + MAX_FRAME_BYTES);
    const header = Buffer.alloc(4);
    header.writeUIntLE(part.length, 0, 3);
    header[3] = id % 256;
    parts.push(header, part);
    if (part.length < MAX_FRAME_BYTES) return Buffer.concat(parts);
  }
}

function parse(chunks: readonly Buffer[]): string[] {
  const packets: string[] = [];
  const parser = new PacketParser((buffer, start, end) => {
    packets.push(`${parser.sequenceId}:${buffer.toString('latin1', start, end)}`);
    return undefined;
  });
  for (const chunk of chunks) parser.execute(chunk);
  return packets;
}

describe('PacketParser', () => {
  const texts = ['a', '', 'hello', 'x'.repeat(300), 'the end'];
  const stream = Buffer.concat(texts.map((text, i) => frame(Buffer.from(text), i)));
  const expected = texts.map((text, i) => `${i}:${text}`);

  it('gives every packet, wherever the chunks are cut', () => {
    for (let size = 1; size < stream.length; size++) {
      const chunks: Buffer[] = [];
      for (let at = 0; at < stream.length; at += size) chunks.push(stream.subarray(at, at + size));
      expect(parse(chunks)).toEqual(expected);
    }
  });

  it.each([
    MAX_FRAME_BYTES - 1,
    MAX_FRAME_BYTES,
    MAX_FRAME_BYTES + 1,
    2 * MAX_FRAME_BYTES,
    2 * MAX_FRAME_BYTES + 7,
  ])('joins the frames of a packet of %i bytes', bytes => {
    const payload = Buffer.alloc(bytes, 'ab');
    payload.write('end', bytes - 3);
    const stream = Buffer.concat([
      frame(Buffer.from('before')),
      frame(payload, 254),
      frame(Buffer.from('after'), 9),
    ]);
    const seen: unknown[] = [];
    const parser = new PacketParser((buffer, start, end) => {
      // The bytes before the payload are a header, also of what was put together.
      expect(start).toBeGreaterThanOrEqual(4);
      seen.push([parser.sequenceId, end - start, buffer.toString('latin1', end - 3, end)]);
      return undefined;
    });
    for (let at = 0; at < stream.length; at += 65_536) parser.execute(stream.subarray(at, at + 65_536));
    const lastId = (254 + Math.floor(bytes / MAX_FRAME_BYTES)) % 256;
    expect(seen).toEqual([
      [0, 6, 'ore'],
      [lastId, bytes, 'end'],
      [9, 5, 'ter'],
    ]);
  });

  it('gives no packet before the promise for the one before is fulfilled', async () => {
    const seen: string[] = [];
    const waits: (() => void)[] = [];
    const parser = new PacketParser((buffer, start, end) => {
      seen.push(buffer.toString('latin1', start, end));
      return new Promise(resolve => waits.push(resolve));
    });
    for (let at = 0; at < stream.length; at += 3) parser.execute(stream.subarray(at, at + 3));
    for (let i = 1; i <= texts.length; i++) {
      expect(seen).toEqual(texts.slice(0, i));
      waits.shift()!();
      await Promise.resolve();
      await Promise.resolve();
    }
  });

  it('stops for good when the promise is rejected', async () => {
    let count = 0;
    const parser = new PacketParser(() => {
      count++;
      return Promise.reject(new Error('the handler reports it itself'));
    });
    parser.execute(stream);
    await new Promise(resolve => setImmediate(resolve));
    parser.execute(stream);
    expect(count).toBe(1);
  });
});
