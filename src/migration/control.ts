// What an operator asks of a run that is going on: a small file in its directory, which the run looks at about once a
// second. A file and no socket or signal: it works for whoever may write to the directory, from any machine that has it.

import { randomUUID } from 'node:crypto';
import { readWholeFile } from '../lib/open-file.ts';
import { writeFileAtomic } from '../lib/write-file-atomic.ts';
import type { Concurrency } from './concurrency.ts';

export interface Control {
  readonly version: 1;
  /** Of this request: the run answers with an event that has it. */
  readonly request: string;
  /** Absent: as the run was started. */
  readonly concurrency?: Concurrency;
  readonly startsPaused?: boolean;
  /** Who has paused it, while it is paused. */
  readonly pausedBy?: string;
  readonly at: string;
  /** `user@host`. */
  readonly by: string;
}

export type ControlChange = Pick<Control, 'concurrency' | 'startsPaused'>;

/** Adds `change` to what was asked before. Of two that are written in the same moment one is lost; who waits for its
 *  answer notices. */
export async function writeControl(path: string, change: ControlChange, by: string): Promise<Control> {
  const { concurrency, startsPaused, pausedBy } = (await readControl(path)) ?? {};
  const isPaused = change.startsPaused ?? startsPaused;
  const control: Control = {
    version: 1,
    request: randomUUID(),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(startsPaused === undefined ? {} : { startsPaused }),
    ...change,
    ...(isPaused ? { pausedBy: (change.startsPaused ? null : pausedBy) ?? by } : {}),
    at: new Date().toISOString(),
    by,
  };
  await writeFileAtomic(path, `${JSON.stringify(control, null, 2)}\n`);
  return control;
}

/** null: nothing is asked, or nothing that can be understood. */
export async function readControl(path: string): Promise<Control | null> {
  try {
    const control = JSON.parse(await readWholeFile(path)) as Control | null;
    return control?.version === 1 && typeof control.request === 'string' ? control : null;
  } catch {
    return null;
  }
}
