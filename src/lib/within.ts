/** `work`, or a rejection when it takes longer. What it gives too late goes to `discard`; its late error is nobody's. */
export async function within<T>(
  work: Promise<T>,
  ms: number,
  discard: (late: T) => void = () => {},
): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    work.then(discard, () => {});
    reject(new Error(`no answer within ${ms} ms`));
  }, ms);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
