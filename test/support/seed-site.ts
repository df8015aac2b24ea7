/** The sites of the five programs: an archive that redirects each tune to a storage node, numbered photos, a shop with pages and prices. */

import { bytesOf } from './bytes.ts';
import { type Route, type Server, startServer } from './server.ts';

export interface Site {
  archive: Server;
  storage: Server;
  photos: Server;
  shop: Server;
  /** Placeholder host of the README to the address here, for `example()`: the host names, and nothing else. */
  host(name: 'archive' | 'photos' | 'shop'): readonly [string, string];
  close(): Promise<void>;
}

export interface Hints {
  /** Answers 429 with `Retry-After: 1` to the n-th request for a page of the shop. */
  limitAt?: number;
}

export const tunes = Array.from({ length: 12 }, (_, nth) => ({
  name: `${String(nth + 1).padStart(2, '0')}-tune.mp3`,
  body: bytesOf(1_200_000 + nth * 200_000, nth),
}));

export function photo(name: string): Buffer {
  const nth = Number.parseInt(name, 10) || name.length;
  return bytesOf(500 + ((nth * 7919) % 1500), nth % 50);
}

export async function startSite({ limitAt = Number.NaN }: Hints = {}): Promise<Site> {
  const storage = await startServer({ routes: { '*': tune } });
  const archive = await startServer({
    routes: {
      '*': (exchange) => exchange.answer(302, { Location: storage.url(`/node7${exchange.logged.path}?key=a%2Fb`) }),
    },
  });
  const photos = await startServer({
    log: false,
    routes: {
      '*': (exchange) =>
        exchange.answer(200, { 'Content-Type': 'image/jpeg' }, photo(exchange.logged.path.split('/').at(-1)!)),
    },
  });
  const shop = await startServer({ routes: { page: page(limitAt), shelf, item, token, draft: page(Number.NaN) } });
  const all = { archive, storage, photos, shop };
  return {
    ...all,
    host: (name) => [`https://${name}.example`, all[name].url('')],
    async close() {
      await Promise.all(Object.values(all).map((server) => server.close()));
    },
  };
}

/** `/node7/music/01-tune.mp3?key=…` */
const tune: Route = (exchange) => {
  const found = tunes.find(({ name }) => name === exchange.rest.at(-1));
  if (found === undefined) return exchange.answer(404);
  return exchange.answer(200, { 'Content-Type': 'audio/mpeg', ETag: `"${found.name}"` }, found.body);
};

/** `/page/7`; the thirteenth is gone. */
function page(limitAt: number): Route {
  let asked = 0;
  return (exchange) => {
    if (++asked === limitAt) return exchange.answer(429, { 'Retry-After': '1' });
    const [nth = ''] = exchange.rest;
    if (nth === '13') return exchange.answer(404);
    const type = { 'Content-Type': 'text/html', 'Content-Language': 'en' };
    return exchange.answer(200, type, `<title>Page ${nth}</title>`);
  };
}

const shelves: Record<string, string[]> = {
  'books.html': ['1', '2', '3', 'gone'],
  'records.html': ['3', '4', 'picture'],
  'maps.html': ['5'],
};

/** `/shelf/books.html`: links to its items, for those who have the token. */
const shelf: Route = (exchange) => {
  if (exchange.headers['authorization'] !== 'Bearer t0ken') return exchange.answer(401);
  const links = shelves[exchange.rest[0] ?? '']?.map((id) => `<a href="../item/${id}.html">${id}</a>`) ?? [];
  return exchange.answer(200, { 'Content-Type': 'text/html; charset=utf-8' }, links.join('\n'));
};

/** `/item/3.html`, and its `?price` and `?stock`. */
const item: Route = (exchange) => {
  const id = exchange.rest[0]?.replace('.html', '') ?? '';
  if (exchange.query.has('price')) return exchange.answer(200, {}, JSON.stringify(Number(id) * 100));
  if (exchange.query.has('stock')) return exchange.answer(200, {}, JSON.stringify({ left: Number(id) }));
  if (exchange.headers['authorization'] !== 'Bearer t0ken') return exchange.answer(401);
  if (id === 'gone') return exchange.answer(410);
  if (id === 'picture') return exchange.answer(200, { 'Content-Type': 'image/png' }, 'PNG');
  return exchange.answer(200, { 'Content-Type': 'text/html' }, `<h1>Item ${id}</h1>`);
};

const token: Route = (exchange) => exchange.answer(200, {}, 't0ken');
