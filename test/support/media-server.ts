/** A small site that serves fixtures/media on loopback: files, one redirect (`/moved.mp3`), and 404 for the rest. */

import { createReadStream, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../fixtures/media');

export const media = readdirSync(folder).map((name) => ({
  name,
  path: join(folder, name),
  size: statSync(join(folder, name)).size,
}));

export interface MediaServer {
  /** `http://127.0.0.1:PORT/NAME` */
  url(name: string): string;
  close(): Promise<void>;
}

export async function startMediaServer(): Promise<MediaServer> {
  const server = createServer((request, response) => {
    const name = request.url === '/moved.mp3' ? null : decodeURIComponent((request.url ?? '').slice(1));
    const file = media.find((one) => one.name === name);
    if (name === null) response.writeHead(302, { location: '/track-1.mp3' }).end();
    else if (file === undefined) response.writeHead(404).end('not here');
    else {
      const type = name.endsWith('.png') ? 'image/png' : 'audio/mpeg';
      response.writeHead(200, { 'content-type': type, 'content-length': file.size, etag: `"${name}-${file.size}"` });
      createReadStream(file.path).pipe(response);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (name) => `http://127.0.0.1:${port}/${name}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
