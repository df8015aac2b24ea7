import assert from 'node:assert/strict';
import { register } from 'node:module';
import test from 'node:test';
import { UsageError } from '../../src/errors.ts';
import { loadPeers } from '../../src/queue/peers.ts';

/** What import() says; the command's require() says it in e2e/queue-cli.test.ts. */
test('the library, too, says what to install for a queue', async () => {
  const hook = `export async function resolve(name, context, next) {
    if (name === 'bullmq') throw Object.assign(new Error('not found'), { code: 'ERR_MODULE_NOT_FOUND' });
    return next(name, context);
  }`;
  register(`data:text/javascript,${encodeURIComponent(hook)}`);
  await assert.rejects(loadPeers(), (error: unknown) => {
    assert.ok(error instanceof UsageError);
    assert.match(error.message, /npm install bullmq ioredis/);
    return true;
  });
});
