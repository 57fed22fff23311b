// A5 A rollback's headline says what has happened.

import { expect, test } from 'vitest';
import { renderRollback } from '../../../src/cli/render-rollback.ts';
import type { RollbackReport, RollbackUnit } from '../../../src/migration/rollback-report.ts';
import type { MigrationId } from '../../../src/migration/words.ts';

const unit = (siteId: number, over: Partial<RollbackUnit>): RollbackUnit => ({
  ...{ siteId, address: null, status: 'rolled_back', reason: null, comesBack: [], goesAway: [] },
  ...over,
});
const BACK = '2026-11-21T02:30:00.000Z';

function render(...units: RollbackUnit[]): string[] {
  const report: RollbackReport = {
    ...{
      migrationId: 'env-migrate-1' as MigrationId,
      source: 'prod',
      target: 'stg',
      status: 'completed',
      carriedOut: true,
    },
    ...{ rollbackAvailable: false, validationResults: [], units },
  };
  return renderRollback(report, { colors: false, width: 100 }).split('\n');
}

test('all went back', () => {
  expect(render(unit(2, {}), unit(3, {}))).toEqual([
    '✔ Rolled back: prod → stg (env-migrate-1)',
    '',
    'As it was before:',
    '  sites 2-3',
  ]);
});

test('nothing did', () => {
  const [title] = render(unit(2, { status: 'refused', reason: 'its previous tables were removed' }));
  expect(title).toBe('✖ Not rolled back: prod → stg (env-migrate-1)');
});

test('one did, and another not', () => {
  const [title] = render(unit(2, {}), unit(3, { status: 'failed', reason: 'lost' }));
  expect(title).toBe('! Rolled back in part, 1 of 2: prod → stg (env-migrate-1)');
});

test('nothing was to do, and what was migrated again since is not called as it was', () => {
  const lines = render(
    unit(2, { backSince: BACK }),
    unit(3, { backSince: BACK, reason: 'migrated again since, by env-migrate-2' }),
  );
  expect(lines).toEqual([
    '✔ Nothing to do: prod → stg (env-migrate-1) was rolled back at 2026-11-21 02:30:00Z.',
    '',
    'Rolled back already:',
    '  site 2',
    '',
    'Migrated again since:',
    '  ! site 3: migrated again since, by env-migrate-2',
  ]);
});
