import type { Step } from '../step.ts';

/** The command of the configuration that is to run before a site; where it fails, the site does. */
export const beforeSite: Step = {
  name: 'before_site',
  traits: { everyAttempt: true },
  // It ends by itself when the site is broken off, once its command has ended: only then its end is in the journal.
  uninterruptible: true,
  async run({ runHook }) {
    await runHook('before_site');
    return undefined;
  },
};
