import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import test from 'node:test';
import fc from 'fast-check';
import { type Options, settle } from '../../src/options.ts';
import { cleanName } from '../../src/sink/clean.ts';
import { answeredName } from '../../src/sink/disposition.ts';
import { openNames } from '../../src/sink/names.ts';
import { isBelow } from '../../src/sink/record.ts';
import { Taken } from '../../src/sink/taken.ts';
import { bytes, cut, head, listed, named, open, put, scratch, sha256, within } from './support.ts';

const a = named('http://h/a.jpg', 'a.jpg');
const parts = (dir: string) => readdirSync(`${dir}/.pdl/parts`);
const read = (path: string) => readFileSync(path, 'utf8');

// ── what is there already ────────────────────────────────────────────────────────────────────────

test('a finished file is skipped by the next run, and is fetched again once it is gone or has another size', async (t) => {
  const dir = scratch(t);
  await within(dir, {}, async (sink) => {
    assert.equal(sink.skip(a), null);
    assert.equal((await put(sink, a, 'hello')).path, `${dir}/a.jpg`);
  });
  await within(dir, {}, async (sink) => {
    assert.deepEqual(sink.skip(a), { status: 'skipped', reason: 'journal', path: `${dir}/a.jpg` });
    writeFileSync(`${dir}/a.jpg`, 'cut');
    assert.equal(sink.skip(a), null);
    await put(sink, a, 'hello again');
    assert.equal(read(`${dir}/a.jpg`), 'hello again');
  });
  await within(dir, {}, async (sink) => {
    assert.equal(sink.skip(a)?.reason, 'journal');
    rmSync(`${dir}/a.jpg`);
    assert.equal(sink.skip(a), null);
  });
});

test('a file that no journal knows is kept: skipped as exists, and never overwritten by one that came meanwhile', async (t) => {
  const dir = scratch(t);
  writeFileSync(`${dir}/a.jpg`, 'mine');
  await within(dir, {}, async (sink) => {
    assert.deepEqual(sink.skip(a), { status: 'skipped', reason: 'exists', path: `${dir}/a.jpg` });
    for (const size of [10, 2_000_000]) await assert.rejects(put(sink, a, Buffer.alloc(size)), { code: 'EXISTS' });
    const late = named('http://h/late', 'late');
    for (const size of [10, 2_000_000]) {
      const part = await sink.begin(late, head(size));
      await part.write(Buffer.alloc(size));
      writeFileSync(`${dir}/late`, 'mine');
      await assert.rejects(async () => part.finish({ lengthUnknown: false }), { code: 'EXISTS' });
      rmSync(`${dir}/late`);
    }
  });
  assert.equal(read(`${dir}/a.jpg`), 'mine');
  assert.deepEqual(parts(dir), []);
});

test('overwrite fetches anew and replaces, known or not', async (t) => {
  const dir = scratch(t);
  writeFileSync(`${dir}/a.jpg`, 'mine');
  for (const body of ['one', 'two']) {
    await within(dir, { existing: 'overwrite' }, async (sink) => {
      assert.equal(sink.skip(a), null);
      assert.equal(await sink.held(a), null);
      await put(sink, a, body);
    });
    assert.equal(read(`${dir}/a.jpg`), body);
  }
});

test('refresh asks with the validators of the journal, and replaces', async (t) => {
  const dir = scratch(t);
  const validators = { etag: 'W/"1"', 'last-modified': 'Wed, 21 Oct 2015 07:28:00 GMT' };
  const options: Options = { existing: 'refresh' };
  await within(dir, options, async (sink) => {
    assert.equal(await sink.held(a), null);
    await put(sink, a, 'old', { headers: validators });
  });
  await within(dir, options, async (sink) => {
    assert.equal(sink.skip(a), null);
    assert.deepEqual(await sink.held(a), { kind: 'whole', etag: 'W/"1"', lastModified: validators['last-modified'] });
    await put(sink, a, 'new!');
    assert.equal(read(`${dir}/a.jpg`), 'new!');
  });
  await within(dir, options, async (sink) => {
    assert.equal(await sink.held(a), null, 'the newest answer had no validators');
  });
  await within(dir, {}, async (sink) => assert.equal(await sink.held(a), null, 'skip asks nothing'));
});

test('rename numbers around files of others, and not around its own', async (t) => {
  const dir = scratch(t);
  writeFileSync(`${dir}/a.jpg`, 'mine');
  const run = () =>
    within(dir, { existing: 'rename' }, async (sink) => {
      const names = openNames(settle({ existing: 'rename' }), sink.known);
      const job = { ...a, name: names.give(listed(a.url), 1) };
      const skipped = sink.skip(job)?.reason;
      if (!skipped) await put(sink, job, 'theirs');
      return [job.name, skipped];
    });
  assert.deepEqual(await run(), ['a-2.jpg', undefined]);
  assert.deepEqual(await run(), ['a-2.jpg', 'journal']);
  await within(dir, { existing: 'rename' }, (sink) => {
    assert.equal(sink.skip(named('http://other/a.jpg', 'a.jpg')), null, 'nothing is passed as exists');
  });
  assert.equal(read(`${dir}/a.jpg`), 'mine');
});

test('a file recorded for another URL is a collision, never exists', async (t) => {
  const dir = scratch(t);
  await within(dir, {}, (sink) => put(sink, a, 'a'));
  await within(dir, {}, (sink) => {
    const names = openNames(settle(), sink.known);
    const other = { ...listed('http://other/a.jpg') };
    assert.equal(names.give(other, 1), 'a-2.jpg');
    assert.equal(names.give(listed(a.url), 2), 'a.jpg');
  });
});

test('a directory in the way is EXISTS before any body', async (t) => {
  const dir = scratch(t);
  mkdirSync(`${dir}/a.jpg`);
  for (const existing of ['skip', 'overwrite', 'refresh'] as const) {
    await within(dir, { existing }, async (sink) => {
      if (existing === 'skip') assert.throws(() => sink.skip(a), { code: 'EXISTS' });
      assert.throws(() => sink.begin(a, head(2_000_000)), { code: 'EXISTS' });
      await assert.rejects(put(sink, a, 'small'), { code: 'EXISTS' });
    });
  }
  assert.deepEqual(parts(dir), []);
});

// ── parts ────────────────────────────────────────────────────────────────────────────────────────

const big = bytes(3_000_000);
const version = { validator: '"v1"', headers: { 'content-encoding': 'gzip' } };

test('a broken body is continued by the next run', async (t) => {
  const dir = scratch(t);
  await within(dir, {}, (sink) => cut(sink, a, big, 2_000_000, version));
  assert.equal(statSync(`${dir}/.pdl/parts/${a.id}.json`).mode & 0o777, 0o600);
  await within(dir, {}, async (sink) => {
    assert.equal(sink.skip(a), null);
    assert.deepEqual(await sink.held(a), {
      kind: 'part',
      from: 'http://h/',
      offset: 2_000_000,
      validator: '"v1"',
      total: 3_000_000,
      encoding: 'gzip',
    });
    const landed = await put(sink, { ...a, checksum: { algorithm: 'md5', hex: '0' } }, big.subarray(2_000_000), {
      offset: 2_000_000,
    }).catch((error: { code: string }) => error.code);
    assert.equal(landed, 'CHECKSUM', 'a continued part is hashed as a whole');
    assert.deepEqual(parts(dir), []);
  });
});

test('the hash of a continued file is that of the whole', async (t) => {
  const dir = scratch(t);
  await within(dir, { sha256: true }, async (sink) => {
    await cut(sink, a, big, 1_500_000, version);
    const landed = await put(sink, a, big.subarray(1_500_000), { offset: 1_500_000 });
    assert.equal(landed.sha256, sha256(big));
  });
  assert.deepEqual(readFileSync(`${dir}/a.jpg`), big);
});

test('a part that is complete is published without a further byte', async (t) => {
  const dir = scratch(t);
  await within(dir, {}, async (sink) => {
    await cut(sink, a, big, big.length, version);
    assert.equal(((await sink.held(a)) as { offset: number }).offset, big.length);
    const part = await sink.begin(a, head(big.length, { offset: big.length, status: 416 }));
    assert.equal((await part.finish({ lengthUnknown: false })).bytes, big.length);
  });
  assert.deepEqual(readFileSync(`${dir}/a.jpg`), big);
});

test('without a validator, and with too little to be worth it, nothing is kept', async (t) => {
  const dir = scratch(t);
  await within(dir, {}, async (sink) => {
    await cut(sink, a, big, 2_000_000);
    assert.deepEqual(parts(dir), []);
    await cut(sink, a, big.subarray(0, 60_000), 50_000, version);
    assert.deepEqual(parts(dir), []);
    await cut(sink, a, big.subarray(0, 900_000), 100_000, version);
    assert.equal(((await sink.held(a)) as { offset: number }).offset, 100_000);
    assert.deepEqual(readFileSync(`${dir}/.pdl/parts/${a.id}.part`), big.subarray(0, 100_000));
  });
});

test('what came last is what is kept: a new version replaces the part of the old one', async (t) => {
  const dir = scratch(t);
  const other = bytes(3_000_000, 9);
  await within(dir, {}, async (sink) => {
    await cut(sink, a, big, 2_000_000, version);
    await cut(sink, a, other, 1_200_000, { validator: '"v2"' });
    const held = await sink.held(a);
    assert.ok(held?.kind === 'part' && held.validator === '"v2"' && held.encoding === undefined, JSON.stringify(held));
    await put(sink, a, other.subarray(held.offset), { offset: held.offset });
  });
  assert.deepEqual(readFileSync(`${dir}/a.jpg`), other);
});

const spoiled: Record<string, (part: string, note: string) => void> = {
  'a part longer than its total (R13)': (part) => writeFileSync(part, Buffer.alloc(3_000_001)),
  'an empty part': (part) => writeFileSync(part, ''),
  'a part that is a link': (part) => {
    rmSync(part);
    symlinkSync('/etc/passwd', part);
  },
  'no note': (_, note) => rmSync(note),
  'a torn note': (_, note) => writeFileSync(note, readFileSync(note).subarray(0, 40)),
  'a note of another URL': (_, note) => writeFileSync(note, read(note).replace('http://h/', 'http://evil/')),
  'a validator that would split a header': (_, note) => writeFileSync(note, read(note).replace('v1', 'v1\\r\\nX: y')),
  'a total that is none': (_, note) => writeFileSync(note, read(note).replace('3000000', '-1')),
};

for (const [what, spoil] of Object.entries(spoiled)) {
  test(`${what}: nothing is held, and the part is dropped`, async (t) => {
    const dir = scratch(t);
    const base = `${dir}/.pdl/parts/${a.id}`;
    await within(dir, {}, (sink) => cut(sink, a, big, 2_000_000, version));
    spoil(`${base}.part`, `${base}.json`);
    await within(dir, {}, async (sink) => {
      assert.equal(await sink.held(a), null);
      assert.deepEqual(parts(dir), []);
      await put(sink, a, 'whole');
    });
    assert.match(read('/etc/passwd'), /root/);
  });
}

test('--no-resume drops the part', async (t) => {
  const dir = scratch(t);
  await within(dir, {}, (sink) => cut(sink, a, big, 2_000_000, version));
  await within(dir, { noResume: true }, async (sink) => assert.equal(await sink.held(a), null));
  assert.deepEqual(parts(dir), []);
});

test('under --fsync only what is known to be durable is continued (R14)', async (t) => {
  const dir = scratch(t);
  const base = `${dir}/.pdl/parts/${a.id}`;
  await within(dir, { fsync: true }, (sink) => cut(sink, a, big, 2_000_000, version));
  assert.equal(JSON.parse(read(`${base}.json`)).durable, 2_000_000);
  writeFileSync(`${base}.json`, read(`${base}.json`).replace('"durable":2000000', '"durable":1048576'));
  await within(dir, { fsync: true }, async (sink) => {
    assert.equal(((await sink.held(a)) as { offset: number }).offset, 1_048_576);
    const part = await sink.begin(a, head(big.length, { offset: 1_048_576 }));
    await part.write(big.subarray(1_048_576, 1_100_000));
    await part.abandon();
    assert.equal(statSync(`${base}.part`).size, 1_100_000, 'the tail that was not durable is gone');
    await put(sink, a, big.subarray(1_100_000), { offset: 1_100_000 });
  });
  assert.deepEqual(readFileSync(`${dir}/a.jpg`), big);
});

test('a part that a killed run had already published is removed at the next start', async (t) => {
  const dir = scratch(t);
  await within(dir, {}, (sink) => cut(sink, a, big, big.length, version));
  linkSync(`${dir}/.pdl/parts/${a.id}.part`, `${dir}/a.jpg`);
  await within(dir, {}, (sink) => {
    assert.equal(sink.skip(a)?.reason, 'exists');
    assert.deepEqual(parts(dir), []);
  });
  assert.equal(statSync(`${dir}/a.jpg`).nlink, 1);
});

test('one job is not under way twice', async (t) => {
  await within(scratch(t), {}, async (sink) => {
    const part = await sink.begin(a, head(5));
    assert.throws(() => sink.begin(a, head(5)), { code: 'EXISTS' });
    await part.abandon();
    await put(sink, a, 'fine');
  });
});

// ── names and places ─────────────────────────────────────────────────────────────────────────────

test('sub-directories are made, and no symbolic link leads out of DIR (S2)', async (t) => {
  const dir = scratch(t);
  const outside = scratch(t);
  const way = `${dir}/out`;
  mkdirSync(way);
  symlinkSync(outside, `${way}/evil`);
  mkdirSync(`${way}/real`);
  symlinkSync('real', `${way}/inside`);
  writeFileSync(`${way}/file`, 'mine');
  await within(way, {}, async (sink) => {
    await put(sink, named('http://h/1', 'x/y/z/1'), '1');
    await put(sink, named('http://h/2', 'x/y/2'), '2');
    await put(sink, named('http://h/3', 'inside/3'), '3');
    for (const size of [1, 2_000_000]) {
      const body = Buffer.alloc(size);
      await assert.rejects(async () => put(sink, named('http://h/4', 'evil/4'), body), { code: 'NAME' });
      await assert.rejects(async () => put(sink, named('http://h/5', 'x/../../5'), body), { code: 'NAME' });
      await assert.rejects(async () => put(sink, named('http://h/6', 'file/6'), body), { code: 'EXISTS' });
    }
  });
  assert.equal(read(`${way}/x/y/z/1`), '1');
  assert.equal(read(`${way}/real/3`), '3');
  assert.deepEqual(readdirSync(outside), []);
  assert.deepEqual(parts(way), []);
});

test('links at the final name and at the part are never followed (S1)', async (t) => {
  const dir = scratch(t);
  const victim = `${scratch(t)}/victim`;
  writeFileSync(victim, 'mine');
  await within(dir, { existing: 'overwrite' }, async (sink) => {
    symlinkSync(victim, `${dir}/a.jpg`);
    symlinkSync(victim, `${dir}/.pdl/parts/${a.id}.part`);
    await put(sink, a, 'theirs');
  });
  assert.equal(read(victim), 'mine');
  assert.equal(read(`${dir}/a.jpg`), 'theirs');
  await within(dir, {}, (sink) => {
    symlinkSync(victim, `${dir}/b`);
    assert.equal(sink.skip(named('http://h/b', 'b'))?.reason, 'exists');
  });
});

test('a .pdl that is a link is refused', async (t) => {
  const dir = scratch(t);
  symlinkSync(scratch(t), `${dir}/.pdl`);
  await assert.rejects(open(dir), { code: 'DISK' });
});

test('files are made as the umask says, whatever the server', async (t) => {
  const dir = scratch(t);
  const before = process.umask(0o027);
  try {
    await within(dir, {}, async (sink) => {
      await put(sink, a, 'small');
      await put(sink, named('http://h/b', 'b'), Buffer.alloc(2_000_000));
    });
  } finally {
    process.umask(before);
  }
  assert.deepEqual(
    ['a.jpg', 'b'].map((name) => statSync(`${dir}/${name}`).mode & 0o777),
    [0o640, 0o640],
  );
});

test('--remote-time gives the file the date of the server, if it is one', async (t) => {
  const dir = scratch(t);
  await within(dir, { remoteTime: true }, async (sink) => {
    await put(sink, a, 'x', { headers: { 'last-modified': 'Wed, 21 Oct 2015 07:28:00 GMT' } });
    await put(sink, named('http://h/b', 'b'), Buffer.alloc(2_000_000), { headers: { 'last-modified': 'gestern' } });
  });
  assert.equal(statSync(`${dir}/a.jpg`).mtime.toISOString(), '2015-10-21T07:28:00.000Z');
  assert.equal(statSync(`${dir}/b`).mtime.getFullYear() > 2020, true);
});

test('the path of a result is DIR as given and the name', async (t) => {
  const dir = scratch(t);
  const before = process.cwd();
  process.chdir(dir);
  try {
    for (const [given, path] of [
      ['.', 'a.jpg'],
      ['./x', './x/a.jpg'],
      ['y/', 'y/a.jpg'],
      [`${dir}/z`, `${dir}/z/a.jpg`],
    ] as const) {
      assert.equal(await within(given, {}, async (sink) => (await put(sink, a, 'x')).path), path);
    }
  } finally {
    process.chdir(before);
  }
});

// ── the server names the file ────────────────────────────────────────────────────────────────────

/** Content-Disposition as it comes (latin1), and the name it gives to http://h/given. */
const dispositions: readonly [value: string, name: string][] = [
  ['attachment; filename="b.txt"', 'b.txt'],
  ['attachment; filename=b.txt', 'b.txt'],
  ['inline; filename="b.txt"', 'b.txt'],
  [`attachment; filename="b.txt"; filename*=UTF-8''%e2%82%ac.txt`, '€.txt'],
  [`attachment; filename*=UTF-8''%e2%82%ac.txt; filename="b.txt"`, '€.txt'],
  [`attachment; filename*=iso-8859-1''foo-%E4.html`, 'foo-ä.html'],
  [`attachment; filename*=UTF-8''%C3%83%C2%A9`, 'Ã©'],
  [Buffer.from('attachment; filename="résumé.txt"').toString('latin1'), 'résumé.txt'],
  [Buffer.from('attachment; filename="résumé.txt"', 'latin1').toString('latin1'), 'résumé.txt'],
  ['attachment; filename="../../etc/passwd"', 'passwd'],
  ['attachment; filename="/etc/passwd"', 'passwd'],
  ['attachment; filename="..\\\\..\\\\evil.exe"', 'evil.exe'],
  ['attachment; filename=".bashrc"', '_bashrc'],
  [`attachment; filename*=UTF-8''..%2f..%2fevil`, 'evil'],
  [`attachment; filename*=UTF-8''a%00b%0d%0a`, 'ab'],
  ['attachment; filename=".."', 'given'],
  ['attachment; filename=""', 'given'],
  ['attachment', 'given'],
  ['', 'given'],
  ['attachment; filename="a"; filename="b"', 'a'],
  ['attachment; filename="unclosed', 'given'],
];

for (const [value, name] of dispositions) {
  test(`the server's ${JSON.stringify(value)} names the file ${name}`, async (t) => {
    const dir = scratch(t);
    const headers = { 'content-disposition': value };
    await within(dir, { contentDisposition: true }, (sink) =>
      put(sink, named('http://h/given', 'given'), 'x', { headers }),
    );
    assert.deepEqual(
      readdirSync(dir).filter((there) => there !== '.pdl'),
      [name],
    );
  });
}

test('whatever the header, the name is safe', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constantFrom('', 'filename=', 'filename="', "filename*=UTF-8''"),
      (text, kind) => {
        const headers = {
          'content-disposition': `attachment; ${kind}${kind.includes('*') ? encodeURIComponent(text.replace(/\p{Cs}/gu, '')) : text}`,
        };
        const name = answeredName(a, 'given', head(1, { headers }), new Taken(), () => true);
        assert.ok(isBelow(name) && !name.includes('/') && cleanName(name) === name, name);
      },
    ),
    { numRuns: 2000 },
  );
});

test('without --content-disposition the server names nothing', async (t) => {
  const dir = scratch(t);
  const headers = { 'content-disposition': 'attachment; filename=b' };
  await within(dir, {}, (sink) => put(sink, a, 'x', { headers }));
  assert.equal(existsSync(`${dir}/a.jpg`), true);
});

test('where the server gives one name twice, the later gets 8 digits of its hash, and keeps it in the next run', async (t) => {
  const dir = scratch(t);
  const headers = { 'content-disposition': 'attachment; filename=same.pdf' };
  const options: Options = { contentDisposition: true };
  const urls = ['http://h/1', 'http://h/2'];
  const second = `same-${sha256('http://h/2').slice(0, 8)}.pdf`;
  const run = (check: (given: string[], reasons: (string | undefined)[]) => void) =>
    within(dir, options, async (sink) => {
      const names = openNames(settle(options), sink.known);
      const jobs = urls.map((url, at) => ({ ...listed(url), name: names.give(listed(url), at + 1) }));
      const reasons: (string | undefined)[] = [];
      for (const job of jobs) {
        const passed = sink.skip(job);
        reasons.push(passed?.reason);
        if (passed) continue;
        // A retry of the same job does not clash with itself.
        await (await sink.begin(job, head(1, { headers }))).abandon();
        await put(sink, job, job.url, { headers });
      }
      check(
        jobs.map(({ name }) => name),
        reasons,
      );
    });
  await run((given, reasons) =>
    assert.deepEqual(
      [given, reasons],
      [
        ['1', '2'],
        [undefined, undefined],
      ],
    ),
  );
  assert.equal(read(`${dir}/same.pdf`), 'http://h/1');
  assert.equal(read(`${dir}/${second}`), 'http://h/2');
  await run((given, reasons) =>
    assert.deepEqual(
      [given, reasons],
      [
        ['same.pdf', second],
        ['journal', 'journal'],
      ],
    ),
  );
  // Fetched again, a file keeps the name that the journal has, whatever the server says now.
  rmSync(`${dir}/same.pdf`);
  headers['content-disposition'] = 'attachment; filename=other.pdf';
  await run((given) => assert.deepEqual(given, ['same.pdf', second]));
  assert.deepEqual(readdirSync(dir).sort(), ['.pdl', second, 'same.pdf'].sort());
});

test('a server-named file never replaces a stranger (N13), nor a name that the list spells out', async (t) => {
  const dir = scratch(t);
  writeFileSync(`${dir}/b`, 'mine');
  const headers = { 'content-disposition': 'attachment; filename=b' };
  await within(dir, { contentDisposition: true }, async (sink) => {
    await put(sink, named('http://h/given', 'sub/given'), 'x', { headers });
    await put(sink, named('http://h/other', 'other'), 'x', { headers });
    await put(sink, listed('http://h/c', { name: 'mine.txt' }), 'x', { headers });
  });
  assert.equal(read(`${dir}/b`), 'mine');
  assert.deepEqual(
    [`${dir}/sub/b`, `${dir}/mine.txt`].map((path) => existsSync(path)),
    [true, true],
  );
  assert.equal(existsSync(`${dir}/b-${sha256('http://h/other').slice(0, 8)}`), true);
});

// ── the place itself ─────────────────────────────────────────────────────────────────────────────

test('a run of arguments alone that ended well leaves no .pdl, if it made it', async (t) => {
  const dir = scratch(t);
  const argued = { ...a, origin: { source: 'argv', number: 1, text: a.url } };
  const run = (job: typeof a, save: boolean) =>
    within(dir, {}, async (sink) => {
      if (sink.skip(job) === null && save) await put(sink, job, 'x');
      sink.tidy();
    });
  await run(argued, true);
  assert.deepEqual(readdirSync(dir), ['a.jpg']);
  await run(named('http://h/list', 'list'), true);
  assert.ok(existsSync(`${dir}/.pdl`), 'a list remembers');
  await run({ ...argued, id: sha256('b').slice(0, 32), name: 'b' }, true);
  assert.ok(existsSync(`${dir}/.pdl`), 'it was there before');
  rmSync(`${dir}/.pdl`, { recursive: true });
  await run({ ...argued, name: 'c' }, false);
  assert.ok(existsSync(`${dir}/.pdl`), 'a line is left');
});

test('shards share DIR: each has its own state, and knows the names that others recorded', async (t) => {
  const dir = scratch(t);
  const urls = ['http://h/a.jpg', 'http://i/a.jpg'];
  const first = await open(dir, { shard: '0/2' });
  const second = await open(dir, { shard: '1/2' });
  await put(first, named(urls[0]!, 'a.jpg'), '0');
  await put(second, named(urls[1]!, 'a-2.jpg'), '1');
  await first.close();
  await second.close();
  assert.deepEqual(readdirSync(`${dir}/.pdl`).sort(), ['shard-0-of-2', 'shard-1-of-2']);
  for (const options of [{ shard: '0/2' }, {}, { shard: '1/3' }]) {
    await within(dir, options, (sink) => {
      const names = openNames(settle(), sink.known);
      // A new line in front takes the next number, not a name that another shard's file has.
      const given = ['http://new/a.jpg', ...urls].map((url, at) => names.give(listed(url), at + 1));
      assert.deepEqual(given, ['a-3.jpg', 'a.jpg', 'a-2.jpg']);
      assert.equal(sink.skip(named(urls[1]!, 'a-2.jpg'))?.reason, 'journal');
    });
  }
});

test('a DIR that cannot be written to is DISK before any request', {
  skip: process.getuid?.() === 0 && 'root may write anywhere',
}, async (t) => {
  const dir = scratch(t);
  chmodSync(dir, 0o555);
  await assert.rejects(open(dir), { code: 'DISK', facts: { reason: 'EACCES' } });
});

test('a DIR that is a file, or lies below one, is DISK', async (t) => {
  const dir = scratch(t);
  writeFileSync(`${dir}/file`, '');
  for (const path of [`${dir}/file`, `${dir}/file/below`]) {
    await assert.rejects(open(path), (error: { code: string; message: string }) => {
      assert.equal(error.code, 'DISK');
      assert.match(error.message, /^Cannot write to .*: a file stands where a directory is needed$/);
      return true;
    });
  }
});

test('a DIR below /proc is DISK at once, where a recursive mkdir of Node never ends', {
  skip: process.platform !== 'linux' && 'no /proc',
}, async () => {
  for (const path of ['/proc/pdl', '/proc/pdl/below']) await assert.rejects(open(path), { code: 'DISK' });
});

test('DIR is made with all its parents, however it is written', async (t) => {
  const dir = scratch(t);
  await (await open(`${dir}/a/b/../c/`)).close();
  assert.ok(existsSync(`${dir}/a/c/.pdl`), 'the journal lies in a/c');
});

test('a vanished DIR is DISK', async (t) => {
  const dir = `${scratch(t)}/out`;
  const sink = await open(dir);
  rmSync(dir, { recursive: true });
  await assert.rejects(put(sink, a, 'x'), { code: 'DISK' });
  await assert.rejects(put(sink, named('http://h/b', 'b'), Buffer.alloc(2_000_000)), { code: 'DISK' });
  await sink.close();
});
