/** The plain list: one URL a line, `#` comments, blank lines; indented options below a URL belong to it. */

import type { Entry } from '../../types.js';
import type { RawLine } from '../text.js';
import { addOption, type Draft, finished, isKnown, leavesDir, readOption } from './options.js';
import { bad, type OpenReader, tooLong } from './reader.js';

const url = /^\s*https?:\/\//i;
const comment = 0x23;
const blank = 0x20;

/** Opens a reader of plain lists. An indented http(s) URL is a URL; any other indented line is an option of the URL above, or bad. */
export const lines: OpenReader = (_source, once) => {
  /** The last URL: its options may follow. */
  let last: Entry | null = null;
  let draft: Draft | null = null;
  let hasOptions = false;

  function release(into: Entry[]): Entry[] {
    if (draft !== null) into.push(finished(draft));
    else if (last !== null) into.push(last);
    last = null;
    draft = null;
    return into;
  }

  function indented(line: RawLine, into: Entry[]): void {
    const text = line.text.trim();
    if (text === '' || text.charCodeAt(0) === comment) return;
    const given = url.test(line.text) ? null : readOption(line.text);
    if (given !== null && isKnown(given.key) && last !== null) {
      hasOptions = true;
      draft ??= { url: last.url, origin: last.origin! };
      draft.origin = { ...draft.origin, text: `${draft.origin.text}\n${line.text}` };
      addOption(draft, given.key, given.value);
      if (given.key === 'dir' && leavesDir(given.value))
        once('dir', line.number, 'dir= stays below the output directory');
      return;
    }
    release(into);
    if (url.test(line.text)) last = { url: text, origin: line };
    else into.push(bad(line, given === null ? 'it is no URL' : 'it is an option without a URL above it'));
  }

  return {
    take(batch) {
      const into: Entry[] = [];
      for (const line of batch) {
        const first = line.text.charCodeAt(0);
        if (line.long) {
          release(into).push(tooLong(line));
        } else if (first > blank) {
          if (first === comment) continue;
          if (last !== null) release(into);
          last = { url: line.text, origin: line };
        } else if (line.text !== '') {
          indented(line, into);
        }
      }
      return into;
    },
    // A person at a pipe waits for each line. Only a list that has shown options holds its last URL back.
    pause: () => (hasOptions ? [] : release([])),
    end: () => release([]),
  };
};
