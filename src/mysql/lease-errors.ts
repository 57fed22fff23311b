// What people read when a target is somebody else's.

import { MigrationError } from '../errors.ts';
import { formatDuration } from '../lib/format.ts';
import { type LeaseState, longestWait } from './lease-row.ts';

/** The target whose lease it is, in the words of the person in front of it. */
export interface LeasedTarget {
  /** Name in the configuration, for the commands in hints. */
  readonly environment: string;
  readonly database: string;
}

export function describeTarget({ environment, database }: LeasedTarget): string {
  return `the target "${environment}" (database ${database})`;
}

export function describeLease({ migrationId, pid, host, takenAt, lockId }: LeaseState): string {
  return `run ${migrationId}, process ${pid} on ${host}, since ${takenAt}, lock id ${lockId}`;
}

export function unlockCommand({ environment }: LeasedTarget, lockId?: string): string {
  return `wfuwp env-migrate unlock ${environment}${lockId === undefined ? '' : ` --id ${lockId}`}`;
}

/** Somebody works on the target. */
export function heldBy(target: LeasedTarget, lease: LeaseState): MigrationError {
  return new MigrationError(
    'locked',
    `Another run is working on ${describeTarget(target)}: ${describeLease(lease)}.`,
    {
      hint:
        `Wait until it ends. If its process is dead, its lease expires in ${formatDuration(longestWait(lease))}; ` +
        `then start again. Who has it: ${unlockCommand(target)}`,
      details: { holder: lease },
    },
  );
}

/** The lease has ended, but the holder's connection still has the server's named lock and could not be ended. */
export function heldByConnection(target: LeasedTarget, lease: LeaseState, cause: unknown): MigrationError {
  return new MigrationError(
    'locked',
    `The last run on ${describeTarget(target)} is dead (${describeLease(lease)}), but the server still keeps its ` +
      `connection ${lease.connectionId}, which the configured user may not end.`,
    {
      hint: `As a user that may: ${unlockCommand(target, lease.lockId)}  (or on the server: KILL ${lease.connectionId})`,
      details: { holder: lease },
      cause,
    },
  );
}

/** The lease is ours, but a connection of a holder before us could not be ended. */
export function keptByConnection(target: LeasedTarget, id: number, cause: unknown): MigrationError {
  return new MigrationError(
    'locked',
    `The server still keeps connection ${id} of a run on ${describeTarget(target)} that has lost its lease, and the ` +
      'configured user may not end it. What that run was in the middle of could still reach the target.',
    { hint: `On the server, as a user that may: KILL ${id}. Then start again.`, cause },
  );
}

/** Somebody has the named lock, but no living lease says who. */
export function heldByUnknown(target: LeasedTarget): MigrationError {
  return new MigrationError('locked', `Another process is just taking ${describeTarget(target)}.`, {
    hint: `Try again in a moment. Who has it: ${unlockCommand(target)}`,
  });
}

/** The row isn't ours any more. */
export function lostTo(target: LeasedTarget, lease: LeaseState | null, lockId: string): MigrationError {
  const how =
    lease === null
      ? 'its row is gone. Another server answers at the address, or the database was replaced'
      : lease.lockId !== lockId
        ? describeLease(lease)
        : lease.released
          ? 'it was broken by "unlock"'
          : 'another process has written to its row';
  return new MigrationError('locked', `This run has lost its lease of ${describeTarget(target)}: ${how}.`, {
    hint: `Who has it now: ${unlockCommand(target)}. When it is free, continue with --resume ID.`,
    details: { holder: lease },
  });
}

/** Heartbeats don't get through. Exit code of a lost target, which it most likely is. */
export function silentFor(target: LeasedTarget, silentMs: number, cause: unknown): MigrationError {
  return new MigrationError(
    'locked',
    `This run gives up its lease of ${describeTarget(target)}: no heartbeat got through for ${formatDuration(silentMs)}.`,
    {
      exit: 'lost',
      hint: 'Check that the database server is up and reachable, then --resume ID.',
      cause,
    },
  );
}
