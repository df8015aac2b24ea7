/** Journal lines that are on their way to the disk: who tells of a file waits for its line. */

/** Lines that are written together. */
interface Batch {
  /** Of the jobs. */
  ids: string[];
  appended: Promise<void>;
  written: Promise<void>;
}

export class Pending {
  readonly #told: (error: unknown) => unknown;
  /** Those that are not written yet, or could not be. */
  #batches: Batch[] = [];

  /** @param told the error to throw for one of writing. */
  constructor(told: (error: unknown) => unknown) {
    this.#told = told;
  }

  /** @param appended one and the same promise for all lines of a batch. */
  add(id: string, appended: Promise<void>): void {
    let batch = this.#batches.at(-1);
    if (batch?.appended !== appended) {
      batch = { ids: [], appended, written: this.#watch(appended) };
      this.#batches.push(batch);
    }
    batch.ids.push(id);
  }

  /** Resolves when the job's line is written; undefined when it is already. */
  of(id: string): Promise<void> | undefined {
    return this.#batches.find(({ ids }) => ids.includes(id))?.written;
  }

  /** What is written is forgotten; a failure is there for everyone who asks. */
  #watch(appended: Promise<void>): Promise<void> {
    const written = appended.then(
      () => {
        this.#batches = this.#batches.filter((batch) => batch.appended !== appended);
      },
      (error: unknown) => {
        throw this.#told(error);
      },
    );
    // A hook that throws in between never asks.
    written.catch(() => {});
    return written;
  }
}
