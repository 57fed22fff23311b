import { proveRows } from '../staged-proof.ts';
import type { Step } from '../step.ts';

/** Its data says when the youngest of the tables was made: one that is younger was put in its place.
 *
 *  Holds what is in the staging database against what was sent: row counts, and a checksum of the rewritten
 *  content on both sides. */
export const verifyTables: Step = {
  name: 'verify_tables',
  traits: { onDrafts: true },
  readsOnly: true,
  async run(context) {
    await proveRows(context);
    return { madeUpTo: context.proof.madeUpTo };
  },
};
