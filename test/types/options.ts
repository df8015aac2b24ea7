/** Compiled, never run: which options download takes. Each line below `@ts-expect-error` must not compile. */

import { download, memory, type Options, systemClock } from '../../src/index.ts';

const urls = ['https://archive.example/a.mp3'];

export const right: Options[] = [
  {},
  { maxWorkers: 4, perHost: 1, delay: '1-4', rate: '60/m', limitRate: '2.5M' },
  { delay: [1, 4], timeout: 180, maxSize: 1024, retry: '5', expect: ['image/*'], header: 'A: b' },
  { delay: 2, existing: 'refresh', robots: true, shard: '0/4', archive: 'done.txt' },
  { maxWorkers: undefined, layers: [], sink: memory(), clock: systemClock, signal: AbortSignal.timeout(1000) },
  { names: (job, index) => `${index}-${job.id}`, store: { skip: async () => null } },
];

// @ts-expect-error: there is no such option
download(urls, { maxWorker: 4 });
// @ts-expect-error: as at a shell, but not in camelCase
download(urls, { 'max-workers': 4 });
// @ts-expect-error: options only the command has are no options of the library
download(urls, { json: true });
// @ts-expect-error: a word that is none of the four
download(urls, { existing: 'keep' });
// @ts-expect-error: a boolean is no text
download(urls, { robots: 'yes' });
// @ts-expect-error: a range has two ends
download(urls, { delay: [1, 2, 3] });
// @ts-expect-error: DIR is a text
download(urls, { dir: 1 });
// @ts-expect-error: layers are functions
download(urls, { layers: ['log'] });
// @ts-expect-error: one layer is no list of layers
download(urls, { layers: (next) => next });
// @ts-expect-error: a sink has four methods
download(urls, { sink: { begin: () => null } });
// @ts-expect-error: names are made at once, not later
download(urls, { names: async () => 'late' });
// @ts-expect-error: a store says why, or null
download(urls, { store: { skip: () => true } });
// @ts-expect-error: a reason there is not
download(urls, { store: { skip: () => ({ status: 'skipped', reason: 'boring' }) } });
// @ts-expect-error: a controller is no signal
download(urls, { signal: new AbortController() });
// @ts-expect-error: a number is no source
download(7);
// @ts-expect-error: an entry has a url
download([{ href: 'https://archive.example/a.mp3' }]);
// @ts-expect-error: header values are texts
download([{ url: 'https://archive.example/a.mp3', headers: { Range: 1 } }]);
// @ts-expect-error: memory() counts in bytes
memory({ maxSize: '1M' });
