import { describe, expect, it } from 'vitest';
import { createLocalExecutor } from '../../../src/executors/local.ts';
import { Slots } from '../../../src/executors/slots.ts';
import type { SiteTask } from '../../../src/site/site-task.ts';

const settle = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

/** An executor at work on tasks that end when they are told to. */
class Work {
  readonly slots: Slots;
  readonly drain = new AbortController();
  drawn = 0;
  mayStart = true;
  readonly started: number[] = [];
  readonly #running = new Map<number, PromiseWithResolvers<void>>();
  readonly done: Promise<string>;

  constructor(limit: number, tasks: number) {
    this.slots = new Slots(limit);
    const run = createLocalExecutor(this.slots).run(this.#draw(tasks), {
      mayStart: () => this.mayStart,
      runTask: task => {
        this.started.push(task.siteId);
        const ending = Promise.withResolvers<void>();
        this.#running.set(task.siteId, ending);
        return ending.promise;
      },
      signal: this.drain.signal,
    });
    this.done = run.then(
      () => 'resolved',
      (error: Error) => error.message,
    );
  }

  *#draw(tasks: number): Generator<SiteTask> {
    for (let siteId = 1; siteId <= tasks; siteId += 1) {
      this.drawn += 1;
      yield { siteId } as SiteTask;
    }
  }

  async end(siteId: number, error?: Error): Promise<void> {
    const ending = this.#running.get(siteId)!;
    if (error) ending.reject(error);
    else ending.resolve();
    await settle();
  }

  async isOver(): Promise<boolean> {
    return (await Promise.race([this.done, settle()])) !== undefined;
  }
}

describe('the local executor', () => {
  it('starts in order, as many as there are slots, and takes tasks only as they are needed', async () => {
    const work = new Work(2, 1_000);
    await settle();
    expect(work.started).toEqual([1, 2]);
    expect(work.drawn).toBe(3);
    await work.end(2);
    expect(work.started).toEqual([1, 2, 3]);
  });

  it('follows a limit that changes', async () => {
    const work = new Work(1, 6);
    await settle();
    work.slots.limit = 3;
    await settle();
    expect(work.started).toEqual([1, 2, 3]);
    work.slots.limit = 1;
    await work.end(1);
    await work.end(2);
    expect(work.started).toEqual([1, 2, 3]);
    await work.end(3);
    expect(work.started).toEqual([1, 2, 3, 4]);
  });

  it('resolves when the last has ended, also while nothing may be started', async () => {
    const work = new Work(2, 2);
    await settle();
    work.slots.limit = 0;
    await work.end(1);
    expect(await work.isOver()).toBe(false);
    await work.end(2);
    expect(await work.done).toBe('resolved');
  });

  it('starts nothing after a no, and waits for what runs', async () => {
    const work = new Work(2, 5);
    await settle();
    work.mayStart = false;
    await work.end(1);
    expect(await work.isOver()).toBe(false);
    await work.end(2);
    expect(await work.done).toBe('resolved');
    expect(work.started).toEqual([1, 2]);
  });

  it('throws the first failure after the others have ended, and starts nothing after it', async () => {
    const work = new Work(2, 5);
    await settle();
    await work.end(1, new Error('first'));
    expect(work.started).toEqual([1, 2]);
    await work.end(2, new Error('second'));
    expect(await work.done).toBe('first');
  });

  it.each<[string, (work: Work) => Promise<void> | void]>([
    ['drains', work => work.drain.abort()],
    ['has a task that fails', work => work.end(1, new Error('gone'))],
    [
      'gets a no',
      work => {
        work.mayStart = false;
        return work.end(1);
      },
    ],
  ])('ends at once when it waits for a slot that never comes, and %s', async (_, happen) => {
    const work = new Work(1, 5);
    await settle();
    work.slots.limit = 0;
    await happen(work);
    if (work.drain.signal.aborted) await work.end(1);
    await settle();
    expect(await work.isOver()).toBe(true);
    expect(work.started).toEqual([1]);
  });
});
