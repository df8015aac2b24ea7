/** Writes what follows from the flag table: the man page into dist/, and with `all` the README's table and the pinned help. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { helpText } from '../../src/cli/help.ts';
import { manPage, optionTable } from '../../src/cli/manual.ts';

const root = join(import.meta.dirname, '../..');

mkdirSync(join(root, 'dist/man'), { recursive: true });
writeFileSync(join(root, 'dist/man/pdl.1'), manPage());
if (process.argv[2] === 'all') {
  writeFileSync(join(root, 'fixtures/help.txt'), helpText());
  const readme = join(root, 'README.md');
  const table = `<!-- options -->\n${optionTable()}\n<!-- /options -->`;
  writeFileSync(
    readme,
    readFileSync(readme, 'utf8').replace(/<!-- options -->[\s\S]*?<!-- \/options -->/, () => table),
  );
}
