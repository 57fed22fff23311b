import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askPassword, askText, confirm, isInteractive, select } from '../../../src/cli/prompts.ts';
import { MigrationError } from '../../../src/errors.ts';

describe('without a terminal', () => {
  const { isTTY } = process.stdin;
  beforeEach(() => {
    process.stdin.isTTY = false;
  });
  afterEach(() => {
    process.stdin.isTTY = isTTY;
  });

  it.each([
    ['confirm', confirm],
    ['askText', askText],
    ['askPassword', askPassword],
    ['select', (question: { message: string; flag: string }) => select({ ...question, choices: [] })],
  ])('%s fails and names the flag', async (_, prompt) => {
    expect(isInteractive()).toBe(false);
    const error = await prompt({ message: 'Migrate to stg?', flag: '--yes' }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(MigrationError);
    expect(error).toMatchObject({
      code: 'usage',
      message: 'There is no terminal to ask: Migrate to stg?',
      hint: 'Pass --yes.',
      exitCode: 2,
    });
  });
});
