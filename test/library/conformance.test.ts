/** The conformance suite finds what is wrong with a sink (that pdl's own hold, test/sink/conformance.test.ts says). */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memory } from '../../src/index.ts';
import { sinkClaims } from '../../src/sink/conformance.ts';
import type { Sink } from '../../src/types.ts';

/** Memory sinks that are each wrong in one way. */
const broken: Record<string, { sink: () => Sink; found: keyof typeof sinkClaims }> = {
  'loses its last chunk': {
    found: 'keeps the bytes of a body in their order',
    sink: () =>
      changed((part) => ({
        async finish(end) {
          const { body, ...landed } = await part.finish(end);
          return { ...landed, body: body!.subarray(0, -65_536) };
        },
      })),
  },
  'keeps no order': {
    found: 'keeps the bytes of a body in their order',
    sink: () =>
      changed((part) => ({
        async finish(end) {
          const landed = await part.finish(end);
          return { ...landed, body: landed.body!.toReversed() };
        },
      })),
  },
  'looks at no checksum': {
    found: 'refuses a body that has not the checksum of its job, and keeps one that has',
    sink: () => {
      const inner = memory();
      return { ...inner, begin: ({ checksum, ...job }, head) => inner.begin(job, head) };
    },
  },
  'tells of a part it cannot continue': {
    found: 'goes on after a body that broke off, from where it says',
    sink: () => ({ ...memory(), held: () => ({ kind: 'part', offset: 1_900_000, validator: '"v1"' }) }),
  },
  'publishes what is too short': {
    found: 'refuses a body that is not as long as its head says',
    sink: () => {
      const inner = memory();
      return { ...inner, begin: (job, { total, ...head }) => inner.begin(job, head) };
    },
  },
  'writes each chunk when it likes': {
    found: 'keeps the order of chunks that are written without waiting',
    sink: () =>
      changed((part) => {
        let nth = 0;
        return {
          async write(chunk) {
            for (let turns = (nth++ % 3) * 2; turns >= 0; turns -= 1)
              await new Promise((resolve) => setImmediate(resolve));
            await part.write(chunk);
          },
        };
      }),
  },
  'throws where it cannot close': {
    found: 'closes when nothing ever came',
    sink: () => ({ ...memory(), close: () => Promise.reject(new Error('no')) }),
  },
};

for (const [fault, { sink, found }] of Object.entries(broken)) {
  test(`a sink that ${fault} is found out`, async () => {
    await assert.rejects(sinkClaims[found]!({ open: sink }));
  });
}

function changed(
  change: (part: Awaited<ReturnType<Sink['begin']>>) => Partial<Awaited<ReturnType<Sink['begin']>>>,
): Sink {
  const inner = memory();
  return {
    ...inner,
    async begin(job, head) {
      const part = await inner.begin(job, head);
      return { ...part, ...change(part) };
    },
  };
}
