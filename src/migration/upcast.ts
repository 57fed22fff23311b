// Journals of older versions, read as if they had been written today. A line of theirs stays in the file as it was
// written, so its hash holds; what is folded from it is what it means now.

import { groupLeft, keyOfChunk } from './copied-table.ts';
import type { CopiedChunk, CopiedTable, Part, Recorded, Resource, StepTraits } from './events.ts';
import { NETWORK, taskOf, taskOfRow } from './task-ids.ts';
import { PHASES, type PhaseName, type SiteId, type StepName } from './words.ts';

/** A line as a version before tasks has written it: it counts in sites, and 0 stands for the network tables. */
type OldLine = Record<string, unknown> & { readonly type: string };

const TRAITS: Partial<Record<StepName, StepTraits>> = {
  before_site: { everyAttempt: true },
  inspect: { everyAttempt: true },
  copy_tables: { onDrafts: true },
  verify_tables: { onDrafts: true },
  merge_rows: { onDrafts: true },
  cut_over: { change: 'makes' },
  roll_back: { change: 'takes_back', everyAttempt: true },
};

const ROLES: Partial<Record<Resource['kind'], Resource['role']>> = {
  staging_table: 'draft',
  previous_table: 'kept',
};

/** Begun anew by each resume. */
const LOOKING_PHASES: readonly PhaseName[] = ['preflight', 'post_migration', 'cleanup'];

/** A line of today stays what it is. */
export function upcastLine(line: Recorded): Recorded {
  const old = line as unknown as OldLine;
  if (!('siteId' in old) && !('siteIds' in old)) return line;
  return translate(old) as unknown as Recorded;
}

function translate({ siteId, ...line }: OldLine): object {
  const taskId = siteId === undefined ? {} : { taskId: taskOfRow(siteId as SiteId) };
  switch (line.type) {
    case 'migration.started': {
      const { siteIds, network, ...rest } = line;
      const sites = (siteIds as SiteId[]).map(taskOf);
      return { ...rest, taskIds: network ? [NETWORK, ...sites] : sites, phases: PHASES };
    }
    case 'migration.resumed': {
      const { siteIds, ...rest } = line;
      const taskIds = (siteIds as SiteId[]).map(taskOfRow);
      const hasSites = taskIds.some(id => id !== NETWORK);
      const phases: PhaseName[] = [
        ...LOOKING_PHASES,
        ...(hasSites ? (['sites'] as const) : []),
        ...(taskIds.includes(NETWORK) ? (['network_tables'] as const) : []),
      ];
      return { ...rest, taskIds, phases };
    }
    case 'rollback.started': {
      const { siteIds, ...rest } = line;
      return { ...rest, taskIds: (siteIds as SiteId[]).map(taskOfRow) };
    }
    case 'step.started': {
      const traits = TRAITS[line.step as StepName];
      const resources = line.resources as readonly Resource[] | undefined;
      return {
        ...{ ...line, ...taskId },
        ...(traits ? { traits } : {}),
        ...(resources ? { resources: resources.map(addRole) } : {}),
      };
    }
    case 'resource.removed':
      return { ...line, ...taskId, resources: (line.resources as Resource[]).map(addRole) };
    case 'table.copied': {
      const { copied, ...rest } = line;
      const { table, ...figures } = groupLeft(copied as CopiedTable);
      const part: CopiedTable = { ...figures, key: table, table };
      return { ...rest, ...taskId, type: 'part.done', step: 'copy_tables', part };
    }
    case 'chunk.copied': {
      const { chunk, ...rest } = line;
      const found = chunk as CopiedChunk;
      const part: Part = { ...found, key: keyOfChunk(found), within: found.table };
      return { ...rest, ...taskId, type: 'part.done', step: 'copy_tables', part };
    }
    case 'table.discarded': {
      const { table, ...rest } = line;
      return { ...rest, ...taskId, type: 'part.dropped', step: 'copy_tables', key: table };
    }
    case 'chunk.discarded': {
      const { table, from, to, ...rest } = line;
      const key = keyOfChunk({ table, from, to } as CopiedChunk);
      return { ...rest, ...taskId, type: 'part.dropped', step: 'copy_tables', key };
    }
    case 'drift.found': {
      const { tables, ...rest } = line;
      return { ...rest, ...taskId, ...(tables ? { amends: { tables } } : {}) };
    }
    default:
      return { ...line, ...taskId, type: line.type.replace(/^site\./, 'task.') };
  }
}

function addRole(resource: Resource): Resource {
  const role = ROLES[resource.kind];
  return role ? { ...resource, role } : resource;
}
