import { MigrationError } from '../errors.ts';

const UNITS = { h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 } as const;

/** `12h`, `90d`, `4w` → milliseconds. */
export function parseAge(text: string, flag: string): number {
  const [, count, unit] = /^(\d{1,5})([hdw])$/.exec(text) ?? [];
  if (count !== undefined) return Number(count) * UNITS[unit as keyof typeof UNITS];
  throw new MigrationError('usage', `${flag} takes an age such as 12h, 90d or 4w; "${text}" is none.`);
}
