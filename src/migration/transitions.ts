// Which change of state may follow which. An event that breaks this table is a bug of ours and is not written: a
// journal that tells an impossible story could not be resumed.

import type { MigrationEvent } from './events.ts';
import { type MigrationState, siteOf } from './state.ts';
import { nameSite, type PhaseStatus, type SiteStatus } from './words.ts';

const PHASE_FROM: Partial<Record<MigrationEvent['type'], readonly PhaseStatus[]>> = {
  'phase.started': ['pending'],
  'phase.skipped': ['pending'],
  'phase.completed': ['in_progress'],
  'phase.failed': ['in_progress'],
};

const SITE_FROM: Partial<Record<MigrationEvent['type'], readonly SiteStatus[]>> = {
  'site.started': ['pending'],
  // From the start by the plan, or once it has turned out that nothing has changed.
  'site.skipped': ['pending', 'in_progress'],
  'site.completed': ['in_progress'],
  'site.failed': ['in_progress'],
  'site.timed_out': ['in_progress'],
  'site.aborted': ['in_progress'],
  // A site that was cut over may have ended in any way after it, or not at all.
  'site.rolled_back': ['completed', 'failed', 'timeout', 'pending', 'in_progress'],
};

export function refuseIllegalTransition(state: MigrationState, event: MigrationEvent): void {
  if (event.type === 'migration.resumed' && state.status === 'closed')
    throw new Error('migration.resumed of a run that is closed');
  if ('phase' in event) {
    const from = PHASE_FROM[event.type];
    const { status } = state.phases[event.phase];
    if (from && !from.includes(status))
      throw new Error(`${event.type} of ${event.phase}, which is ${status}`);
  }
  if ('siteId' in event) {
    const from = SITE_FROM[event.type];
    if (!from) return;
    const { status } = siteOf(state, event.siteId);
    if (!from.includes(status))
      throw new Error(`${event.type} of ${nameSite(event.siteId)}, which is ${status}`);
  }
}
