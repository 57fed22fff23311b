// Numbers for people. Always with a point for decimals and commas for thousands, whatever the locale of the machine:
// logs of two machines must compare.

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

const THREE_DIGITS_FOLLOW = /\B(?=(?:\d{3})+$)/g;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `1234567` → `1,234,567`. */
export function formatCount(count: number): string {
  // Not by Intl.NumberFormat: to make one costs each start 20 ms and more.
  return count.toFixed(0).replace(THREE_DIGITS_FOLLOW, ',');
}

/** Decimal units with three digits at most: `0 B`, `999 B`, `1.5 kB`, `12.4 MB`, `124 MB`. */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  // 999.5 would be printed as 1000.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** As exact as one cares about: `0.4 s`, `42 s`, `3 min 12 s`, `42 min`, `2 h 14 min`, `1 d 3 h`. */
export function formatDuration(ms: number): string {
  if (ms < 9.95 * SECOND) return `${(Math.max(0, ms) / SECOND).toFixed(1)} s`;
  if (ms < 59.5 * SECOND) return `${Math.round(ms / SECOND)} s`;
  if (ms < 10 * MINUTE) return joinUnits(Math.round(ms / SECOND), 60, 'min', 's');
  if (ms < 59.5 * MINUTE) return `${Math.round(ms / MINUTE)} min`;
  if (ms < DAY) return joinUnits(Math.round(ms / MINUTE), 60, 'h', 'min');
  return joinUnits(Math.round(ms / HOUR), 24, 'd', 'h');
}

/** A running clock, for columns: `0:07`, `12:05`, `1:02:03`. */
export function formatClock(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / SECOND);
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  const tail = String(seconds % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}

/** Ids with neighbours joined, the tail cut: `2-5, 9, 12 and 31 more`. `most` limits the pieces shown. */
export function formatIds(ids: readonly number[], most = 8): string {
  const runs: [first: number, last: number][] = [];
  for (const id of [...ids].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run && id <= run[1] + 1) run[1] = id;
    else runs.push([id, id]);
  }
  const shown = runs.slice(0, most);
  const hidden = runs.slice(most).reduce((sum, [first, last]) => sum + last - first + 1, 0);
  const text = shown.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(', ');
  return hidden > 0 ? `${text} and ${formatCount(hidden)} more` : text;
}

/** Where a site answers: `art.example.edu`, or `example.edu/art/` in a network of paths. */
export function formatAddress(site: { readonly domain: string; readonly path: string }): string {
  return site.path === '/' ? site.domain : site.domain + site.path;
}

function joinUnits(count: number, base: number, big: string, small: string): string {
  const [whole, rest] = [Math.floor(count / base), count % base];
  return rest === 0 ? `${whole} ${big}` : `${whole} ${big} ${rest} ${small}`;
}
