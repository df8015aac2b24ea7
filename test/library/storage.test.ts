/** A sink and a store of one's own. What they throw hurts one line. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { download, type Kept, memory, PdlError, type Sink, type Store } from '../../src/index.ts';
import { brief, messageOf, run, url, wire } from './wire.ts';

/** Keeps bodies in a map; each method is awaited. */
function shelf(kept = new Map<string, string>()): Sink {
  const later = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    async held() {
      await later();
      return null;
    },
    async begin(job) {
      await later();
      let text = '';
      return {
        async write(chunk) {
          await later();
          text += Buffer.from(chunk).toString();
        },
        async finish() {
          kept.set(job.name!, text);
          return { path: `shelf:${job.name}`, bytes: text.length };
        },
        async abandon() {},
      };
    },
    async forget() {},
    async close() {
      kept.set('closed', 'yes');
    },
  };
}

test('a sink of one’s own, all async, gets every body and is closed', async () => {
  const kept = new Map<string, string>();
  const { results } = await run([url('/a'), url('/b'), url('/gone')], {
    transport: wire((path) => (path === '/gone' ? { status: 404 } : path)),
    sink: shelf(kept),
  });
  assert.deepEqual(results.map(brief).sort(), ['failed /gone HTTP_STATUS', 'saved /a', 'saved /b']);
  assert.deepEqual(Object.fromEntries(kept), { a: '/a', b: '/b', closed: 'yes' });
});

for (const method of ['held', 'begin', 'write', 'finish'] as const) {
  for (const how of ['sync', 'async'] as const) {
    test(`a sink whose ${method} throws (${how}) fails that line with HOOK, and no other`, async () => {
      const fail = () => {
        const error = new Error('boom');
        if (how === 'async') return Promise.reject(error) as never;
        throw error;
      };
      const inner = shelf();
      const sink: Sink = {
        ...inner,
        held: (job) => (method === 'held' && job.url.endsWith('/bad') ? fail() : inner.held(job)),
        begin(job, head) {
          if (!job.url.endsWith('/bad') || method === 'held') return inner.begin(job, head);
          if (method === 'begin') return fail();
          return Promise.resolve(inner.begin(job, head)).then((part) => ({ ...part, [method]: fail }));
        },
      };
      const all = ['/a', '/bad', '/b'].map((path) => url(path));
      const { results } = await run(all, { transport: wire(), sink });
      assert.deepEqual(results.map(brief).sort(), ['failed /bad HOOK', 'saved /a', 'saved /b']);
      const failed = results.find(({ status }) => status === 'failed')!;
      const where = method === 'held' || method === 'begin' ? 'sink' : 'part';
      assert.equal(messageOf(failed), `Cannot run the hook ${where}.${method}: boom`);
    });
  }
}

test('a PdlError of a sink is the error of the line; one whose abandon throws changes nothing', async () => {
  const inner = memory();
  const sink: Sink = {
    ...inner,
    async begin(job, head) {
      const part = await inner.begin(job, head);
      return {
        ...part,
        write() {
          throw new PdlError('EXISTS', 'Cannot put it there: it is taken');
        },
        abandon: () => Promise.reject(new Error('and this, too')),
      };
    },
  };
  const { results } = await run([url('/a')], { transport: wire(), sink });
  assert.deepEqual(results.map(brief), ['failed /a EXISTS']);
});

test('a sink that cannot close says so at the end, after all results', async () => {
  const sink: Sink = { ...memory(), close: () => Promise.reject(new Error('the tape tore')) };
  const told: string[] = [];
  await assert.rejects(
    async () => {
      for await (const result of download([url('/a')], { transport: wire(), sink })) told.push(brief(result));
    },
    { message: 'the tape tore' },
  );
  assert.deepEqual(told, ['saved /a']);
});

/** Remembers URLs; all its methods are async. */
function register(known: Set<string>, told: Kept[] = []): Store {
  return {
    async skip(job) {
      await null;
      return known.has(job.url) ? { status: 'skipped', reason: 'archive' } : null;
    },
    async add(job, kept) {
      await null;
      known.add(job.url);
      told.push(kept);
    },
    async close() {
      known.add('closed');
    },
  };
}

test('a store of one’s own is asked before, told after, and closed', async () => {
  const known = new Set([url('/known')]);
  const told: Kept[] = [];
  const transport = wire((path) => ({ status: path === '/gone' ? 404 : 200 }));
  const all = ['/known', '/new', '/gone'].map((path) => url(path));
  const { results } = await run(all, { transport, store: register(known, told) });
  assert.deepEqual(results.map(brief).sort(), ['failed /gone HTTP_STATUS', 'saved /new', 'skipped /known archive']);
  assert.deepEqual([...known].sort(), ['closed', url('/known'), url('/new')].sort());
  assert.deepEqual(
    told.map(({ path }) => path),
    ['new'],
  );
  assert.deepEqual(transport.log.sort(), ['/gone', '/new']);
});

for (const method of ['skip', 'add'] as const) {
  for (const how of ['sync', 'async'] as const) {
    test(`a store whose ${method} throws (${how}) fails that line with HOOK, and no other`, async () => {
      const store: Store = {
        ...register(new Set()),
        [method](job: { url: string }) {
          if (!job.url.endsWith('/bad')) return null;
          if (how === 'async') return Promise.reject(new Error('boom'));
          throw new Error('boom');
        },
      };
      const all = ['/a', '/bad', '/b'].map((path) => url(path));
      const { results } = await run(all, { transport: wire(), store });
      assert.deepEqual(results.map(brief).sort(), ['failed /bad HOOK', 'saved /a', 'saved /b']);
      assert.equal(
        messageOf(results.find((one) => one.status === 'failed')!),
        `Cannot run the hook store.${method}: boom`,
      );
    });
  }
}
