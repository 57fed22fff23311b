import type { Step } from '../step.ts';

/** The command of the configuration that is to run before a site; where it fails, the site does. */
export const beforeSite: Step = {
  name: 'before_site',
  async run({ runHook }) {
    await runHook('before_site');
    return undefined;
  },
};
