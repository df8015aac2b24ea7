/** Text of others costs time linear in its length: each parser is given nasty texts of n and of 2n characters. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseChecksum } from '../src/list/checksum.ts';
import { type Format, readers } from '../src/list/formats/format.ts';
import { openJudge } from '../src/list/judge.ts';
import { readRanges } from '../src/list/ranges.ts';
import { openSplitter } from '../src/list/text.ts';
import { fit } from '../src/report/columns.ts';
import { openEntries } from '../src/report/failed-entry.ts';
import { safe, safeJson } from '../src/report/safe.ts';
import { withoutPasswords } from '../src/report/secrets.ts';
import { readRobots } from '../src/schedule/robots-txt.ts';
import { show } from '../src/show.ts';
import { openArchive } from '../src/sink/archive.ts';
import { cleanName } from '../src/sink/clean.ts';
import { answeredName } from '../src/sink/disposition.ts';
import { openNames } from '../src/sink/names.ts';
import { encode } from '../src/sink/record.ts';
import { Records } from '../src/sink/records.ts';
import { Taken } from '../src/sink/taken.ts';
import { cookieHeader, parseCookies } from '../src/transfer/cookies.ts';
import { addField } from '../src/transfer/fields.ts';
import { judge } from '../src/transfer/head.ts';
import { checkHead } from '../src/transfer/limits.ts';
import { redirectTarget } from '../src/transfer/location.ts';
import { parseNetrc } from '../src/transfer/netrc.ts';
import { merged } from '../src/transfer/request.ts';
import { exchangeError } from '../src/transfer/why.ts';
import type { Failed, Job } from '../src/types.ts';
import { idOf, originOf } from '../src/url.ts';
import { growthFault, type Work } from './support/growth.ts';

interface Row {
  work: Work;
  /** Beside those that every parser meets. */
  units?: string[];
  /** Only the length of the text counts. */
  counted?: true;
  before?: string[];
  after?: string[];
  largest?: number;
}

/** The wire takes no header block of more than 64 kB. */
const header = 65_536;
const units = [
  'a',
  '0',
  ' ',
  '\t',
  '.',
  '@',
  '/',
  '\\',
  '%',
  '"',
  "'",
  ',',
  ';',
  '=',
  ':',
  '-',
  '\u00a0',
  'a@',
  '. ',
  'a=',
  '\n',
  'é',
];
const marks = '\u0301\u0323';

const folder = mkdtempSync(join(tmpdir(), 'pdl-growth-'));
after(() => rmSync(folder, { recursive: true }));
const fileOf = (text: string) => {
  const path = join(folder, 'file');
  writeFileSync(path, text);
  return path;
};

const rules = await readRobots('User-agent: *\nDisallow: /*a*b$\nAllow: /a*.*=\nDisallow: /*%41', 'pdl');
const latin1 = (text: string) => Buffer.from(text).toString('latin1');
const jobOf = (more: Partial<Job> = {}): Job => ({
  id: idOf('http://h/'),
  url: 'http://h/',
  origin: { source: 'list', number: 1, text: 'http://h/' },
  ...more,
});
const failed = (code: string, text: string, job?: Job) => ({ error: { code }, source: 'list', text, job }) as Failed;

function readList(format: Format): Work {
  return (text) => {
    const splitter = openSplitter('list');
    const reader = readers[format]('list', () => {});
    const judged = openJudge('list', { lines: 0, urls: 0, bad: -1e9 }, true);
    const lines = [...splitter.take(Buffer.from(text)), ...splitter.end()];
    for (const entries of [reader.take(lines), reader.end()]) Array.from(judged(entries));
  };
}

function namedBy(headers: Record<string, string>): string {
  const head = { status: 200, url: 'http://h/', offset: 0, headers };
  return answeredName(jobOf(), 'a', head, new Taken(), () => true);
}

const nameOf = (name: string, job: Job) => openNames({ name, names: null, existing: 'skip' }).give(job, 1);

const headOf =
  (name: string): Work =>
  (text) =>
    judge('http://h/', null, { status: 206, headers: { etag: '"a"', [name]: text } }, () => new Date(0));

const record = { id: '0'.repeat(32), name: 'a', bytes: 1, kind: 'saved', seq: 1, url: 'http://h/' } as const;

const servers: Record<string, Row> = {
  Location: {
    work: (text) => redirectTarget('http://h/', { status: 302, headers: { location: latin1(text) } }),
    before: ['', 'http://', 'http://a:'],
    units: [marks, 'a.', '../', 'xn--a.', '%CC%81%CC%A3'],
  },
  'Content-Disposition': {
    work: (text) => namedBy({ 'content-disposition': latin1(text) }),
    before: ['', 'attachment; filename="', "attachment; filename*=UTF-8''"],
    after: ['x"'],
    units: [marks, '\\"', 'a=a;', '; a="', '%2e', '%CC%81%CC%A3'],
  },
  'Content-Range': { work: headOf('content-range'), before: ['', 'bytes ', 'bytes 1-'] },
  'Content-Length': { work: headOf('content-length') },
  'Transfer-Encoding': { work: headOf('transfer-encoding'), units: ['chunked,'] },
  'Last-Modified and Date': { work: headOf('last-modified'), before: ['', 'Sun, 06 Nov 1994 '] },
  ETag: { work: headOf('etag'), before: ['"'] },
  'Retry-After': {
    work: (text) => judge('http://h/', null, { status: 503, headers: { 'retry-after': text } }, () => new Date(0)),
  },
  'Content-Type': {
    work: (text) => {
      const head = { status: 200, url: 'http://h/', offset: 0, headers: { 'content-type': text } };
      checkHead(head, { maxSize: 1, minSize: 0, expect: ['image/*'] });
    },
    before: ['', 'image/'],
  },
  'robots.txt': {
    work: async (text) => (await readRobots(text, 'pdl')).allows('/a/b?c'),
    before: ['', 'User-agent: *\nDisallow: /'],
    units: [
      '*',
      '*a',
      '%41',
      'Allow:/\n',
      'Allow:/*a\n',
      'User-agent:*\n',
      'User-agent: pdl\nAllow: /\n',
      'user-agent',
      '#\n',
    ],
  },
  'a path under robots.txt': {
    work: (text) => rules.allows(`/${text}`),
    units: ['*', '$', '%41', '?'],
  },
  'a broken answer': {
    work: (text) => {
      const error = Object.assign(new Error(text), { name: 'HTTPParserError' });
      return exchangeError({ url: 'http://h/', error, answered: false, received: 0, reused: false, viaProxy: false });
    },
    units: ['(', '(a', '()'],
  },
};

const texts: Record<string, Row> = {
  'text for a terminal': {
    work: (text) => withoutPasswords(safe(text)),
    after: ['x', '@'],
    units: ['http://', 'a:', '\x1b'],
  },
  'text of a given width': { work: (text) => fit(safe(text), 80), units: [marks, '漢', '👨🏽‍💻'] },
  'JSON for a terminal': { work: safeJson, units: ['\u202e'] },
  'a piece of a list in a message': { work: (text) => show(text), before: ['http://'], after: ['@'] },
  'a file name': {
    work: (text) => cleanName(text),
    before: ['', 'con'],
    units: [marks, '\u0301', ' .', '-', '\ud800', '\u200b'],
  },
  'names from a URL': {
    work: (text) => nameOf('{host}/{path}/{name}{stem}{ext}', jobOf({ url: new URL(`http://h/${text}`).href })),
    units: [marks, '%2e', '%ff', 'a/', `${'a'.repeat(300)}/`],
  },
  'a name from a column': {
    work: (text) => nameOf('{c}', jobOf({ columns: { c: text } })),
    units: [marks, 'a/', '../'],
  },
  'a failed line': {
    work: (text) => {
      const job = jobOf({ url: new URL(`http://h/${text}`).href, name: text, columns: { [text]: text } });
      for (const format of ['lines', 'csv', 'tsv', 'jsonl'] as const)
        openEntries(format, () => 'aria2', true)(failed('DNS', text, job));
    },
  },
  'a bad line': { work: (text) => openEntries('lines', () => 'lines', false)(failed('BAD_LINE', text)) },
};

const lists: Record<string, Row> = {
  'plain list': {
    work: readList('lines'),
    before: ['', 'http://', 'http://h/\n', 'http://h/\n out=a'],
    units: [marks, 'a.', '%CC%81%CC%A3', ' a=b\n', ' column.a=b\n', ' header=a: b\n', 'http://h/\n', '{a,b}', '[1-2]'],
  },
  'aria2 list': {
    work: readList('aria2'),
    before: ['', 'http://h/\n', 'http://h/\n dir=a'],
    units: [' a=b\n', ' column.a=b\n', ' header=a: b\n', 'a\t', 'http://h/\n'],
  },
  'headers of one line': {
    work: (text) => readList('lines')(`http://h/\n${[...text].map((_, at) => ` header=h${at}: b\n`).join('')}`),
    counted: true,
  },
  CSV: {
    work: readList('csv'),
    before: ['', 'url,a\nhttp://h/,"'],
    units: ['a","', 'a","\n', '"\n', '"a\n', '"",', 'a,\n', '",\n'],
  },
  'CSV with many columns': {
    work: (text) => readList('csv')(['url', ...[...text].map((_, at) => `c${at}`)].join(',')),
    counted: true,
    // What is longer than 64 kB is no header.
    largest: 10_000,
  },
  TSV: { work: readList('tsv'), before: ['', 'url\ta\nhttp://h/\t"'], units: ['a"\t', '"\n', '"a\n', '""\t', 'a\t\n'] },
  'JSON Lines': {
    work: readList('jsonl'),
    before: ['', '{"url":"http://h/', '{"headers":{'],
    units: ['[', '{"a":', '{}\n', '{"url":"http://h/"}\n', '\\"', '\\u0301'],
  },
  'ranges of a URL': {
    work: (text) => {
      const ranges = readRanges(text);
      return typeof ranges === 'object' && ranges?.[Symbol.iterator]().next();
    },
    before: ['', 'http://h/[', 'http://h/{a'],
    units: ['[', '[:', '{a}', '{a,b}', '[1-2]', '\\[', '[::1]'],
  },
  checksum: { work: parseChecksum, before: ['', 'sha256:'] },
};

const files: Record<string, Row> = {
  'cookies.txt': {
    work: (text) => parseCookies(text, 'file'),
    before: ['', 'h\tTRUE\t/\tTRUE\t0\ta\t'],
    units: ['\n#', '\r', 'h\tTRUE\t/\tTRUE\t0\ta\tb\n'],
  },
  'Cookie header': {
    work: (text) => cookieHeader(new Map(), `${originOf(`http://${text}`)}/`, 0),
    units: ['a.', '1.'],
  },
  netrc: {
    work: (text) => parseNetrc(text, 'file'),
    before: ['', 'machine "', 'macdef x\n'],
    after: ['x', '"x'],
    units: ['\\"', '""', '# ', 'machine h login a password b\n'],
  },
  'header file': {
    work: (text) => {
      const fields = new Map();
      for (const line of text.split(/\r?\n/)) addField(fields, line, 'header file');
    },
    before: ['', 'a: '],
    units: ['a: b\n', 'a;\n'],
  },
  'headers of a job': {
    work: (text) => merged({}, Object.fromEntries([...text].map((_, at) => [`h${at}`, ''])), true),
    counted: true,
  },
  archive: { work: async (text) => (await openArchive(fileOf(text))).close?.(), units: ['url http://h/\n'] },
  journal: {
    work: async (text) => (await Records.open([fileOf(text)])).close(),
    units: [encode(record), '{"id":"'],
  },
};

for (const [name, row] of Object.entries({ ...servers, ...texts, ...lists, ...files })) {
  test(`${name}: twice the text takes less than three times the work`, async () => {
    const largest = row.largest ?? header;
    const faults: string[] = [];
    for (const before of row.before ?? [''])
      for (const end of row.after ?? ['x'])
        for (const unit of row.counted ? ['a'] : [...units, ...(row.units ?? [])]) {
          const fault = await growthFault(row.work, [before, unit, end], largest);
          if (fault !== null) faults.push(fault);
        }
    assert.deepEqual(faults, []);
  });
}

test('the check finds quadratic work, and lets linear work pass', async () => {
  const quadratic = (text: string) => text.replace(/[ .]+$/, '');
  let fault: string | null = null;
  // On a busy machine it lets some pass, rather than complain of what is linear.
  for (let attempt = 0; fault === null && attempt < 10; attempt++)
    fault = await growthFault(quadratic, ['', '.', 'x'], header);
  assert.match(fault ?? '', /^characters of .* take /);
  const linear = (text: string) => {
    for (let at = 0; at < text.length; at++) text.slice(at, at + 40).normalize('NFC');
  };
  assert.equal(await growthFault(linear, ['', 'é', 'x'], header), null);
});
