/** Idle connections by where they lead, the warmest first. */

import type { Connection, Home } from './connection.js';

export class Pool implements Home {
  /** Only keys with idle connections, or with one that was and lives: a million hosts leave nothing behind, and a busy one no garbage. */
  readonly #idle = new Map<string, Connection[]>();

  /** An idle connection, taken out of the pool; or undefined. */
  take(key: string): Connection | undefined {
    const idle = this.#idle.get(key);
    if (idle === undefined) return undefined;
    let connection = idle.pop();
    while (connection !== undefined && !connection.idle) connection = idle.pop();
    return connection;
  }

  keep(connection: Connection): void {
    const idle = this.#idle.get(connection.key);
    if (idle === undefined) this.#idle.set(connection.key, [connection]);
    else idle.push(connection);
  }

  lose(connection: Connection): void {
    const idle = this.#idle.get(connection.key);
    if (idle === undefined) return;
    const at = idle.indexOf(connection);
    if (at !== -1) idle.splice(at, 1);
    if (idle.length === 0) this.#idle.delete(connection.key);
  }

  /** Closes what is idle there. */
  clear(key: string): void {
    const idle = this.#idle.get(key) ?? [];
    this.#idle.delete(key);
    for (const connection of idle) connection.drop();
  }

  close(): void {
    for (const key of [...this.#idle.keys()]) this.clear(key);
  }
}
