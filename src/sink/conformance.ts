/** What every sink must do, as plain functions that throw: run them in the test runner of your choice on a sink of your own. */

import { algorithms, Bench, body, check, digest, jobOf, type Subject } from './bench.js';

export type { Subject };

/**
 * The claims by their names. Each throws an Error that says what the sink did wrong, and needs some MB and milliseconds.
 * `pdl/sink-conformance` is where they are imported from.
 * @example
 * for (const [name, holds] of Object.entries(sinkClaims)) test(name, () => holds({ open: () => memory() }));
 */
export const sinkClaims: Record<string, (subject: Subject) => Promise<void>> = {
  'keeps the bytes of a body in their order': claim(async (bench) => {
    await bench.lands('a.bin', body(300_000));
  }),

  'keeps bodies of all sizes': claim(async (bench) => {
    for (const size of [1, 65_536, 1024 ** 2, 1024 ** 2 + 1, 3_000_001]) await bench.lands(`${size}.bin`, body(size));
  }),

  'keeps an empty body': claim(async (bench) => {
    await bench.lands('empty.bin', body(0));
  }),

  'keeps a body of which no length was told': claim(async (bench) => {
    for (const size of [70_000, 2_500_000]) await bench.lands(`${size}.bin`, body(size), { untold: true });
  }),

  'keeps the order of chunks that are written without waiting': claim(async (bench) => {
    await bench.lands('rush.bin', body(2_500_000), { rush: true });
  }),

  'keeps bodies apart that come in side by side': claim(async (bench) => {
    const bodies = [50_000, 1_900_000, 0, 20_000, 1_300_000].map(body);
    // A sink may take one body at a time: then `begin` waits, and the others go on.
    await Promise.all(bodies.map((bytes, at) => bench.lands(`${at}.bin`, bytes)));
  }),

  'holds nothing of a job it never saw': claim(async (bench) => {
    const held = await bench.sink.held(jobOf('new.bin'));
    check(held === null, `held() told of ${JSON.stringify(held)}`);
  }),

  'goes on after a body that broke off, from where it says': claim(async (bench) => {
    const bytes = body(2_500_000);
    await bench.breaks('cut.bin', bytes, 1_700_000);
    await bench.lands('cut.bin', bytes, { offset: await bench.offsetOf('cut.bin', 1_700_000) });
  }),

  'forgets what it holds': claim(async (bench) => {
    await bench.breaks('cut.bin', body(2_500_000), 1_700_000);
    await bench.sink.forget(jobOf('cut.bin'));
    check((await bench.sink.held(jobOf('cut.bin'))) === null, 'held() still tells of what was forgotten');
    await bench.lands('cut.bin', body(2_000_000, 2));
  }),

  'forgets what it never held': claim(async (bench) => {
    await bench.sink.forget(jobOf('new.bin'));
    await bench.lands('new.bin', body(1_000));
  }),

  'takes a body from its beginning in place of one that broke off': claim(async (bench) => {
    for (const size of [1_000, 2_500_000]) {
      await bench.breaks(`${size}.bin`, body(size), size / 2);
      await bench.lands(`${size}.bin`, body(1_200_000, 2));
    }
  }),

  'abandons a body that has hardly begun': claim(async (bench) => {
    await bench.breaks('cut.bin', body(10), 0);
    await bench.lands('cut.bin', body(10));
  }),

  'refuses a body that has not the checksum of its job, and keeps one that has': claim(async (bench) => {
    for (const algorithm of algorithms) {
      const bytes = body(40_000);
      const right = { algorithm, hex: digest(algorithm, bytes) };
      const wrong = { algorithm, hex: digest(algorithm, body(40_000, 2)) };
      await bench.refuses(`${algorithm}.bin`, bytes, 'CHECKSUM', { checksum: wrong });
      await bench.lands(`${algorithm}.bin`, bytes, { checksum: right });
    }
  }),

  'refuses a body that is not as long as its head says': claim(async (bench) => {
    for (const size of [100, 2_000_000])
      for (const total of [size - 1, size + 1]) await bench.refuses(`${total}.bin`, body(size), 'TRUNCATED', { total });
  }),

  'closes when nothing ever came': claim(async () => {}),
};

function claim(holds: (bench: Bench) => Promise<void>): (subject: Subject) => Promise<void> {
  return async (subject) => {
    const sink = await subject.open();
    try {
      await holds(new Bench(subject, sink));
    } finally {
      await sink.close();
    }
  };
}
