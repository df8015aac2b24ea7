/** Every meaning that a malformed message can have: one reader, run once for each way through its choices. */

/** What one way through the choices met. */
export class Choices {
  /** Malformed, so that a reader may refuse it. */
  readonly odd = new Set<string>();
  /** Defined by the RFC, yet rare. */
  readonly rare = new Set<string>();
  readonly #taken = new Map<string, unknown>();
  readonly #path: { taken: number; of: number }[];
  #depth = 0;

  constructor(path: { taken: number; of: number }[]) {
    this.#path = path;
  }

  /** Malformed, and readers differ in what they make of it. */
  choose<T>(note: string, options: readonly [T, ...T[]]): T {
    this.odd.add(note);
    const step = this.#path[this.#depth++] ?? { taken: 0, of: options.length };
    this.#path[this.#depth - 1] = step;
    return options[step.taken]!;
  }

  /** As `choose`, but a reader that has once decided does not change its mind within an answer. */
  chooseOnce<T>(note: string, options: readonly [T, ...T[]]): T {
    if (!this.#taken.has(note)) this.#taken.set(note, this.choose(note, options));
    return this.#taken.get(note) as T;
  }
}

/** More ways than this are not walked: by then a right reader has refused. */
const maxWays = 64;

export function everyWay<T>(read: (choices: Choices) => T): { value: T; choices: Choices }[] {
  const found: { value: T; choices: Choices }[] = [];
  const path: { taken: number; of: number }[] = [];
  for (;;) {
    const choices = new Choices(path);
    found.push({ value: read(choices), choices });
    while (path.length > 0 && path.at(-1)!.taken + 1 >= path.at(-1)!.of) path.pop();
    if (path.length === 0 || found.length === maxWays) return found;
    path.at(-1)!.taken++;
  }
}
