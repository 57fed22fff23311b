import { describe, expect, it } from 'vitest';
import { MigrationError } from '../../../src/errors.ts';
import { parseSiteList, type SiteSelection, selectSites } from '../../../src/migration/select-sites.ts';

describe('parseSiteList', () => {
  it('reads ids and ranges, in order and each once', () => {
    expect(parseSiteList('10-12, 2,5,11', '--include-sites')).toEqual([2, 5, 10, 11, 12]);
  });

  it.each(['', '0', 'a', '5-2', '1,,2', '-3', '1.5', '1-99999999999'])('refuses "%s"', text => {
    expect(() => parseSiteList(text, '--include-sites')).toThrow(/--include-sites takes site ids/);
  });
});

it.each(['9007199254740993', '1,1000000000000000', '5-1000000000000000', '9'.repeat(400)])(
  'F29 refuses ids that are out of range: %s',
  text => {
    expect(() => parseSiteList(text, '--include-sites')).toThrow(
      /--include-sites takes site ids up to 999999999999999/,
    );
  },
);

describe('selectSites', () => {
  const everything: SiteSelection = {
    include: null,
    exclude: null,
    activeOnly: false,
    excludeMainSite: false,
  };
  const active = { archived: false, spam: false, deleted: false };
  const sites = [
    { siteId: 1, ...active },
    { siteId: 2, ...active, archived: true },
    { siteId: 3, ...active, deleted: true },
    { siteId: 4, ...active },
  ];
  const chosen = (selection: Partial<SiteSelection>): number[] =>
    selectSites(sites, { ...everything, ...selection }).chosen.map(site => site.siteId);

  it('takes all, or those named, or all but those named', () => {
    expect(chosen({})).toEqual([1, 2, 3, 4]);
    expect(chosen({ include: [2, 4] })).toEqual([2, 4]);
    expect(chosen({ exclude: [2, 4] })).toEqual([1, 3]);
    expect(chosen({ activeOnly: true, excludeMainSite: true })).toEqual([4]);
  });

  it('says why each of the others is left out', () => {
    const { leftOut } = selectSites(sites, { ...everything, activeOnly: true, exclude: [4] });
    expect(leftOut).toEqual([
      { siteId: 2, reason: 'archived (--active-only)' },
      { siteId: 3, reason: 'deleted (--active-only)' },
      { siteId: 4, reason: 'in --exclude-sites' },
    ]);
  });

  it('refuses an id that does not exist, included or excluded', () => {
    expect(() => chosen({ include: [2, 77] })).toThrow('The source has no site 77.');
    expect(() => chosen({ exclude: [78] })).toThrow(MigrationError);
  });
});
