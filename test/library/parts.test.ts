/** The replaceable parts: memory(), names, clock, transport. What they throw hurts one line. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { download, memory, PdlError, systemClock } from '../../src/index.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { bodyOf, brief, messageOf, run, url, wire } from './wire.ts';

function scratch(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'pdl-parts-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

test('memory(): the body is in the result, and no DIR is made', async (t) => {
  const dir = join(scratch(t), 'never');
  const { results } = await run([url('/a'), url('/b/a')], { transport: wire(), dir, sink: memory() });
  assert.deepEqual(results.map(bodyOf).sort(), ['/a', '/b/a']);
  assert.deepEqual(results.map((one) => one.status === 'saved' && one.path).sort(), ['a', 'a-2']);
  assert.equal(existsSync(dir), false);
});

test('memory({ maxSize }): a larger body fails with TOO_LARGE, with and without a length', async () => {
  const bodies = wire((path) => ({ body: path === '/b' ? '1234' : '12345', untold: path === '/c' }));
  const all = ['/a', '/b', '/c'].map((path) => url(path));
  const { results } = await run(all, { transport: bodies, sink: memory({ maxSize: 4 }) });
  assert.deepEqual(results.map(brief).sort(), ['failed /a TOO_LARGE', 'failed /c TOO_LARGE', 'saved /b']);
});

test('memory({ maxSize }): a length that is too large is refused before the body', () => {
  const job = { id: '0', url: url('/a'), origin: { source: 'list.txt', number: 1, text: url('/a') } };
  const head = { status: 200, url: url('/a'), offset: 0, total: 5, headers: {} };
  assert.throws(() => memory({ maxSize: 4 }).begin(job, head), { code: 'TOO_LARGE' });
});

test('memory(): each call begins with nothing known', async () => {
  for (let times = 0; times < 2; times += 1) {
    const { results } = await run([url('/a')], { transport: wire() });
    assert.deepEqual(results.map(brief), ['saved /a']);
  }
});

test('names of one’s own are cleaned and numbered as all are', async (t) => {
  const dir = scratch(t);
  const names = ({ url: text }: { url: string }, index: number) =>
    text.endsWith('/evil') ? '../../etc/passwd' : text.endsWith('/numbered') ? `by-index/${index}.txt` : 'same.txt';
  const all = ['/a', '/b', '/evil', '/numbered'].map((path) => url(path));
  const generator = download(all, { transport: wire(), names, dir });
  const paths: string[] = [];
  for await (const result of generator) if (result.status === 'saved') paths.push(result.path.slice(dir.length));
  assert.deepEqual(paths.sort(), ['/by-index/4.txt', '/etc/passwd', '/same-2.txt', '/same.txt']);
  assert.equal(readFileSync(join(dir, 'by-index/4.txt'), 'utf8'), '/numbered');
});

test('names that throw, or give no text, fail their own line with HOOK', async () => {
  for (const wrong of [
    () => {
      throw new Error('boom');
    },
    () => undefined,
    async () => 'late',
  ]) {
    const names = (job: { url: string }) => (job.url.endsWith('/bad') ? (wrong() as unknown as string) : 'a');
    const all = ['/a', '/bad', '/b'].map((path) => url(path));
    const { results } = await run(all, { transport: wire(), names });
    assert.deepEqual(results.map(brief).sort(), ['failed /bad HOOK', 'saved /a', 'saved /b'].sort(), String(wrong));
    const failed = results.find(({ status }) => status === 'failed')!;
    assert.match(messageOf(failed), /^Cannot run the hook names: (?:boom|it returned .* \(allowed is a text\))$/);
  }
});

test('a clock of one’s own: hours of rests pass in no time', async () => {
  const clock = fakeClock();
  const began = clock.now();
  const all = Array.from({ length: 10 }, (_, nth) => url(`/${nth}`));
  const { summary } = await clock.until(run(all, { transport: wire(), clock, delay: '1h', perHost: 1 }));
  assert.equal(summary.saved, 10);
  assert.ok(clock.now() - began >= 9 * 3_600_000);
  assert.ok(summary.durationMs >= 9 * 3_600_000);
});

test('the system clock with another die is a clock', async () => {
  const { results } = await run([url('/a')], { transport: wire(), clock: { ...systemClock, random: () => 0 } });
  assert.equal(results[0]!.status, 'saved');
});

test('a transport of one’s own carries files, redirects, and closes', async () => {
  const transport = wire((path) => (path === '/old' ? { status: 301, headers: { location: '/new' } } : path));
  const { results } = await run([url('/old')], { transport });
  assert.deepEqual(results.map(bodyOf), ['/new']);
  assert.deepEqual(transport.log, ['/old', '/new']);
  assert.ok(transport.closed);
});

test('a transport that throws fails its line: PdlErrors are retried as ever, others are HOOK', async () => {
  let tries = 0;
  const inner = wire();
  const transport = {
    ...inner,
    send: async (...[request, receiver]: Parameters<typeof inner.send>) => {
      if (request.url.endsWith('/bad')) throw new Error('boom');
      if (request.url.endsWith('/reset') && ++tries < 3) throw new PdlError('RESET', 'Cannot read on: it broke');
      return inner.send(request, receiver);
    },
  };
  const clock = fakeClock();
  const all = ['/a', '/bad', '/reset'].map((path) => url(path));
  const { results } = await clock.until(run(all, { transport, retry: 3, clock }));
  assert.deepEqual(results.map(brief).sort(), ['failed /bad HOOK', 'saved /a', 'saved /reset']);
});

test('the whole directory, journal included, works with a transport of one’s own', async (t) => {
  const dir = scratch(t);
  for (const expected of ['saved /a', 'skipped /a journal']) {
    for await (const result of download([url('/a')], { transport: wire(), dir })) assert.equal(brief(result), expected);
  }
  assert.deepEqual(readdirSync(dir).sort(), ['.pdl', 'a']);
});

test('data never reaches what is plain: a result survives JSON', async () => {
  const { results } = await run([url('/a')], { transport: wire() });
  assert.equal(JSON.parse(JSON.stringify(results[0])).status, 'saved');
});
