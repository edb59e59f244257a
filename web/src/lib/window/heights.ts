/**
 * Heights of a very long list, most of them not measured yet.
 *
 * A row that nobody measured counts as the estimate. Only differences from it are kept, in blocks
 * summed by a Fenwick tree: an offset and a look-up take a few dozen steps at any length, and
 * appending rows costs nothing.
 */
const BLOCK = 128;

export class Heights {
  #estimate: number;
  #count = 0;
  #blocks = new Map<number, Float32Array>(); // measured differences, by block
  #tree = new Float64Array(64); // Fenwick over the sums of the blocks, 1-based
  #total = 0;

  constructor(estimate: number) {
    this.#estimate = estimate;
  }

  get count(): number {
    return this.#count;
  }

  get total(): number {
    return this.#count * this.#estimate + this.#total;
  }

  /** Sets how many rows there are; rows beyond a smaller count are forgotten. */
  setCount(count: number): void {
    if (count < this.#count) this.#forgetFrom(count);
    this.#count = count;
    const blocks = Math.ceil(count / BLOCK);
    if (blocks >= this.#tree.length) this.#grow(blocks);
  }

  get(index: number): number {
    const block = this.#blocks.get(Math.floor(index / BLOCK));
    return this.#estimate + (block?.[index % BLOCK] ?? 0);
  }

  /** Sets a measured height; returns by how much the list grew. */
  set(index: number, height: number): number {
    if (index < 0 || index >= this.#count) return 0;
    const number = Math.floor(index / BLOCK);
    let block = this.#blocks.get(number);
    if (!block) this.#blocks.set(number, (block = new Float32Array(BLOCK)));
    const before = block[index % BLOCK] ?? 0;
    block[index % BLOCK] = height - this.#estimate;
    const change = (block[index % BLOCK] ?? 0) - before;
    if (change !== 0) this.#add(number, change);
    return change;
  }

  /** Pixels above the row. */
  offsetOf(index: number): number {
    const number = Math.floor(index / BLOCK);
    let sum = index * this.#estimate + this.#sumBefore(number);
    const block = this.#blocks.get(number);
    if (block) for (let i = 0; i < index % BLOCK; i += 1) sum += block[i] ?? 0;
    return sum;
  }

  /** The row that holds the pixel, the first or last row for a pixel outside the list. */
  indexAt(pixel: number): number {
    if (this.#count === 0) return 0;
    const [number, above] = this.#blockAt(Math.max(0, pixel));
    const last = Math.min(this.#count, (number + 1) * BLOCK) - 1;
    let bottom = above;
    for (let index = number * BLOCK; index < last; index += 1) {
      bottom += this.get(index);
      if (bottom > pixel) return index;
    }
    return Math.max(0, last);
  }

  /** Forgets every measurement, as when the rows are laid out anew. */
  reset(estimate: number): void {
    this.#estimate = estimate;
    this.#blocks.clear();
    this.#tree.fill(0);
    this.#total = 0;
  }

  /** The block that holds the pixel, and the pixels above that block. */
  #blockAt(pixel: number): [number, number] {
    const blocks = Math.ceil(this.#count / BLOCK);
    let position = 0;
    let differences = 0;
    for (let step = highestPower(blocks); step > 0; step >>= 1) {
      const next = position + step;
      if (next > blocks - 1) continue;
      const sum = differences + (this.#tree[next] ?? 0);
      if (next * BLOCK * this.#estimate + sum > pixel) continue;
      position = next;
      differences = sum;
    }
    return [position, position * BLOCK * this.#estimate + differences];
  }

  #sumBefore(block: number): number {
    let sum = 0;
    for (let i = block; i > 0; i -= i & -i) sum += this.#tree[i] ?? 0;
    return sum;
  }

  #add(block: number, change: number): void {
    this.#total += change;
    for (let i = block + 1; i < this.#tree.length; i += i & -i) {
      this.#tree[i] = (this.#tree[i] ?? 0) + change;
    }
  }

  #grow(blocks: number): void {
    let size = this.#tree.length;
    while (size <= blocks) size *= 2;
    this.#tree = new Float64Array(size);
    this.#total = 0;
    for (const [number, block] of this.#blocks) this.#add(number, sumOf(block));
  }

  #forgetFrom(count: number): void {
    for (const number of [...this.#blocks.keys()]) {
      const block = this.#blocks.get(number);
      if (!block || (number + 1) * BLOCK <= count) continue;
      const before = sumOf(block);
      block.fill(0, Math.max(0, count - number * BLOCK));
      this.#add(number, sumOf(block) - before);
    }
  }
}

function sumOf(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

function highestPower(count: number): number {
  let power = 1;
  while (power * 2 <= count) power *= 2;
  return power;
}
