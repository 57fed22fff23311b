import { describe, expect, it } from 'vitest';
import type { Hazard, Plan } from '../../../src/migration/plan.ts';
import type { Blog } from '../../../src/mysql/catalog.ts';
import { buildPlan, type PlanRequest } from '../../../src/phases/build-plan.ts';
import type { EndFacts } from '../../../src/phases/read-ends.ts';
import { aBlog, anEnd, aRequest } from '../../support/facts.ts';

const SOURCE = [1, 2, 3].map(id => aBlog(id, address(id === 1 ? '' : `s${id}.`, 'prod.example.edu')));

function address(name: string, domain: string, path = '/'): Pick<Blog, 'domain' | 'path'> {
  return { domain: `${name}${domain}`, path };
}

/** The target's blogs as a migration has left them, some changed, some more. */
function aTarget(changed: readonly Blog[] = [], given?: EndFacts['given']): EndFacts {
  const left = SOURCE.map(blog => ({ ...blog, domain: blog.domain.replace('prod', 'stg') }));
  const blogs = new Map([...left, ...changed].map(blog => [blog.siteId, blog]));
  return { ...anEnd({ ids: [...blogs.keys()], blogs: [...blogs.values()] }), ...(given ? { given } : {}) };
}

function plan(
  target: EndFacts,
  request: Partial<PlanRequest> = {},
  blogs: readonly Blog[] = SOURCE,
  networks?: EndFacts['networks'],
): Plan {
  const source = {
    ...anEnd({ ids: blogs.map(blog => blog.siteId), blogs }),
    ...(networks ? { networks } : {}),
  };
  return buildPlan(aRequest(request), source, target);
}

const CODES = ['site_replaces_other', 'site_moved', 'shared_address', 'shared_address_at_source'];
const find = ({ hazards }: Plan): Hazard[] =>
  hazards.filter(({ code }) => CODES.includes(code) || code === 'network_replaces_other');

describe('sites of the target that are others', () => {
  it.each([
    ['as the last migration left it', {}],
    ['a dump of the source', address('s3.', 'prod.example.edu')],
    ['other letter case', address('S3.', 'STG.example.edu')],
    ['www.', address('www.s3.', 'stg.example.edu')],
    ['www. of a dump of the source', address('www.s3.', 'prod.example.edu')],
    ['a dot at the end', address('s3.', 'stg.example.edu.')],
    ['a port that goes without saying', address('s3.', 'stg.example.edu:443')],
    ['no slashes', address('s3.', 'stg.example.edu', '')],
    ['spaces around it', address(' s3.', 'stg.example.edu ', '/ ')],
  ])('F06 is not said of the same one: %s', (_what, over) => {
    const target = aTarget([aBlog(3, { ...address('s3.', 'stg.example.edu'), ...over })]);
    expect(find(plan(target))).toEqual([]);
  });

  it.each([
    ['another host', address('chem.', 'stg.example.edu')],
    ['another host of a dump of the source', address('chem.', 'prod.example.edu')],
    ['another path', address('s3.', 'stg.example.edu', '/chem/')],
    ['a path within it', address('s3.', 'stg.example.edu', '/s3/')],
    ['another port', address('s3.', 'stg.example.edu:8443')],
    ['a host that contains it', address('xs3.', 'stg.example.edu')],
    ['a host with nothing in common', address('', 'www.chemistry.org')],
  ])('F06 its number is that of a site with %s: refused, or left out', (_what, there) => {
    const target = aTarget([aBlog(3, there)]);
    const refused = plan(target);
    expect(find(refused)).toMatchObject([{ code: 'site_replaces_other', blocking: true, siteIds: [3] }]);
    const [hazard] = find(refused);
    expect(hazard?.message).toContain(`3 (${there.domain}${there.path} there, to be s3.stg.example.edu/)`);
    expect(hazard?.hint).toContain('--accept site_replaces_other');

    const accepted = plan(target, { accept: ['site_replaces_other'] });
    expect(accepted.sites.map(site => site.siteId).sort()).toEqual([1, 2]);
    expect(accepted.network?.siteIds).toEqual([1, 2]);
    expect(accepted.leftOut).toEqual([{ siteId: 3, reason: '--accept site_replaces_other' }]);
  });

  it('F06 replaces a site that has moved when somebody says that it has, and names it', () => {
    const target = aTarget([aBlog(3, address('chem.', 'stg.example.edu'))]);
    const accepted = plan(target, { accept: ['site_moved'] });
    expect(find(accepted)).toMatchObject([{ code: 'site_moved', blocking: false, siteIds: [3] }]);
    expect(accepted.leftOut).toEqual([]);
    // Who says both is not understood, and replaces nothing.
    const both = plan(target, { accept: ['site_moved', 'site_replaces_other'] });
    expect(both.leftOut).toEqual([{ siteId: 3, reason: '--accept site_replaces_other' }]);
  });

  it('F06 knows a site that has another address at the source by now, when a run has put it there', () => {
    const moved = SOURCE.map(blog =>
      blog.siteId === 3 ? { ...blog, domain: 'new.prod.example.edu' } : blog,
    );
    expect(find(plan(aTarget(), {}, moved))).toMatchObject([{ code: 'site_replaces_other', siteIds: [3] }]);
    const given = new Map([[3, new Set(['elder.stg.example.edu/', 's3.stg.example.edu/'])]]);
    expect(find(plan(aTarget([], given), {}, moved))).toEqual([]);
    // What was done at the target since, no run has done.
    const changed = aTarget([aBlog(3, address('chem.', 'stg.example.edu'))], given);
    expect(find(plan(changed, {}, moved))).toMatchObject([{ code: 'site_replaces_other', siteIds: [3] }]);
    // Nor is it the same number of another site.
    const other = new Map([[2, new Set(['s3.stg.example.edu/'])]]);
    expect(find(plan(aTarget([], other), {}, moved))).toHaveLength(1);
  });

  it('F06 looks at what travels only, in each kind of run', () => {
    const target = aTarget([aBlog(3, address('chem.', 'stg.example.edu'))]);
    const { selection } = aRequest();
    expect(find(plan(target, { selection: { ...selection, include: [2] } }))).toEqual([]);
    expect(find(plan(target, { selection: { ...selection, exclude: [3] } }))).toEqual([]);
    for (const over of [{ networkOnly: true }, { sitesOnly: true }])
      expect(find(plan(target, over))).toMatchObject([{ code: 'site_replaces_other', siteIds: [3] }]);
    const accepted = plan(target, { networkOnly: true, accept: ['site_replaces_other'] });
    expect(accepted.network?.siteIds).toEqual([1, 2]);
    // Of a site without tables only the row would be replaced.
    const bare = { ...anEnd({ ids: [1, 2], blogs: SOURCE }) };
    expect(find(buildPlan(aRequest(), bare, target))).toHaveLength(1);
    expect(find(buildPlan(aRequest({ sitesOnly: true }), bare, target))).toEqual([]);
  });

  it('F06 a host that no rule covers keeps its name: it is the same site only where the target has it so', () => {
    const mapped = SOURCE.map(blog => (blog.siteId === 3 ? { ...blog, domain: 'www.mapped.org' } : blog));
    const byHand = aTarget([aBlog(3, address('mapped.', 'stg.example.edu'))]);
    expect(find(plan(byHand, {}, mapped))).toMatchObject([{ code: 'site_replaces_other', siteIds: [3] }]);
    expect(find(plan(aTarget([aBlog(3, address('', 'mapped.org'))]), {}, mapped))).toEqual([]);
  });

  it('F06 networks are told by their numbers, too', () => {
    const network = (domain: string) => [{ networkId: 1, domain, path: '/' }];
    const at = (domain: string): EndFacts => ({ ...aTarget(), networks: network(domain) });
    const source = network('prod.example.edu');
    for (const domain of ['prod.example.edu', 'stg.example.edu', 'www.stg.example.edu'])
      expect(find(plan(at(domain), {}, SOURCE, source))).toEqual([]);
    const found = find(plan(at('lab.example.org'), {}, SOURCE, source));
    expect(found).toMatchObject([{ code: 'network_replaces_other', blocking: true }]);
    expect(found[0]?.message).toContain('1 (lab.example.org/ there, to be stg.example.edu/)');
    expect(find(plan(at('lab.example.org'), { sitesOnly: true }, SOURCE, source))).toEqual([]);
  });
});

describe('addresses that two sites would have', () => {
  const s3 = address('s3.', 'stg.example.edu');

  it.each([
    ['the same', s3],
    ['in other letter case', address('S3.', 'stg.Example.edu')],
    ['with a dot at the end', address('s3.', 'stg.example.edu.')],
    ['with a port that goes without saying', address('s3.', 'stg.example.edu:80')],
    ['without slashes', { ...s3, path: '' }],
  ])('F06 one that comes and one that only the target has: %s', (_what, there) => {
    const target = aTarget([aBlog(7, there)]);
    expect(find(plan(target))).toMatchObject([{ code: 'shared_address', blocking: true, siteIds: [3] }]);
    expect(find(plan(target))[0]?.message).toContain('s3.stg.example.edu/ (sites 3 and 7 of the target)');
    const accepted = plan(target, { accept: ['shared_address'] });
    expect(accepted.leftOut).toEqual([{ siteId: 3, reason: '--accept shared_address' }]);
    expect(accepted.network?.siteIds).toEqual([1, 2]);
  });

  it.each([
    ['the source has it so', address('s3.', 'prod.example.edu')],
    ['another path', address('s3.', 'stg.example.edu', '/three/')],
    ['www., which WordPress tells apart', address('www.s3.', 'stg.example.edu')],
    ['another port', address('s3.', 'stg.example.edu:8080')],
  ])('F06 is not said of two that WordPress tells apart: %s', (_what, there) => {
    expect(find(plan(aTarget([aBlog(7, there)])))).toEqual([]);
  });

  it('F06 a path that differs only in its slashes and letter case is no other one', () => {
    const inPath = SOURCE.map(blog =>
      blog.siteId === 3 ? { ...blog, ...address('', 'prod.example.edu', '/Three/') } : blog,
    );
    const target = aTarget([
      aBlog(3, address('', 'stg.example.edu', '/Three/')),
      aBlog(7, address('', 'stg.example.edu', '/three')),
    ]);
    expect(find(plan(target, {}, inPath))).toMatchObject([{ code: 'shared_address', siteIds: [3] }]);
  });

  it('F06 two that come, because two hosts become one', () => {
    const blogs = [...SOURCE, aBlog(9, address('s3.', 'old.example.edu'))];
    const rules = [...aRequest().rules, { from: '*.old.example.edu', to: '*.stg.example.edu' }];
    expect(find(plan(aTarget(), { rules }, blogs))).toMatchObject([
      { code: 'shared_address', blocking: true, siteIds: [3, 9] },
    ]);
    const accepted = plan(aTarget(), { rules, accept: ['shared_address'] }, blogs);
    expect(accepted.leftOut.map(({ siteId }) => siteId)).toEqual([3, 9]);
  });

  it('F06 two that have one address at the source are carried as they are, and named', () => {
    const blogs = [...SOURCE, aBlog(9, address('s3.', 'prod.example.edu'))];
    const found = find(plan(aTarget(), {}, blogs));
    expect(found).toMatchObject([{ code: 'shared_address_at_source', blocking: false, siteIds: [3, 9] }]);
    // With one more that only the target has it is another matter.
    expect(find(plan(aTarget([aBlog(7, s3)]), {}, blogs))).toMatchObject([
      { code: 'shared_address', blocking: true, siteIds: [3, 9] },
    ]);
  });

  it('F06 of sites of which some are left out, what their rows at the target hold', () => {
    const { selection } = aRequest();
    // 2 has got the name that 3 had; at the target 3 has it still, and is not part of the run.
    const renamed = SOURCE.map(blog => ({
      ...blog,
      ...(blog.siteId === 2 ? address('s3.', 'prod.example.edu') : {}),
      ...(blog.siteId === 3 ? address('new.', 'prod.example.edu') : {}),
    }));
    const given = new Map([
      [2, new Set(['s2.stg.example.edu/'])],
      [3, new Set(['s3.stg.example.edu/'])],
    ]);
    expect(find(plan(aTarget([], given), {}, renamed))).toEqual([]);
    const alone = { selection: { ...selection, include: [2] } };
    expect(find(plan(aTarget([], given), alone, renamed))).toMatchObject([
      { code: 'shared_address', siteIds: [2] },
    ]);
    expect(find(plan(aTarget([], given), { ...alone, sitesOnly: true }, renamed))).toEqual([]);
  });

  it('F06 what is left out for another reason keeps its address, which another one may come with', () => {
    // The target's 3 is chemistry; at the source that is 5, and new.
    const blogs = [...SOURCE, aBlog(5, address('chem.', 'prod.example.edu'))];
    const target = aTarget([aBlog(3, address('chem.', 'stg.example.edu'))]);
    expect(find(plan(target, {}, blogs)).map(({ code }) => code)).toEqual(['site_replaces_other']);
    const one = plan(target, { accept: ['site_replaces_other'] }, blogs);
    expect(find(one)).toMatchObject([
      { code: 'site_replaces_other', siteIds: [3] },
      { code: 'shared_address', blocking: true, siteIds: [5] },
    ]);
    const both = plan(target, { accept: ['site_replaces_other', 'shared_address'] }, blogs);
    expect(find(both).map(({ code }) => code)).toEqual(['site_replaces_other', 'shared_address']);
    expect(both.network?.siteIds).toEqual([1, 2]);
  });

  it('F06 two that only the target has, and a target without sites, are nobody’s business', () => {
    expect(
      find(
        plan(
          aTarget([aBlog(7, address('x.', 'stg.example.edu')), aBlog(8, address('x.', 'stg.example.edu'))]),
        ),
      ),
    ).toEqual([]);
    expect(find(plan({ ...aTarget(), blogs: null }))).toEqual([]);
  });
});
