/** The library's face: re-exports only. */

export type { Clock } from './clock.js';
export { systemClock } from './clock.js';
export { download } from './download.js';
export type { ErrorCode, Facts } from './errors.js';
export { errorCodes, PdlError, UsageError } from './errors.js';
export type { Counts, Format, Input, ListOptions, Lists } from './list/lists.js';
export { openLists } from './list/lists.js';
export type { Options } from './options.js';
export { plan } from './plan.js';
export type { QueueOptions, SubmitOptions } from './queue.js';
export { submit, work } from './queue.js';
export { after, before, onError, onResponse } from './schedule/ready.js';
export type { MemoryOptions } from './sink/memory.js';
export { memory } from './sink/memory.js';
export type * from './types.js';
export type { Finding, Verified, VerifyOptions } from './verify.js';
export { verify } from './verify.js';
