/** Sizes and counts as people read them. */
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** `1.4 MB`, in steps of 1,000. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  const text = unit === 0 || value >= 99.5 ? value.toFixed(0) : value.toFixed(1);
  return `${text} ${UNITS[unit]}`;
}

/** `18,204`; at most three decimals. */
export function formatCount(count: number): string {
  return grouped(count, 3);
}

/**
 * A figure with commas between thousands and at most so many decimals. `toLocaleString` says the
 * same, but its first call in a page takes longer than drawing the first rows of a log.
 */
export function grouped(figure: number, decimals: number): string {
  return parted(String(Number(figure.toFixed(decimals))));
}

/** Written digits, with commas between thousands. */
export function parted(digits: string): string {
  return digits.replace(/(?<!\.\d*)\B(?=(\d{3})+(?!\d))/g, ',');
}

/** `1 call`, `18,204 calls`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`;
}

/** `940`, `12.4k`, `1.2M`: for figures that are read beside others. */
export function formatShort(count: number): string {
  if (count < 10_000) return formatCount(count);
  const [value, unit] = count < 999_500 ? [count / 1_000, 'k'] : [count / 1_000_000, 'M'];
  return `${value < 99.95 ? value.toFixed(1) : formatCount(Math.round(value))}${unit}`;
}
