import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchUsers } from '../../../src/phases/match-users.ts';

const user = (id: number, login: string, email = `${login}@x.org`) => ({ id, login, email });
const match = (source: ReturnType<typeof user>[], target: ReturnType<typeof user>[], addsUsers = true) =>
  matchUsers(source, target, { addsUsers });

describe('who is who, where users are merged', () => {
  it('by login in any case, then by e-mail; only ids that change are kept', () => {
    const { map, ...rest } = match(
      [user(1, 'Ann'), user(2, 'bob', 'B@x.org'), user(3, 'cid'), user(4, 'dan')],
      [user(7, 'ann'), user(8, 'robert', 'b@X.org'), user(3, 'CID')],
    );
    expect(map).toEqual({
      knownUpTo: 4,
      ids: [
        [1, 7],
        [2, 8],
        [7, 0],
        [8, 0],
      ],
    });
    expect(rest).toMatchObject({ matched: 3, added: 1, renumbered: 0 });
    expect(rest.clashes).toEqual([
      { kind: 'other_login', sourceId: 2, sourceLogin: 'bob', targetId: 8, targetLogin: 'robert' },
    ]);
  });

  it('who is new gets another id where the target has given it to somebody else, above all ids of both sides', () => {
    const { map, added, renumbered } = match(
      [user(1, 'ann'), user(2, 'bob')],
      [user(1, 'zoe'), user(90, 'yan')],
    );
    expect(map.ids).toEqual([
      [1, 1090],
      [90, 0],
      [1090, 0],
    ]);
    expect([added, renumbered]).toEqual([2, 1]);
  });

  it('an id of somebody whom only the target has is nobody, if a row of the source still names it', () => {
    expect(match([user(1, 'ann')], [user(1, 'ann'), user(5, 'eve')]).map.ids).toEqual([[5, 0]]);
  });

  it('the same login with another address is one person, and said to be a clash', () => {
    const { matched, clashes } = match([user(1, 'admin', 'a@x.org')], [user(2, 'admin', 'b@x.org')]);
    expect(matched).toBe(1);
    expect(clashes.map(clash => clash.kind)).toEqual(['other_email']);
  });

  it('an address that several have makes nobody one person', () => {
    const info = 'info@x.org';
    const { matched, clashes } = match(
      [user(1, 'ann', info), user(2, 'bob', info)],
      [user(3, 'office', info)],
    );
    expect(matched).toBe(0);
    expect(clashes.map(clash => clash.kind)).toEqual(['shared_email', 'shared_email']);
  });

  it('nobody is two persons: whom a login has found, no address finds again', () => {
    const { matched, map } = match(
      [user(1, 'bob', 'bob@x.org'), user(2, 'ann', 'other@x.org')],
      [user(9, 'ann', 'bob@x.org')],
    );
    expect(matched).toBe(1);
    expect(map.ids).toEqual([
      [2, 9],
      [9, 0],
    ]);
  });

  it('an empty login or address is nobody’s', () => {
    expect(match([user(1, 'ann', '')], [user(2, 'zoe', '')]).matched).toBe(0);
  });

  it('knows a pseudonym that an earlier migration has made', () => {
    const { matched, clashes } = matchUsers(
      [{ ...user(1, 'a@x.org'), arrivesAs: { login: 'person-1', email: 'person-1@y' } }],
      [user(5, 'person-1', 'person-1@y')],
      { addsUsers: true },
    );
    expect([matched, clashes]).toEqual([1, []]);
  });

  it('without the network tables nobody comes: what a newcomer wrote is nobody’s where the id is taken', () => {
    expect(match([user(1, 'ann'), user(2, 'bob')], [user(1, 'zoe')], false).map.ids).toEqual([[1, 0]]);
  });

  it('once carried out it finds the same again, and nobody new', () => {
    const users = fc.uniqueArray(
      fc.record({ id: fc.integer({ min: 1, max: 30 }), name: fc.integer({ min: 1, max: 30 }) }),
      { selector: ({ id }) => id },
    );
    const people = (list: { id: number; name: number }[]) => [
      ...new Map(list.map(({ id, name }) => [name, user(id, `u${name}`)])).values(),
    ];
    fc.assert(
      fc.property(users, users, (one, other) => {
        const [source, target] = [people(one), people(other)];
        const first = match(source, target);
        const goesTo = new Map(first.map.ids);
        const arrived = source.map(({ id, ...rest }) => ({ ...rest, id: goesTo.get(id) ?? id }));
        expect(new Set(arrived.map(({ id }) => id)).size).toBe(source.length);
        const present = new Set(target.map(({ id }) => id));
        const merged = [...target, ...arrived.filter(({ id }) => !present.has(id))];
        for (const { login, id } of arrived) expect(merged.find(found => found.login === login)?.id).toBe(id);
        const second = match(source, merged);
        expect(second.added).toBe(0);
        expect(second.map).toEqual(first.map);
      }),
    );
  });
});
