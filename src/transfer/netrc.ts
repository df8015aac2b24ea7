/** Passwords from a .netrc file, by machine. */

import { warnOfLines } from '../warnings.js';

export interface Login {
  login: string;
  password: string;
}

/**
 * Reads netrc text into lower-case machine → login. The first entry of a machine counts. `default` is left out: a password is sent only to
 * a machine that the file names (curl CVE-2024-11053 and CVE-2025-0167 were `default`). What is not understood is passed over, and told.
 */
export function parseNetrc(text: string, path: string): Map<string, Login> {
  const logins = new Map<string, Login>();
  const odd: string[] = [];
  let entry: Login | null = null;
  const tokens = tokenize(text, odd);
  for (let at = 0; at < tokens.length; ) {
    const { word, line } = tokens[at++]!;
    if (word === 'default') {
      entry = { login: '', password: '' };
      continue;
    }
    // `protocol https`, `port 443`: the value is passed over as the next word.
    if (!keywords.includes(word)) {
      odd.push(`line ${line} holds an unknown word`);
      continue;
    }
    const value = tokens[at++]?.word;
    if (value === undefined) odd.push(`line ${line} says ${word} without a value`);
    else if (word === 'machine') {
      entry = { login: '', password: '' };
      if (!logins.has(value.toLowerCase())) logins.set(value.toLowerCase(), entry);
    } else if (entry === null) odd.push(`line ${line} says ${word} before any machine`);
    else if (word !== 'account') entry[word as keyof Login] = value;
  }
  warnOfLines(`netrc file ${path}`, odd);
  return logins;
}

const keywords = ['machine', 'login', 'password', 'account'];

interface Token {
  word: string;
  line: number;
}

/** Words with their lines; comments and `macdef` bodies (up to an empty line) left out, "quoted words" opened. */
function tokenize(text: string, odd: string[]): Token[] {
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
      if (broken !== undefined) {
        odd.push(`line ${index + 1} holds a quote that does not end`);
        break;
      }
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
  return !keywords.includes(tokens.at(-1)?.word ?? '');
}
