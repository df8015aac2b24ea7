/** An inline request: a small answer into memory, for robots.txt and for hooks. */

import type { Clock } from '../clock.js';
import type { Settings } from '../options.js';
import type { Answer, InlineInit, Kept, Transfer, Transport } from '../types.js';
import { originOf, withoutFragment, withoutUserinfo } from '../url.js';
import type { Credentials } from './credentials.js';
import { checkGiven } from './fields.js';
import { Reply } from './reply.js';
import { headersFor, merged, userinfoOf } from './request.js';

const defaultMaxSize = 10 * 1024 * 1024;

/**
 * Makes the transfer of one inline request. Any status resolves as Kept with `data: Answer`, but for those that mean
 * "later" (408, 425, 429, 5xx): they throw HTTP_STATUS as a file's would, so that politeness and retry see them.
 * `init.headers` and the URL's userinfo go to the origin of the first hop only.
 * @throws UsageError for a header that may not be sent.
 */
export function ask(
  transport: Transport,
  _settings: Settings,
  clock: Clock,
  secrets: Credentials,
  init: InlineInit = {},
): Transfer {
  const { headers = {}, maxSize = defaultMaxSize, excess = 'fail' } = init;
  checkGiven(headers);
  const date = () => clock.date();
  let first: string | undefined;
  return async (task) => {
    first ??= task.url;
    const url = withoutFragment(withoutUserinfo(task.url));
    const basic = userinfoOf(first);
    const given = basic === undefined ? headers : { Authorization: basic, ...headers };
    const home = originOf(first) === originOf(url);
    const reply = new Reply(url, { maxSize, excess }, clock, date);
    const sentAt = clock.now();
    const outcome = await reply.through(
      transport.send(
        {
          url,
          method: 'GET',
          headers: merged(headersFor(task.job, task.url, secrets), given, home),
          signal: task.signal,
          deadline: task.deadline,
        },
        reply,
      ),
    );
    return outcome.status === 'moved' ? outcome : kept(outcome.answer, reply.headAt - sentAt);
  };
}

function kept(answer: Answer, ttfbMs: number): Kept {
  return {
    status: 'saved',
    path: '',
    bytes: answer.body.byteLength,
    resumedFrom: 0,
    httpStatus: answer.status,
    finalUrl: answer.url,
    contentType: answer.headers['content-type'] ?? null,
    ttfbMs: Math.round(ttfbMs),
    data: answer,
  };
}
