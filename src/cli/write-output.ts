import { MigrationError } from '../errors.ts';

/** Writes bytes to stdout, no faster than they are taken. Returns false when the reader has gone, as `head` does:
 *  nobody wants the rest, and it is not made. Fails with `unknown` when they can't be written, say to a full disk. */
export async function writeOutput(output: AsyncIterable<Buffer>): Promise<boolean> {
  // oclif's listener throws where nobody can catch it. Each failure comes to the callback of its write as well.
  process.stdout.removeAllListeners('error').on('error', () => {});
  for await (const piece of output) {
    const failure = await write(piece);
    if (failure?.code === 'EPIPE') return false;
    if (failure) {
      throw new MigrationError('unknown', `Cannot write the output: ${failure.message}`, {
        hint: 'What was written so far is not all of it.',
        cause: failure,
      });
    }
  }
  return true;
}

/** Resolves to what went wrong. */
function write(piece: Buffer): Promise<NodeJS.ErrnoException | null | undefined> {
  return new Promise(resolve => process.stdout.write(piece, resolve));
}
