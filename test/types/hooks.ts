/** Compiled, never run: hooks, layers and ports as their users write them, and mistyped ones. */

import {
  after,
  before,
  download,
  type Layer,
  type NamePolicy,
  onError,
  onResponse,
  type Sink,
  type Store,
  type Task,
  type Transfer,
  type Transport,
} from '../../src/index.ts';
import { sinkClaims } from '../../src/sink/conformance.ts';

export const layers: Layer[] = [
  before((job) => ({ ...job, headers: { ...job.headers, 'X-Day': 'monday' } })),
  before((job) => (job.url.includes('draft') ? { status: 'skipped', reason: 'archive' } : undefined)),
  before((job, task) => {
    if (job.name === undefined) task.add({ url: job.url, name: 'named' });
  }),
  before(async (_job, task) => {
    await task.fetch('https://archive.example/token', { headers: { A: 'b' }, maxSize: 100 });
  }),
  onResponse((head) => {
    if (head.total !== undefined && head.total > 100) throw new Error(head.headers['content-type']);
  }),
  onResponse(async () => {}),
  onError((error, _task, again) => {
    if (error.code === 'RESET') return again();
    throw error;
  }),
  onError(async () => ({ status: 'skipped', reason: 'exists' })),
  after(async (kept, task, head) => ({
    size: kept.bytes,
    url: task.job.url,
    language: head?.headers['content-language'],
  })),
  after(() => {}),
  (next) => next,
  (next) => async (task) => {
    const outcome = await next({ ...task, onHead: (head) => void head.status });
    return outcome.status === 'saved' ? { ...outcome, data: outcome.bytes } : outcome;
  },
];

/** A layer can be made of another: it is a function of one transfer to another. */
export const twice: Layer = (next: Transfer): Transfer => layers[0]!(layers[1]!(next));

// @ts-expect-error: a job is no text
before(() => 'https://archive.example/b');
// @ts-expect-error: a job that is dropped says why
before(() => ({ status: 'skipped' }));
// @ts-expect-error: a job has an id, a url, an origin
before(() => ({ url: 'https://archive.example/b' }));
// @ts-expect-error: a hook is a function
before({ headers: {} });
// @ts-expect-error: an error hook gives an outcome or throws
onError(() => {});
// @ts-expect-error: an outcome has no such status
onError(() => ({ status: 'ignored' }));
// @ts-expect-error: a head has no body
onResponse((head) => void head.body);
// @ts-expect-error: kept files have no text
after((kept) => kept.text);
// @ts-expect-error: the head may be missing
after((_kept, _task, head) => head.headers);
// @ts-expect-error: a layer takes the next transfer, not the task
export const flat: Layer = (task: Task) => task.job;
// @ts-expect-error: a layer gives an outcome
export const silent: Layer = (next) => async (task) => void (await next(task));

export const sink: Sink = {
  held: () => null,
  begin: async (job, head) => ({
    write() {},
    finish: async () => ({ path: job.name ?? '', bytes: head.total ?? 0 }),
    async abandon() {},
  }),
  forget() {},
  async close() {},
};
export const store: Store = { skip: async (job) => (job.url === '' ? { status: 'skipped', reason: 'archive' } : null) };
export const names: NamePolicy = (job, index) => `${index}-${job.id}`;
export const transport: Transport = {
  async send(_request, receiver) {
    await receiver.onHead({ status: 200, headers: {} });
    return 'none';
  },
  async close() {},
};
export const run = download(['https://archive.example/a'], { layers, sink, store, names, transport });
export const claims: Promise<void>[] = Object.values(sinkClaims).map((holds) => holds({ open: () => sink }));

// @ts-expect-error: a part ends in one of two ways
export const endless: Sink = { ...sink, begin: () => ({ write() {}, abandon: async () => {} }) };
const shapeless = { write() {}, finish: async () => ({ path: '' }), abandon: async () => {} };
// @ts-expect-error: what has landed has a size
export const sizeless: Sink = { ...sink, begin: () => shapeless };
// @ts-expect-error: a transport says how the body was delimited
export const careless: Transport = { ...transport, send: async () => {} };
