/** `--verify`: checks DIR against its journal, without network. */

import { settle } from '../options.js';
import { count } from '../report/amounts.js';
import { safe, safeJson } from '../report/safe.js';
import type { Output } from './output.js';
import type { Surroundings } from './programs.js';
import type { Request } from './request.js';

export async function verify(request: Request, surroundings: Surroundings, output: Output): Promise<number> {
  const { dir } = settle(request.options);
  const { manner } = request;
  const library = await surroundings.load();
  let checked = 0;
  let wrong = 0;
  for await (const { path, ok, problem } of library.verify(dir)) {
    checked += 1;
    if (!ok) wrong += 1;
    if (manner.output === 'json')
      output.out(`${safeJson(JSON.stringify({ v: 1, type: 'file', path, ok, problem }))}\n`);
    else if (manner.output === 'path' && ok) output.out(`${path}\n`);
    else if (!ok) output.out(`wrong ${safe(path)} ${safe(problem ?? '')}\n`);
    else if (manner.verbose > 0) output.out(`good ${safe(path)}\n`);
    await output.room();
  }
  if (!manner.quiet || wrong > 0) output.say(`${count(checked, 'file')} checked, ${wrong} wrong`);
  return wrong > 0 ? 1 : 0;
}
