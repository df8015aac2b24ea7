/** A binary min-heap: what comes first by a number, usually a time. */

export class Heap<T> {
  readonly #keys: number[] = [];
  readonly #items: T[] = [];

  get size(): number {
    return this.#keys.length;
  }

  /** Smallest key, Infinity when empty. */
  get first(): number {
    return this.#keys.length === 0 ? Number.POSITIVE_INFINITY : this.#keys[0]!;
  }

  push(key: number, item: T): void {
    let at = this.#keys.length;
    this.#keys.push(key);
    this.#items.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#keys[parent]! <= key) break;
      this.#set(at, this.#keys[parent]!, this.#items[parent]!);
      at = parent;
    }
    this.#set(at, key, item);
  }

  /** Takes out the item with the smallest key. */
  pop(): T | undefined {
    const top = this.#items[0];
    const key = this.#keys.pop();
    const item = this.#items.pop()!;
    if (key !== undefined && this.#keys.length > 0) this.#sink(key, item);
    return top;
  }

  /** Lets a key and an item fall from the top to their place. */
  #sink(key: number, item: T): void {
    const size = this.#keys.length;
    let at = 0;
    for (let child = 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && this.#keys[child + 1]! < this.#keys[child]!) child += 1;
      if (this.#keys[child]! >= key) break;
      this.#set(at, this.#keys[child]!, this.#items[child]!);
      at = child;
    }
    this.#set(at, key, item);
  }

  #set(at: number, key: number, item: T): void {
    this.#keys[at] = key;
    this.#items[at] = item;
  }
}
