import { type Shown, showLines } from '../lib/show-lines.ts';
import { describePace } from '../sinks/describe-event.ts';
import type { ControlReport } from './control-run.ts';

/** What the run has answered. */
export function renderControl(report: ControlReport): Shown {
  const { migrationId, startsPaused, pausedBy, isTuned, nextCommands } = report;
  const held = isTuned
    ? `${migrationId} takes ${describePace(report)} as soon as it is continued; ${pausedBy ?? 'an operator'} has paused it.`
    : `${migrationId} is paused: what is in flight finishes, nothing new is started.`;
  const said = startsPaused ? held : `${migrationId} goes on with ${describePace(report)}.`;
  return showLines([said, ...nextCommands.map(command => `  ${command}`)]);
}
