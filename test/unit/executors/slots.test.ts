import { describe, expect, it } from 'vitest';
import { type Slot, Slots } from '../../../src/executors/slots.ts';

const settle = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

/** Takes a slot in the background; `got` has the names of those served so far, in their order. */
class Takers {
  readonly got: string[] = [];
  readonly slots: Slots;

  constructor(slots: Slots) {
    this.slots = slots;
  }

  take(name: string, signal?: AbortSignal): Promise<Slot | null> {
    return this.slots.take(signal).then(slot => {
      if (slot) this.got.push(name);
      return slot;
    });
  }
}

describe('Slots', () => {
  it('hands out as many as the limit, and more when one comes back: first come, first served', async () => {
    const takers = new Takers(new Slots(2));
    const [first] = [takers.take('a'), takers.take('b'), takers.take('c'), takers.take('d')];
    await settle();
    expect(takers.got).toEqual(['a', 'b']);
    (await first)![Symbol.dispose]();
    await settle();
    expect(takers.got).toEqual(['a', 'b', 'c']);
    expect(takers.slots.inUse).toBe(2);
  });

  it('serves those who wait as soon as the limit grows', async () => {
    const takers = new Takers(new Slots(0));
    for (const name of ['a', 'b', 'c']) void takers.take(name);
    await settle();
    expect(takers.got).toEqual([]);
    takers.slots.limit = 2;
    await settle();
    expect(takers.got).toEqual(['a', 'b']);
    takers.slots.limit = 5;
    await settle();
    expect(takers.got).toEqual(['a', 'b', 'c']);
  });

  it('takes none away when the limit shrinks, and hands none out before enough came back', async () => {
    const takers = new Takers(new Slots(3));
    const held = await Promise.all(['a', 'b', 'c'].map(name => takers.take(name)));
    void takers.take('d');
    takers.slots.limit = 1;
    expect(takers.slots.inUse).toBe(3);
    held[0]![Symbol.dispose]();
    held[1]![Symbol.dispose]();
    await settle();
    expect(takers.got).not.toContain('d');
    held[2]![Symbol.dispose]();
    await settle();
    expect(takers.got).toContain('d');
    expect(takers.slots.inUse).toBe(1);
  });

  it('counts a slot once that is given back twice', async () => {
    const slots = new Slots(2);
    const slot = await slots.take();
    await slots.take();
    slot![Symbol.dispose]();
    slot![Symbol.dispose]();
    expect(slots.inUse).toBe(1);
  });

  it('lets a taker go whose signal aborts, and passes its turn on', async () => {
    const takers = new Takers(new Slots(0));
    const stop = new AbortController();
    const gone = takers.take('a', stop.signal);
    void takers.take('b');
    stop.abort();
    expect(await gone).toBeNull();
    expect(await takers.slots.take(stop.signal)).toBeNull();
    takers.slots.limit = 1;
    await settle();
    expect(takers.got).toEqual(['b']);
  });

  it('tryTake gives only what nobody waits for', async () => {
    const slots = new Slots(1);
    const slot = slots.tryTake();
    expect(slot).not.toBeNull();
    expect(slots.tryTake()).toBeNull();
    const waiting = slots.take();
    slot![Symbol.dispose]();
    expect(slots.tryTake()).toBeNull();
    (await waiting)![Symbol.dispose]();
    expect(slots.tryTake()).not.toBeNull();
  });

  it('tells whoever has one beside its work to give it back when somebody waits, or when there are fewer', async () => {
    const slots = new Slots(2);
    const [one, two] = [slots.tryTake()!, slots.tryTake()!];
    expect(slots.isScarce).toBe(false);
    const waiting = slots.take();
    expect(slots.isScarce).toBe(true);
    one[Symbol.dispose]();
    const three = (await waiting)!;
    expect(slots.isScarce).toBe(false);
    slots.limit = 1;
    expect(slots.isScarce).toBe(true);
    two[Symbol.dispose]();
    expect(slots.isScarce).toBe(false);
    three[Symbol.dispose]();
  });
});
