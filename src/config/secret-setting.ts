import { z } from 'zod';
import { Secret } from './secrets.ts';

/** Also of unknown keys, which are not named: without its quotes a password may look like one. */
const WRONG_FORM = 'must be text in quotes, or a section with either "file" or "command"';

const origin = z
  .strictObject(
    {
      file: z
        .string()
        .min(1)
        .optional()
        .describe('File that holds it, relative to this one; its last line break is not part of it.'),
      command: z
        .array(z.string().min(1))
        .min(1)
        .optional()
        .describe(
          'Program and arguments that print it; no shell takes them apart. Run once, when it is needed.',
        ),
    },
    { error: ({ code }) => (code === 'unrecognized_keys' ? WRONG_FORM : undefined) },
  )
  .superRefine(({ file, command }, context) => {
    if ((file === undefined) === (command === undefined))
      context.addIssue({ code: 'custom', message: WRONG_FORM });
  })
  .transform(({ file, command }) => (file === undefined ? { command: command ?? [] } : { file }));

/** A secret as text, or where it is to be had from. `judge` says what is wrong with one. */
export function secretSetting(
  text: z.ZodType<string, string> = z.string(),
  judge: (value: string) => string | undefined = () => undefined,
) {
  const sound = text.superRefine((value, context) => {
    const message = judge(value);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
  return z.union([sound, origin]).transform(value => new Secret(value, judge));
}
