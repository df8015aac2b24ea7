/** aria2's input file: a URL a line (mirrors after a TAB), indented `key=value` options below it. */

import type { Entry } from '../../types.js';
import { addOption, type Draft, finished, isKnown, leavesDir, readOption } from './options.js';
import { bad, type OpenReader, tooLong } from './reader.js';

/** Opens a reader of aria2 lists. Keys that pdl does not know and mirrors are named once each, never silently dropped. */
export const aria2: OpenReader = (_source, once) => {
  let draft: Draft | null = null;

  function release(into: Entry[]): Entry[] {
    if (draft !== null) into.push(finished(draft));
    draft = null;
    return into;
  }

  return {
    take(batch) {
      const into: Entry[] = [];
      for (const line of batch) {
        const { text, number } = line;
        if (line.long) release(into).push(tooLong(line));
        else if (text.trim() === '' || text.trimStart().startsWith('#')) continue;
        else if (text[0] !== ' ' && text[0] !== '\t') {
          release(into);
          const [url = '', ...mirrors] = text.split('\t').filter((part) => part.trim() !== '');
          if (mirrors.length > 0) once('\t', number, 'mirrors after a TAB are not used, only the first URL is');
          draft = { url, origin: line };
        } else {
          const given = readOption(text);
          if (given === null || draft === null) {
            release(into).push(
              bad(line, given === null ? 'it is no option key=value' : 'it is an option without a URL above it'),
            );
            continue;
          }
          draft.origin = { ...draft.origin, text: `${draft.origin.text}\n${text}` };
          if (!isKnown(given.key)) once(given.key, number, `the option ${given.key.slice(0, 40)}= is not used`);
          else addOption(draft, given.key, given.value);
          if (given.key === 'dir' && leavesDir(given.value))
            once('dir', number, 'dir= stays below the output directory');
        }
      }
      return into;
    },
    end: () => release([]),
  };
};
