/** Reads robots.txt as one crawler does (RFC 9309): the rules of its own group, else of the group of all. */

import { ByteBlocks } from '../structures/byte-blocks.js';
import { comparable, pathEnd, RobotsRules } from './robots-rules.js';

/** Lines that matter here; others, such as Sitemap, do not interrupt a group (section 2.2.4). */
const line = /^[ \t\ufeff]*(user-agent|allow|disallow|crawl-delay)[ \t]*:[ \t]*([^#\r\n]*)/gim;
/** Lines read in one turn of the event loop: 500 KiB may hold 40,000 of them. */
const linesPerTurn = 2048;

class Group {
  /** False for a name without a line below it, such as the last one of a file that was cut. */
  isGiven = false;
  crawlDelay = 0;
  #rules: string[] = [];
  readonly #packed = new ByteBlocks();

  add(key: string, value: string): void {
    this.isGiven = true;
    if (key === 'crawl-delay') {
      const seconds = Number(value);
      if (!Number.isNaN(seconds)) this.crawlDelay = Math.max(0, seconds);
    } else if (value.startsWith('/') || value.startsWith('*')) {
      const pattern = value.endsWith('$') ? `${value.slice(0, -1)}${pathEnd}` : value;
      this.#rules.push(`${key === 'allow' ? 'A' : 'D'}${pattern}\n`);
    }
  }

  /** A rule takes as many bytes as it has letters: `A` or `D`, the pattern, a line end; and so the next. */
  pack(): void {
    this.#packed.append(comparable(this.#rules.join('')));
    this.#rules = [];
  }

  end(): RobotsRules {
    this.pack();
    // A copy: it is kept for a day and must not pin a larger buffer.
    return new RobotsRules(new Uint8Array(this.#packed.takeBytes()), this.crawlDelay);
  }
}

/** @param token the crawler's product token; `User-agent: TOKEN/1.0` names it, too. */
export async function readRobots(text: string, token: string): Promise<RobotsRules> {
  const [own, everyone] = [new Group(), new Group()];
  const groups = new Map([['*', everyone]]).set(token.toLowerCase(), own);
  const current = new Set<Group>();
  let isNaming = false;
  let lines = 0;
  for (const [, field = '', given = ''] of text.matchAll(line)) {
    if (++lines % linesPerTurn === 0) {
      own.pack();
      everyone.pack();
      await new Promise((resume) => setImmediate(resume));
    }
    const key = field.toLowerCase();
    const value = given.trimEnd();
    if (key === 'user-agent') {
      // Names in a row share the rules below them; groups of one name are one group.
      if (!isNaming) current.clear();
      const group = groups.get(value.split('/', 1)[0]!.trimEnd().toLowerCase());
      if (group !== undefined) current.add(group);
    } else {
      for (const group of current) group.add(key, value);
    }
    isNaming = key === 'user-agent';
  }
  return own.isGiven ? own.end() : everyone.end();
}
