/** Passwords from a .netrc file, by machine. */

import { UsageError } from '../errors.js';

export interface Login {
  login: string;
  password: string;
}

/**
 * Reads netrc text into lower-case machine → login. The first entry of a machine counts. `default` is left out:
 * a password is sent only to a machine that the file names (curl CVE-2024-11053 and CVE-2025-0167 were `default`).
 * @throws UsageError with path and line.
 */
export function parseNetrc(text: string, path: string): Map<string, Login> {
  const logins = new Map<string, Login>();
  const refuse = (line: number, state: string) =>
    new UsageError(`Cannot read netrc file ${path}: line ${line} ${state}`);
  let entry: Login | null = null;
  const tokens = tokenize(text, refuse);
  for (let at = 0; at < tokens.length; ) {
    const { word, line } = tokens[at++]!;
    if (word === 'default') {
      entry = { login: '', password: '' };
      continue;
    }
    const value = tokens[at++]?.word;
    if (!['machine', 'login', 'password', 'account'].includes(word)) throw refuse(line, 'holds an unknown word');
    if (value === undefined) throw refuse(line, `says ${word} without a value`);
    if (word === 'machine') {
      entry = { login: '', password: '' };
      if (!logins.has(value.toLowerCase())) logins.set(value.toLowerCase(), entry);
    } else if (entry === null) throw refuse(line, `says ${word} before any machine`);
    else if (word !== 'account') entry[word as keyof Login] = value;
  }
  return logins;
}

interface Token {
  word: string;
  line: number;
}

type Refuse = (line: number, state: string) => UsageError;

/** Words with their lines; comments and `macdef` bodies (up to an empty line) left out, "quoted words" opened. */
function tokenize(text: string, refuse: Refuse): Token[] {
  const tokens: Token[] = [];
  let macro = false;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (macro) {
      macro = line.trim() !== '';
      continue;
    }
    const word = /\s*(?:"((?:[^"\\]|\\.)*)"(?=\s|$)|(#.*)|([^\s"]\S*)|(\S.*))/gy;
    for (let found = word.exec(line); found; found = word.exec(line)) {
      const [, quoted, comment, plain, broken] = found;
      if (broken !== undefined) throw refuse(index + 1, 'holds a quote that does not end');
      if (comment !== undefined && startsComment(tokens)) break;
      if (plain === 'macdef' && startsComment(tokens)) {
        macro = true;
        break;
      }
      tokens.push({ word: quoted?.replace(/\\(.)/g, '$1') ?? comment ?? plain ?? '', line: index + 1 });
    }
  }
  return tokens;
}

/** Between entries `#` begins a comment; where a value is due it is a password that begins with `#`. */
function startsComment(tokens: Token[]): boolean {
  return !['machine', 'login', 'password', 'account'].includes(tokens.at(-1)?.word ?? '');
}
