/** `--plan`: what a run would be, without network. */

import { safeJson } from '../report/safe.js';
import { exitCode } from './exit-code.js';
import { shortHelp } from './help.js';
import { inputsOf } from './inputs.js';
import type { Output } from './output.js';
import type { Surroundings } from './programs.js';
import type { Request } from './request.js';

export async function plan(request: Request, surroundings: Surroundings, output: Output): Promise<number> {
  const inputs = inputsOf(request.lists, surroundings.stdin);
  if (inputs === null) {
    output.say(shortHelp());
    return exitCode(null, { misused: true });
  }
  const library = await surroundings.load();
  const { format, glob } = request.manner;
  const lists = await library.openLists(inputs, { format, glob, warn: (text) => output.say(`pdl: ${text}`) });
  try {
    const plan = await library.plan(lists, request.options);
    if (request.manner.output === 'json') {
      output.out(`${safeJson(JSON.stringify({ v: 1, type: 'plan', ...plan }))}\n`);
    } else {
      const { planText } = await import('../report/plan-text.js');
      for (const line of planText(plan as never)) output.out(`${line}\n`);
    }
    return exitCode(null, { misused: lists.counts.urls > 0 && lists.counts.bad === lists.counts.urls });
  } finally {
    await lists.close();
  }
}
