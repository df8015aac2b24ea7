/** Makes a failing case smaller, as long as it fails the same way. */

/**
 * @param candidates smaller forms of a case, the boldest first.
 * @param fails for each whether it still fails the same way; they are tried side by side.
 */
export async function shrink<T>(
  failing: T,
  candidates: (one: T) => Iterable<T>,
  fails: (some: readonly T[]) => Promise<boolean[]>,
  deadline: number,
): Promise<T> {
  const width = 24;
  let smallest = failing;
  search: while (performance.now() < deadline) {
    let some: T[] = [];
    const attempt = async () => {
      const at = (await fails(some)).indexOf(true);
      if (at !== -1) smallest = some[at]!;
      some = [];
      return at !== -1;
    };
    for (const candidate of candidates(smallest)) {
      some.push(candidate);
      if (some.length === width && (await attempt())) continue search;
      if (performance.now() > deadline) break search;
    }
    if (!(await attempt())) break;
  }
  return smallest;
}

/** A text without one of its slices: halves first, single characters last. */
export function* shorter(text: string): Iterable<string> {
  for (let size = text.length; size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    if (text.length / size > 200) return;
    for (let at = 0; at < text.length; at += size) yield text.slice(0, at) + text.slice(at + size);
  }
}
