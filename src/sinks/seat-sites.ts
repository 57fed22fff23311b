import type { TaskId } from '../migration/words.ts';

/** Keeps each site at its place on the screen as long as it is in flight, so that the eye can follow it; newcomers
 *  take the free places. null is a free place. Sites beyond the last place are not seated. */
export function seatSites(
  seats: readonly (TaskId | null)[],
  sites: readonly TaskId[],
  places: number,
): (TaskId | null)[] {
  const inFlight = new Set(sites);
  const kept = Array.from({ length: places }, (_, place) => {
    const taskId = seats[place] ?? null;
    return taskId !== null && inFlight.delete(taskId) ? taskId : null;
  });
  const newcomers = [...inFlight];
  return kept.map(taskId => taskId ?? newcomers.shift() ?? null);
}
