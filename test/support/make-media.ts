/** Draws the pictures and tones under fixtures/media: `node --import tsx test/support/make-media.ts`. The same bytes on every machine. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { crc32 } from './crc32.ts';

const media = join(import.meta.dirname, '../../fixtures/media');
mkdirSync(media, { recursive: true });
for (let index = 1; index <= 24; index++) {
  writeFileSync(join(media, `image-${String(index).padStart(2, '0')}.png`), picture(index));
}
for (let index = 1; index <= 6; index++)
  writeFileSync(join(media, `track-${index}.mp3`), tone(index, 20_000 + index * 15_000));

/** A PNG of 96 x 64 points: a wave of colours that differs with `seed`. */
function picture(seed: number): Buffer {
  const [width, height] = [96, 64];
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * (width * 3 + 1) + 1 + x * 3;
      rows[at] = (x * seed * 3) & 255;
      rows[at + 1] = (y * 4 + seed * 10) & 255;
      rows[at + 2] = ((x ^ y) * seed) & 255;
    }
  }
  const size = Buffer.alloc(13);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  size.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', size),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** Frames with MPEG-1 layer III headers (128 kbit/s, 44.1 kHz, 417 bytes) around numbers from a small generator. */
function tone(seed: number, length: number): Buffer {
  const file = Buffer.alloc(length);
  let state = seed * 2_654_435_761;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    file[at] = at % 417 < 4 ? [0xff, 0xfb, 0x90, 0x00][at % 417]! : state >>> 24;
  }
  return file;
}
