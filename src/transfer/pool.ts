/** Idle connections by where they lead, the warmest first. */

import type { Connection, Home } from './connection.js';

/** Kept connections in a row that were found closed, after which none is kept there: some proxies close each without a word. */
const closedToStop = 2;

export class Pool implements Home {
  /** Only keys with idle connections, or with one that was and lives: a million hosts leave nothing behind, and a busy one no garbage. */
  readonly #idle = new Map<string, Connection[]>();
  /** By key, kept connections in a row that were found closed. */
  readonly #closed = new Map<string, number>();

  /** An idle connection, taken out of the pool; or undefined. */
  take(key: string): Connection | undefined {
    const idle = this.#idle.get(key);
    if (idle === undefined) return undefined;
    let connection = idle.pop();
    while (connection !== undefined && !connection.idle) connection = idle.pop();
    return connection;
  }

  keep(connection: Connection): void {
    const { key } = connection;
    if (this.#closed.size > 0 && (this.#closed.get(key) ?? 0) >= closedToStop) {
      connection.drop();
      return;
    }
    const idle = this.#idle.get(key);
    if (idle === undefined) this.#idle.set(key, [connection]);
    else idle.push(connection);
  }

  lose(connection: Connection): void {
    const idle = this.#idle.get(connection.key);
    if (idle === undefined) return;
    const at = idle.indexOf(connection);
    if (at !== -1) idle.splice(at, 1);
    if (idle.length === 0) this.#idle.delete(connection.key);
  }

  distrust(key: string): void {
    this.#drop(key);
    this.#closed.set(key, (this.#closed.get(key) ?? 0) + 1);
  }

  trust(key: string): void {
    if (this.#closed.size > 0) this.#closed.delete(key);
  }

  /** Closes what is idle there, and forgets what is known. */
  clear(key: string): void {
    this.#drop(key);
    this.#closed.delete(key);
  }

  close(): void {
    for (const key of [...this.#idle.keys()]) this.clear(key);
  }

  #drop(key: string): void {
    const idle = this.#idle.get(key) ?? [];
    this.#idle.delete(key);
    for (const connection of idle) connection.drop();
  }
}
