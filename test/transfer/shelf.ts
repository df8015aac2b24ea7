/** A sink in memory, as a stand-in for a directory. */

import assert from 'node:assert/strict';
import type { Head, Held, Part, Sink } from '../../src/types.ts';

export interface Shelf extends Sink {
  /** What is held, changed by hand in tests. */
  note: Held | null;
  bytes: Buffer;
  /** Bodies under their final name. */
  published: Buffer[];
  lengthUnknown: boolean[];
  heads: Head[];
  /** Calls in order: held begin write finish abandon forget. */
  calls: string[];
}

/** A sink in memory that keeps parts as a directory does: only under a validator, from the head's offset on. */
export function shelf(note: Held | null = null, bytes: string | Uint8Array = ''): Shelf {
  const self: Shelf = {
    note,
    bytes: Buffer.from(bytes),
    published: [],
    lengthUnknown: [],
    heads: [],
    calls: [],
    held() {
      self.calls.push('held');
      return self.note;
    },
    begin(_job, head) {
      self.calls.push('begin');
      self.heads.push(head);
      assert.ok(head.offset <= self.bytes.length, 'a part may not begin behind what is held');
      return partOf(self, head);
    },
    forget() {
      self.calls.push('forget');
      self.note = null;
      self.bytes = Buffer.alloc(0);
    },
    async close() {},
  };
  return self;
}

function partOf(self: Shelf, head: Head): Part {
  const chunks: Uint8Array[] = [self.bytes.subarray(0, head.offset)];
  let ended = false;
  const end = (how: string) => {
    assert.ok(!ended, `${how} after the end`);
    ended = true;
    self.calls.push(how);
    self.bytes = Buffer.concat(chunks);
  };
  return {
    write(chunk) {
      assert.ok(!ended, 'no write after the end');
      self.calls.push('write');
      chunks.push(chunk);
    },
    async finish({ lengthUnknown }) {
      end('finish');
      self.published.push(self.bytes);
      self.lengthUnknown.push(lengthUnknown);
      self.note = null;
      return { path: 'dir/a.bin', bytes: self.bytes.length };
    },
    async abandon() {
      end('abandon');
      const { validator, total, headers } = head;
      const encoding = headers['content-encoding'];
      if (validator === undefined || self.bytes.length === 0) self.note = null;
      else {
        self.note = {
          kind: 'part',
          offset: self.bytes.length,
          validator,
          ...(total !== undefined && { total }),
          ...(encoding !== undefined && { encoding }),
        };
      }
    },
  };
}
