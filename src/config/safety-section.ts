// `environments.NAME.safety`: what makes an environment below production harmless.
import { z } from 'zod';
import { secretSetting } from './secret-setting.ts';

/** A key from a password manager has more; one that is guessed makes pseudonyms worthless. */
const SHORTEST_KEY = 16;

const rule = (does: string) => z.boolean().default(true).describe(does);

const rules = z.strictObject({
  drop_transients: rule('Transients stay at the source.'),
  drop_sessions: rule('Sessions of users and carts of shops stay at the source.'),
  block_search_engines: rule('Search engines are asked to keep out.'),
  stop_mail: rule('Settings of mail plugins are blanked, queues of letters left at the source.'),
  hold_cron: rule('Scheduled events and actions are put off by a hundred years; webhooks are paused.'),
  blank_keys: rule('Keys, tokens and passwords in settings, application passwords and salts are blanked.'),
  remove_analytics: rule('Ids of analytics and pixels are masked.'),
  anonymise_people: rule('Users, commenters, customers and form entries become pseudonyms.'),
});

export const safety = z
  .strictObject({
    policy: z
      .enum(['off', 'lower'])
      .default('off')
      .describe('"lower": the rules below hold for everything that lands here. "off": nothing is changed.'),
    rules: rules.prefault({}).describe('Rules that are switched off, as "stop_mail: false". All are on.'),
    staff: z
      .array(z.string().min(1).regex(/^\S+$/, 'must be a login, an address or "@domain"'))
      .default([])
      .describe('Who is not anonymised: logins, e-mail addresses, and "@example.edu" for all of a domain.'),
    anonymise: z
      .array(z.string().regex(/^[^.\s]+\.[^.\s]+$/, 'must read "table.column"; "*" stands for any text'))
      .default([])
      .describe('Further columns to anonymise, as "table.column" without prefix and blog id.'),
    key: secretSetting(z.string(), value =>
      value.length >= SHORTEST_KEY ? undefined : `must have at least ${SHORTEST_KEY} characters`,
    )
      .optional()
      .describe(
        `Pseudonyms are computed with it, so that nobody can check them against a list of addresses. Best by reference: \${WFUWP_PSEUDONYM_KEY}.`,
      ),
  })
  .superRefine((value, context) => {
    if (value.policy !== 'off') return;
    for (const key of ['staff', 'anonymise'] as const) {
      if (value[key].length > 0)
        context.addIssue({ code: 'custom', path: [key], message: 'does nothing without "policy: lower"' });
    }
    if (Object.values(value.rules).includes(false))
      context.addIssue({ code: 'custom', path: ['rules'], message: 'does nothing without "policy: lower"' });
  });
