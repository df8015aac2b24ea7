/** Keeps a user's sink, store, names and transport from hurting any line but its own: what they throw becomes HOOK, with their name. */

import { isPromise } from '../eager.js';
import { PdlError } from '../errors.js';
import type { Settings } from '../options.js';
import type { NamePolicy, Part, Sink, Store, Transport } from '../types.js';
import { hookError } from './hook.js';

/** The settings with every part of the user's wrapped; layers are wrapped where they are stacked (hook.ts). */
export function foreign(settings: Settings): Settings {
  const { sink, store, names, transport } = settings;
  return {
    ...settings,
    sink: sink && foreignSink(sink),
    store: store && foreignStore(store),
    names: names && foreignNames(names),
    transport: transport && foreignTransport(transport),
  };
}

function foreignSink(sink: Sink): Sink {
  return {
    held: (job) => within('sink.held', () => sink.held(job)),
    begin: (job, head) => within('sink.begin', () => mapped(sink.begin(job, head), foreignPart)),
    forget: (job) => within('sink.forget', () => sink.forget(job)),
    close: () => sink.close(),
  };
}

function foreignStore(store: Store): Store {
  const wrapped: Store = { skip: (job) => within('store.skip', () => store.skip(job)) };
  if (store.add) wrapped.add = (job, kept) => within('store.add', () => store.add!(job, kept));
  if (store.close) wrapped.close = () => store.close!();
  return wrapped;
}

/** A name policy of the user's. It is asked in list order, so it answers at once. */
function foreignNames(names: NamePolicy): NamePolicy {
  return (job, index) => {
    const name: unknown = within('names', () => names(job, index));
    if (typeof name === 'string') return name;
    throw hookError(
      'names',
      `it returned ${typeof name === 'object' ? 'an object' : String(name)} (allowed is a text)`,
    );
  };
}

/** A transport of the user's. What its receiver throws comes back through it as it was. */
function foreignTransport(transport: Transport): Transport {
  const wrapped: Transport = {
    send: (request, receiver) => within('transport.send', () => transport.send(request, receiver)),
    close: () => transport.close(),
  };
  if (transport.release) wrapped.release = (host) => transport.release!(host);
  if (transport.expect) wrapped.expect = (host) => transport.expect!(host);
  return wrapped;
}

function foreignPart(part: Part): Part {
  return {
    write: (chunk) => within('part.write', () => part.write(chunk)),
    finish: (end) => within('part.finish', async () => part.finish(end)),
    async abandon() {
      // The reason why the body broke off is worth more than what went wrong in tidying up.
      try {
        await part.abandon();
      } catch {}
    },
  };
}

/** As `act` does, sync or async, but for what it throws. */
function within<T>(name: string, act: () => T): T {
  const refuse = (error: unknown): never => {
    throw error instanceof PdlError ? error : hookError(name, error);
  };
  try {
    const value = act();
    return isPromise(value) ? (value.then(undefined, refuse) as T) : value;
  } catch (error) {
    return refuse(error);
  }
}

function mapped<T>(value: T | Promise<T>, map: (value: T) => T): T | Promise<T> {
  return isPromise(value) ? (value as Promise<T>).then(map) : map(value as T);
}
