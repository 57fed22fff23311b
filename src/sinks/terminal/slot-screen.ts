// The moving part of the screen, drawn by listr2: a headline task with a subtask for each place. The tasks do nothing
// but wait for the end; what is seen are their titles.

import { DefaultRenderer, Listr, ListrLogger, ProcessOutput } from 'listr2';
import type { Line, Paint } from '../../lib/paint.ts';
import { showLine, writeLines } from '../../lib/show-lines.ts';

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';

/** As much of a listr2 task as is used. */
type Titled = { title: string };

export class SlotScreen {
  readonly #stream: NodeJS.WriteStream;
  readonly #ended = Promise.withResolvers<void>();
  readonly #running: Promise<unknown>;
  readonly #places: Titled[] = [];
  #headline: Titled | undefined;
  #renderer!: PatientRenderer;
  #printing: Promise<void> = Promise.resolve();
  #frame = 0;

  /** Takes the screen at once. `places`: the most rows that `draw` will be given. */
  constructor(stream: NodeJS.WriteStream, paint: Paint, places: number) {
    this.#stream = stream;
    const wait = (): Promise<void> => this.#ended.promise;
    const rows = Array.from({ length: places }, (_, place) => ({
      title: ' ',
      task: (_context: unknown, task: Titled) => {
        this.#places[place] = task;
        return wait();
      },
    }));
    const listr = new Listr(
      {
        title: ' ',
        task: (_context, task) => {
          this.#headline = task;
          return task.newListr(rows, { concurrent: true });
        },
      },
      {
        renderer: captureRenderer(renderer => {
          this.#renderer = renderer;
        }),
        rendererOptions: {
          lazy: true,
          clearOutput: true,
          formatOutput: 'truncate',
          icon: { PENDING: () => SPINNER[this.#frame % SPINNER.length]! },
          color: { PENDING: icon => showLine(paint('yellow', icon ?? '')) },
          logger: new ListrLogger({ processOutput: new OpenOutput(stream, stream) }),
        },
        // Its own listener would end the process with 127 on the first Ctrl-C, in the middle of a swap.
        registerSignalListeners: false,
      },
    );
    this.#running = listr.run();
    process.on('exit', this.#showCursor);
  }

  /** Rows that are empty take no line. */
  draw(headline: Line, rows: readonly Line[]): void {
    if (this.#headline) this.#headline.title = showLine(headline);
    for (const [place, task] of this.#places.entries()) task.title = showLine(rows[place] ?? '');
    this.#frame += 1;
    this.#renderer.draw();
  }

  /** Puts lines above the moving part, where they stay. */
  print(lines: readonly Line[]): void {
    if (lines.length === 0) return;
    this.#printing = this.#printing.then(() =>
      this.#renderer.stepAside(() => writeLines(this.#stream, lines)),
    );
  }

  /** Takes the moving part away and gives the cursor back. Nothing is written after it resolves. */
  async close(): Promise<void> {
    await this.#printing;
    this.#ended.resolve();
    await this.#running;
    process.off('exit', this.#showCursor);
  }

  readonly #showCursor = (): void => {
    this.#stream.write(SHOW_CURSOR);
  };
}

/** Draws when told to. listr2 asks for a frame at every change of a title, which would be one for every row. */
class PatientRenderer extends DefaultRenderer {
  /** The caller has looked at the stream; listr2 would look at stdout, whatever stream it draws on. */
  static override nonTTY = true;
  #rendered: Promise<void> = Promise.resolve();
  #isUp = false;

  override render(): Promise<void> {
    this.#rendered = super.render().then(() => {
      this.#isUp = true;
    });
    return this.#rendered;
  }

  override update(): void {}

  override end(): void {
    this.#isUp = false;
    super.end();
  }

  draw(): void {
    if (this.#isUp) super.update();
  }

  /** Takes the frame away, lets `write` write, and draws it again below. Not to be called again before it resolves. */
  async stepAside(write: () => void): Promise<void> {
    await this.#rendered;
    this.end();
    write();
    await this.render();
    this.draw();
  }
}

/** listr2 makes its renderer itself, and keeps it to itself. */
function captureRenderer(capture: (renderer: PatientRenderer) => void): typeof PatientRenderer {
  return class extends PatientRenderer {
    constructor(...args: ConstructorParameters<typeof DefaultRenderer>) {
      super(...args);
      capture(this);
    }
  };
}

/** listr2 would collect what others write while it draws: for a night that fills the memory with cursor codes alone,
 *  and a killed process would take the last words with it, among them the code that brings the cursor back. */
class OpenOutput extends ProcessOutput {
  override hijack(): void {
    this.toStdout(HIDE_CURSOR, false);
  }

  override release(): void {
    this.toStdout(SHOW_CURSOR, false);
  }
}
