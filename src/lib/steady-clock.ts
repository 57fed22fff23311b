/** A clock that shows the time of day when it is made, and from then on only goes forward: one that is set by hours in
 *  the middle of a run must not change what the run took. `notBefore`: a time that has been already. */
export function createSteadyClock(notBefore = ''): () => Date {
  const startedAt = performance.now();
  const beganAt = Math.max(Date.now(), Date.parse(notBefore) || 0);
  return () => new Date(beganAt + (performance.now() - startedAt));
}
