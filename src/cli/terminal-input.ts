// Keys for one prompt. enquirer can't be given process.stdin itself: on Ctrl-C and Ctrl-D Node's readline closes
// underneath it, which ends the process with ERR_USE_AFTER_CLOSE, or leaves a promise that never settles.
import { PassThrough } from 'node:stream';

const CTRL_C = 0x03;
const CTRL_D = 0x04;
/** Clears what was typed everywhere else; enquirer does so on Ctrl-L. */
const CTRL_U = 0x15;
const CTRL_L = 0x0c;

export interface TerminalInput extends Disposable {
  /** Looks like the terminal to enquirer, but never carries Ctrl-C or Ctrl-D. */
  readonly stream: NodeJS.ReadStream;
}

/** Calls `interrupt` on Ctrl-C, on Ctrl-D and when the terminal goes away. Dispose it after the prompt, or the
 *  process keeps waiting for keys. */
export function openTerminalInput(interrupt: () => void): TerminalInput {
  const { stdin } = process;
  const stream = Object.assign(new PassThrough(), {
    isTTY: true,
    isRaw: false,
    setRawMode: (mode: boolean) => stdin.setRawMode(mode),
  });
  const forward = (keys: Buffer): void => {
    if (keys.includes(CTRL_C) || keys.includes(CTRL_D)) interrupt();
    else stream.write(keys.map(key => (key === CTRL_U ? CTRL_L : key)));
  };
  stdin.on('data', forward).on('end', interrupt).resume();
  return {
    stream: stream as unknown as NodeJS.ReadStream,
    [Symbol.dispose]() {
      stdin.off('data', forward).off('end', interrupt).pause();
      stream.destroy();
    },
  };
}
