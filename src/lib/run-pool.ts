/** Works on the items in order, `limit` at a time. The first rejection stops the starting and is thrown once what runs
 *  has ended; so is the signal's reason. */
export async function runPool<T>(
  items: Iterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  let failure: { readonly error: unknown } | null = null;
  const runLane = async (): Promise<void> => {
    while (failure === null && signal?.aborted !== true) {
      const next = queue.next();
      if (next.done) return;
      try {
        await work(next.value);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, limit) }, runLane));
  if (failure) throw (failure as { readonly error: unknown }).error;
  signal?.throwIfAborted();
}
