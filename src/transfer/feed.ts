/** Hands an answer to its receiver piece by piece: what comes while the receiver is busy waits here. */

import { ByteBlocks } from '../structures/byte-blocks.js';
import type { RawHead, Receiver } from '../types.js';

/** Who feeds. */
export interface Feeder {
  /** The receiver is busy: nothing more should come. */
  hold(): void;
  /** It is ready again and has all that waited. */
  ready(): void;
  /** It wants no body. */
  refuse(error: unknown): void;
  /** It cannot go on. */
  fail(error: unknown): void;
}

export class Feed {
  readonly #receiver: Receiver;
  readonly #feeder: Feeder;
  /** Made when it is needed: most receivers are never busy. Null once stopped. */
  #backlog: ByteBlocks | null = null;
  #stopped = false;
  /** A promise of the receiver is pending. */
  busy = false;

  constructor(receiver: Receiver, feeder: Feeder) {
    this.#receiver = receiver;
    this.#feeder = feeder;
  }

  head(head: RawHead): void {
    try {
      const busy = this.#receiver.onHead(head);
      if (busy !== undefined) this.#await(busy, (error) => this.#feeder.refuse(error));
    } catch (error) {
      this.stop();
      this.#feeder.refuse(error);
    }
  }

  data(chunk: Uint8Array): void {
    if (this.#stopped) return;
    if (this.busy) {
      this.#backlog ??= new ByteBlocks();
      this.#backlog.append(chunk);
    } else this.#give(chunk);
  }

  /** Nothing is handed on from now. */
  stop(): void {
    this.#stopped = true;
    this.#backlog = null;
  }

  #give(chunk: Uint8Array): void {
    try {
      const busy = this.#receiver.onData(chunk);
      if (busy !== undefined) this.#await(busy, (error) => this.#feeder.fail(error));
    } catch (error) {
      this.stop();
      this.#feeder.fail(error);
    }
  }

  #await(busy: Promise<void>, failed: (error: unknown) => void): void {
    this.busy = true;
    this.#feeder.hold();
    busy.then(
      () => this.#goOn(),
      (error) => {
        const stopped = this.#stopped;
        this.stop();
        if (!stopped) failed(error);
        this.#goOn();
      },
    );
  }

  #goOn(): void {
    this.busy = false;
    while (this.#backlog !== null && this.#backlog.size > 0) {
      this.#give(this.#backlog.take(1)[0]!);
      if (this.busy) return;
    }
    this.#feeder.ready();
  }
}
