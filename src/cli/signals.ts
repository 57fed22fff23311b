import { MigrationError } from '../errors.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Drain extends Disposable {
  /** Aborts at the first signal: start nothing new, let go of what is in flight, say where it stands. */
  readonly signal: AbortSignal;
}

/** The first Ctrl-C, TERM or HUP drains; a second one leaves at once. Both are resumable. */
export function drainOnSignals(): Drain {
  const controller = new AbortController();
  const stopListening = (): void => {
    for (const name of SIGNALS) process.removeListener(name, onSignal);
  };
  function onSignal(name: NodeJS.Signals): void {
    if (controller.signal.aborted) {
      // With our listener gone the signal does what it does to any program.
      stopListening();
      process.kill(process.pid, name);
      return;
    }
    controller.abort(new MigrationError('interrupted', `Interrupted by ${name}.`));
  }
  for (const name of SIGNALS) process.on(name, onSignal);
  return { signal: controller.signal, [Symbol.dispose]: stopListening };
}
