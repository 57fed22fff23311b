// Failures of the same kind, counted once. At three in the morning 200 failed sites are one cause or two, and the
// summary has to say so.

import type { ErrorCode, ErrorRecord } from '../errors.ts';
import type { TaskState } from './fold-task.ts';
import type { Plan } from './plan.ts';
import { listTasks, type MigrationState } from './state.ts';
import { NETWORK } from './task-ids.ts';
import { nameTask, type StepName, type TaskId } from './words.ts';

export interface FailureGroup {
  /** Code, step and the message without what is particular to a site. */
  readonly signature: string;
  readonly code: ErrorCode;
  /** Where it happened; null when it was between the steps. */
  readonly step: StepName | null;
  /** Sites and, as one more, the network tables. */
  readonly count: number;
  readonly taskIds: readonly TaskId[];
  /** One of them, word for word. */
  readonly example: { readonly site: string; readonly message: string };
  /** What to do about it. */
  readonly hint: string;
}

/** The most frequent first. */
export function groupFailures(plan: Plan, state: MigrationState): FailureGroup[] {
  const generalize = makeGeneralizer(plan);
  const failures = listTasks(state).flatMap(([taskId, site]): Failure[] => {
    if (!site.error || (site.status !== 'failed' && site.status !== 'timeout')) return [];
    return [{ taskId, step: findFailedStep(site), error: site.error }];
  });
  const groups = Map.groupBy(failures, ({ step, error }) =>
    [error.code, step ?? '-', generalize(error.message)].join(' | '),
  );
  return [...groups]
    .map(([signature, members]) => describeGroup(signature, members))
    .sort((a, b) => b.count - a.count);
}

interface Failure {
  readonly taskId: TaskId;
  readonly step: StepName | null;
  readonly error: ErrorRecord;
}

function describeGroup(signature: string, members: readonly Failure[]): FailureGroup {
  const { taskId, step, error } = members[0]!;
  const taskIds = members.map(member => member.taskId).filter(id => id !== NETWORK);
  return {
    signature,
    code: error.code,
    step,
    count: members.length,
    taskIds,
    network: taskIds.length < members.length,
    example: { site: nameTask(taskId), message: error.message },
    hint: error.hint,
  };
}

/** A timeout leaves its step in progress. */
function findFailedStep({ steps }: TaskState): StepName | null {
  const stopped = Object.entries(steps).find(
    ([, step]) => step.status === 'failed' || step.status === 'in_progress',
  );
  return stopped ? (stopped[0] as StepName) : null;
}

/** Makes the function that takes out of a message what differs from site to site: tables, hosts, quoted values and
 *  numbers. Names of columns stay: they tell one cause from another. */
function makeGeneralizer({ source, target, sites }: Plan): (message: string) => string {
  const prefixes = [...new Set([source.tablePrefix, target.tablePrefix])].filter(Boolean).map(escapeRegExp);
  const table = prefixes.length > 0 ? new RegExp(`\\b(?:${prefixes.join('|')})[\\w$]+`, 'g') : null;
  const hosts = new Set(sites.flatMap(site => [site.domain, site.targetDomain]));
  return message =>
    (table ? message.replace(table, '<table>') : message)
      .replace(/[\w-]+(?:\.[\w-]+)+/g, word => (hosts.has(word) ? '<host>' : word))
      .replace(/'[^']*'/g, quoted => (/^'[a-z_<>]+'$/i.test(quoted) ? quoted : '<value>'))
      .replace(/\d+/g, '<n>');
}

const escapeRegExp = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
