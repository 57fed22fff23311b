// H60 Visits of a lower environment must not be counted as the source's. Settings of analytics plugins are blanked; ids
// in other settings (a theme's, a snippet of script) are replaced by as many X or 0, so nothing around them moves.

import { blank, editKeyed, joinActions, SETTINGS } from './keyed-tables.ts';
import { ANALYTICS_SETTINGS } from './known-names.ts';
import type { RowRule } from './row-rule.ts';

export const removeAnalytics: RowRule = {
  name: 'remove_analytics',
  compile: table =>
    joinActions([
      editKeyed(table, SETTINGS, ANALYTICS_SETTINGS, blank),
      editKeyed(table, SETTINGS, null, maskIds),
    ]),
};

const IDS: readonly RegExp[] = [
  /\bUA-\d{4,10}-\d{1,4}\b/g,
  /\bG-(?=[A-Z0-9]*\d)[A-Z0-9]{8,12}\b/g,
  /\bGTM-[A-Z0-9]{5,9}\b/g,
  /\bAW-\d{8,12}\b/g,
  // Meta's pixel, Hotjar, Clarity.
  /(?<=fbq\(\s*\\?['"]init\\?['"]\s*,\s*\\?['"])\d{6,20}/g,
  /(?<=hjid\s*:\s*)\d{4,12}/g,
  /(?<=pixel_id\\?";s:\d{1,2}:\\?")\d{6,20}/g,
  /(?<=clarity\.ms\/tag\/)[a-z0-9]{8,12}/g,
];

/** Cheap to look for, and one of them is in whatever holds an id. */
const MAY_HOLD = /UA-\d|G-[A-Z0-9]|GTM-|AW-\d|fbq\(|hjid|pixel_id|clarity\.ms/;

function maskIds(value: Buffer): Buffer {
  const text = value.toString('latin1');
  if (!MAY_HOLD.test(text)) return value;
  let masked = text;
  for (const id of IDS) masked = masked.replaceAll(id, maskId);
  return masked === text ? value : Buffer.from(masked, 'latin1');
}

/** What says of which kind it is stays. An id that is masked already reads the same. */
function maskId(id: string): string {
  const kind = /^(?:UA|G|GTM|AW)-/.exec(id)?.[0] ?? '';
  return (
    kind +
    id
      .slice(kind.length)
      .replaceAll(/[A-Za-z]/g, 'X')
      .replaceAll(/\d/g, '0')
  );
}
