import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { readLines } from '../../src/sink/lines.ts';
import { type Entry, encode } from '../../src/sink/record.ts';
import { Records } from '../../src/sink/records.ts';
import { listed, named, open, put, scratch, within } from './support.ts';

const journal = (dir: string) => `${dir}/.pdl/journal.ndjson`;

function entry(url: string, name: string, more: Partial<Entry> = {}): Entry {
  return { id: listed(url).id, name, bytes: 1, kind: 'saved', seq: 1, url, ...more };
}

async function namesIn(path: string): Promise<string[]> {
  const names: string[] = [];
  const records = await Records.open([path], (name) => names.push(name));
  records.close();
  return names;
}

test('a record is one JSON object a line, without userinfo and fragment, and readable by its owner alone', async (t) => {
  const dir = scratch(t);
  const job = named('http://user:secret@h/a.jpg#part', 'a.jpg');
  await within(dir, { sha256: true }, (sink) =>
    put(sink, job, 'hello', { headers: { etag: '"e"', 'last-modified': 'Wed, 21 Oct 2015 07:28:00 GMT' } }),
  );
  const text = readFileSync(journal(dir), 'utf8');
  assert.doesNotMatch(text, /secret|part/);
  const { sum, ...record } = JSON.parse(text);
  assert.match(sum, /^[0-9a-f]{8}$/);
  assert.deepEqual(record, {
    id: job.id,
    name: 'a.jpg',
    bytes: 5,
    kind: 'saved',
    seq: 1,
    url: 'http://h/a.jpg',
    etag: '"e"',
    lastModified: 'Wed, 21 Oct 2015 07:28:00 GMT',
    sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
  });
  assert.equal(statSync(journal(dir)).mode & 0o777, 0o600);
  assert.equal(statSync(`${dir}/.pdl`).mode & 0o777, 0o700);
});

test('torn at any byte, a journal loses its last record at most, and goes on', async (t) => {
  const dir = scratch(t);
  const path = `${dir}/journal`;
  const first = encode(entry('http://h/a', 'a'));
  const second = encode(entry('http://h/b', 'bé', { etag: '"é"' }));
  const third = encode(entry('http://h/c', 'c'));
  const whole = Buffer.from(first + second);
  for (let length = Buffer.byteLength(first); length < whole.length; length += 1) {
    writeFileSync(path, whole.subarray(0, length));
    assert.deepEqual(await namesIn(path), ['a'], `${length}`);
    // What the next run appends begins with a newline when the last byte is none.
    appendFileSync(path, (length === Buffer.byteLength(first) ? '' : '\n') + third);
    const names = await namesIn(path);
    assert.ok(names.length === 2 || length === whole.length - 1, `${length}`);
    assert.equal(names.at(-1), 'c', `${length}`);
  }
});

test('a run after a torn journal appends on a line of its own', async (t) => {
  const dir = scratch(t);
  await within(dir, {}, (sink) => put(sink, named('http://h/a', 'a'), 'a'));
  truncateSync(journal(dir), statSync(journal(dir)).size - 5);
  await within(dir, {}, (sink) => put(sink, named('http://h/b', 'b'), 'b'));
  assert.deepEqual(await namesIn(journal(dir)), ['b']);
});

test('a record with one changed byte is not believed', async (t) => {
  const path = `${scratch(t)}/journal`;
  const line = Buffer.from(encode(entry('http://h/a', 'a')));
  for (let at = 0; at < line.length - 1; at += 1) {
    const changed = Buffer.from(line);
    changed[at] = changed[at]! ^ 1;
    writeFileSync(path, changed);
    assert.deepEqual(await namesIn(path), [], `byte ${at}`);
  }
});

for (const name of ['../a', '/etc/passwd', 'a/../../b', 'a//b', '.', '']) {
  test(`a record that leads to ${JSON.stringify(name)} is not believed, though its sum is right`, async (t) => {
    const path = `${scratch(t)}/journal`;
    writeFileSync(path, encode(entry('http://h/a', name)));
    assert.deepEqual(await namesIn(path), []);
  });
}

test('each of 20,000 records is found again, the newest of each job', async (t) => {
  const path = `${scratch(t)}/journal`;
  const url = (at: number) => `http://h/${'d'.repeat(at % 300)}/${at}`;
  const lines = Array.from({ length: 20_000 }, (_, at) => encode(entry(url(at), `old-${at}`, { bytes: at })));
  for (let at = 0; at < 20_000; at += 3)
    lines.push(encode(entry(url(at), `new-${at}`)), encode(entry(url(at), `newest-${at}`)));
  writeFileSync(path, lines.join(''));
  const records = await Records.open([path]);
  assert.equal(records.size, 20_000);
  for (let at = 0; at < 20_000; at += 1) {
    assert.equal(records.find(listed(url(at)).id)?.name, at % 3 === 0 ? `newest-${at}` : `old-${at}`);
  }
  assert.equal(records.find(listed('http://other/').id), null);
  records.close();
});

test('a record larger than a block is found, and a line beyond reason is passed over', async (t) => {
  const path = `${scratch(t)}/journal`;
  const url = `http://h/${'q'.repeat(64_000)}`;
  const endless = `${'x'.repeat(3_000_000)}\n`;
  const lines = ['http://h/1', url, 'http://h/2'].map((one) =>
    encode(entry(one, 'n', { etag: `"${'e'.repeat(20_000)}"` })),
  );
  writeFileSync(path, lines[0] + endless + lines[1] + endless + lines[2]);
  const records = await Records.open([path]);
  assert.deepEqual(
    ['http://h/1', url, 'http://h/2'].map((one) => records.find(listed(one).id)?.url),
    ['http://h/1', url, 'http://h/2'],
  );
  records.close();
});

test('a journal that is mostly stale is rewritten at the start, and nothing is forgotten', async (t) => {
  const dir = scratch(t);
  await within(dir, {}, () => {});
  const old = Array.from({ length: 3000 }, (_, at) =>
    encode(entry(`http://h/${at % 10}`, `${at % 10}`, { seq: at + 1 })),
  );
  const broken = 'garbage\n{"id":"';
  writeFileSync(journal(dir), old.join('') + broken);
  writeFileSync(`${journal(dir)}.tmp`, 'a compaction that was killed');
  await within(dir, {}, async (sink) => {
    assert.deepEqual(
      Array.from({ length: 11 }, (_, at) => sink.known.recorded(listed(`http://h/${at}`))),
      [...Array.from({ length: 10 }, (_, at) => `${at}`), undefined],
    );
    await put(sink, named('http://h/new', 'new'), 'x');
  });
  const lines = readFileSync(journal(dir), 'utf8').trimEnd().split('\n');
  assert.ok(lines.length >= 11 && lines.length < 30, `${lines.length} lines`);
  // Numbers go on: two records of one job must not be taken for each other.
  assert.equal(JSON.parse(lines.at(-1)!).seq, 3001);
  assert.equal(statSync(journal(dir)).mode & 0o777, 0o600);
  assert.equal(!existsSync(`${journal(dir)}.tmp`), true);
});

test('a printed result is already true: when finish and add have resolved, file and record are there', async (t) => {
  const dir = scratch(t);
  await within(dir, {}, async (sink) => {
    await Promise.all(
      Array.from({ length: 100 }, async (_, at) => {
        await put(sink, named(`http://h/${at}`, `${at}`), `body ${at}`);
        assert.equal(readFileSync(journal(dir), 'utf8').includes(`"url":"http://h/${at}"`), true);
        assert.equal(readFileSync(`${dir}/${at}`, 'utf8'), `body ${at}`);
      }),
    );
  });
});

test('a deleted .pdl only forgets: the run that lost it goes on, the next finds the files as strangers', async (t) => {
  const dir = scratch(t);
  const sink = await open(dir);
  rmSync(`${dir}/.pdl`, { recursive: true });
  await put(sink, named('http://h/a', 'a'), 'a');
  await put(sink, named('http://h/b', 'b'), Buffer.alloc(2_000_000));
  await sink.close();
  assert.equal(statSync(`${dir}/b`).size, 2_000_000);
  await within(dir, {}, (again) => assert.equal(again.skip(named('http://h/a', 'a'))?.reason, 'exists'));
});

for (const [command, what] of [
  ['mkfifo', 'a named pipe'],
  ['mkdir', 'a directory'],
] as const) {
  test(`${what} in place of the journal is named, and nobody waits for it`, { timeout: 20_000 }, async (t) => {
    const dir = scratch(t);
    execFileSync('mkdir', [`${dir}/.pdl`]);
    execFileSync(command, [journal(dir)]);
    await assert.rejects(open(dir), {
      code: 'DISK',
      message: `Cannot read ${journal(dir)}: ${what} is there, no file (move it away and run again)`,
    });
    // It has let go of the lock.
    execFileSync('rm', ['-r', journal(dir)]);
    await (await open(dir)).close();
  });
}

test('lines come whole from any place in the file, but those over 1 MB', async (t) => {
  const path = `${scratch(t)}/lines`;
  const short = Array.from({ length: 3000 }, (_, at) => `${at}`.repeat(at % 400));
  const long = 'x'.repeat(2_500_000);
  writeFileSync(path, [...short, long, 'after', long, ...short, 'torn'].join('\n'));
  const lines: string[] = [];
  const offsets: number[] = [];
  const end = await readLines(path, (bytes, from, to, offset) => {
    lines.push(bytes.toString('utf8', from, to));
    offsets.push(offset);
  });
  assert.deepEqual(lines, [...short, 'after', ...short]);
  const whole = readFileSync(path, 'utf8');
  for (const [at, line] of lines.entries()) assert.equal(whole.slice(offsets[at], offsets[at]! + line.length), line);
  assert.deepEqual(end, { size: whole.length, torn: true });
});
