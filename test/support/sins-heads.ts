/** Routes that answer with the raw bytes of a table: replies whose heads, chunks or ends are odd. */

import type { Exchange, Route } from './exchange.ts';
import type { End, Replies, Reply } from './heads.ts';
import { fields } from './heads-fields.ts';
import { framing } from './heads-framing.ts';
import { status } from './heads-status.ts';

const heads: Replies = { ...status, ...fields, ...framing };

/** Every path of the table: kept open without a word more, else closed as it says. */
export const headPaths: readonly { path: string; name: string; end: End; reply: Reply }[] = Object.entries(
  heads,
).flatMap(([name, reply]) =>
  reply.ends.map((end) => ({ path: `/heads/${name}${end === 'keep' ? '' : `/${end}`}`, name, end, reply })),
);

export const headRoutes: Record<string, Route> = {
  /** /heads/NAME[/fin|/rst[?pause=MS]]: that raw reply; the connection stays open, or FIN or RST is behind it */
  async heads(exchange: Exchange) {
    const [name = '', end] = exchange.rest;
    const reply = heads[name];
    if (reply === undefined) return exchange.answer(404, {}, 'no such reply\n');
    const split = name.endsWith('-slow') ? reply.raw.indexOf('\r\n\r\n') + 4 : 0;
    if (split > 0) {
      await exchange.raw(reply.raw.slice(0, split));
      await exchange.wait(50);
    }
    await exchange.raw(reply.raw.slice(split));
    if (end === 'fin') exchange.close();
    if (end !== 'rst') return;
    // A reset throws away what the client has not read yet: give it time to.
    await exchange.wait(exchange.number('pause', 30));
    exchange.reset();
  },
};
