/** What an exchange sees of its connection, and what it shares with all others. */

import type { PdlError } from '../errors.js';
import type { RawHead } from '../types.js';
import type { Limits, Watch } from './deadlines.js';

/** The connection that an exchange runs on. */
export interface Carrier {
  /** Served before this exchange. */
  readonly reused: boolean;
  /** What its socket broke with, if it did. */
  readonly error: Error | null;
  /** A proxy answers in place of the host. */
  readonly viaProxy: boolean;
  /** Host and port, for messages. */
  readonly place: string;
  /** While it is being made: who accepted it and has not gone on since, for messages; null when nobody did. */
  readonly acceptedBy: string | null;
  /** The error for an answer by which a proxy speaks for itself, or null. */
  refusal(head: RawHead): PdlError | null;
  /** Whether our own limits held the socket since the last call. */
  wasHeld(): boolean;
  hold(): void;
  release(): void;
  /** It was dead before the request came: the idle ones beside it are no better. */
  distrust(): void;
  /** The exchange is over: the connection may serve the next. */
  free(): void;
  /** The exchange is over, and the connection with it. */
  drop(): void;
}

/** What all exchanges share. */
export interface Terms {
  watch: Watch;
  limits: Limits;
  /** Names and values as they came, in turn, to lower-case names with latin1 values. */
  parse(raw: Buffer[]): Record<string, string | string[]>;
}
