import { MigrationError } from '../errors.ts';
import { findClosest } from '../lib/find-closest.ts';
import { ACCEPT_CODES } from '../migration/accept-codes.ts';

/** A slip in `--accept` would accept nothing, and say nothing of it. */
export function refuseUnknownCodes(codes: readonly string[] = []): void {
  const known = Object.keys(ACCEPT_CODES);
  const code = codes.find(given => !known.includes(given));
  if (code === undefined) return;
  const closest = findClosest(code, known);
  const guess = closest === undefined ? '' : ` Did you mean ${closest}?`;
  throw new MigrationError('usage', `There is no finding "${code}" that --accept could take.${guess}`, {
    hint: 'All codes, and what accepting each does: wfuwp help accept',
    details: { code },
  });
}
