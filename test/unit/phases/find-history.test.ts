import { expect, it } from 'vitest';
import { buildPlan } from '../../../src/phases/build-plan.ts';
import { anEmptyTarget, anEnd, aRequest, aTable } from '../../support/facts.ts';

const versioned = (name: string) => aTable(name, { keepsHistory: true });
const hazards = (plan: ReturnType<typeof buildPlan>) =>
  plan.hazards.filter(({ code }) => code.includes('history'));

it('F11 names tables whose history stays at the source, and their sites', () => {
  const source = anEnd({ extra: [versioned('wp_2_prices'), versioned('wp_4_prices'), versioned('wp_4_a')] });
  expect(hazards(buildPlan(aRequest(), source, anEmptyTarget()))).toEqual([
    {
      code: 'history_not_carried',
      blocking: false,
      message: expect.stringContaining(': wp_2_prices, wp_4_prices, wp_4_a.'),
      hint: expect.stringContaining('--dump-history'),
      siteIds: [2, 4],
    },
  ]);
});

it('F11 names tables of the target whose history goes away', () => {
  const source = anEnd({ extra: [aTable('wp_2_prices')] });
  const target = anEnd({ ids: [1, 2], extra: [versioned('wp_2_prices'), versioned('wp_2_other')] });
  const found = hazards(buildPlan(aRequest(), source, target));
  expect(found.map(({ code, siteIds }) => [code, siteIds])).toEqual([['target_history_replaced', [2]]]);
});

it('F11 says nothing where there is none, or the site does not travel', () => {
  const source = anEnd({ extra: [versioned('wp_2_prices')] });
  const selection = { ...aRequest().selection, exclude: [2] };
  expect(hazards(buildPlan(aRequest({ selection }), source, anEmptyTarget()))).toEqual([]);
  expect(hazards(buildPlan(aRequest(), anEnd(), anEnd()))).toEqual([]);
});
