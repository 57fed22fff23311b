import type { StepData } from '../../migration/events.ts';
import type { SiteId } from '../../migration/words.ts';
import type { DatabaseConnection } from '../../mysql/client.ts';
import { mergeUsers } from '../merge-users.ts';
import { RowMerge } from '../row-merge.ts';
import { trustRows } from '../staged-proof.ts';
import type { Step, StepContext } from '../step.ts';

/** Rows of the target join the staged tables, which so far hold only the source's: of `blogs` and `blogmeta` those whose
 *  blog doesn't travel, of `site` and `sitemeta` those whose network doesn't, settings that are protected, and users.
 *  They are moved inside the target's server and are not rewritten. */
export const mergeRows: Step = {
  name: 'merge_rows',
  traits: { onDrafts: true },
  async run(context) {
    const data = await context.watchTarget(target => merge(target, context));
    await trustRows(context);
    return data;
  },
};

async function merge(target: DatabaseConnection, context: StepContext): Promise<StepData> {
  const { plan } = context;
  const { network, users } = plan;
  const merging = await RowMerge.begin(target, context);
  // One transaction, so that a step that is run again finds all of it done or nothing.
  await target.execute('START TRANSACTION');
  await merging.carryOwnColumns('blogs', 'blog_id');
  await merging.carryOwnColumns('site', 'id');
  // What stays is told from the staged blogs and networks, which must not hold the kept ones yet: they come last.
  await merging.keep('blogmeta', 'meta_id', `blog_id NOT IN ${merging.staged('blogs', 'blog_id')}`);
  await merging.keep(
    'blogs',
    'blog_id',
    `blog_id NOT IN ${merging.staged('blogs', 'blog_id')}`,
    archive(network?.archivedIds ?? []),
  );
  await merging.protect(network?.protectedMeta ?? []);
  await merging.keep('sitemeta', 'meta_id', `site_id NOT IN ${merging.staged('site', 'id')}`);
  await merging.keep('site', 'id', `id NOT IN ${merging.staged('site', 'id')}`);
  if (users?.merge)
    await mergeUsers(merging, {
      prefix: plan.target.prefixInRows ?? plan.target.tablePrefix,
      siteIds: network?.siteIds ?? [],
      targetUpTo: users.merge.targetUpTo,
    });
  await target.execute('COMMIT');
  return { ...merging.done };
}

/** As text: in networks of old the column is an ENUM, whose member number 1 is '0'. */
function archive(siteIds: readonly SiteId[]): ReadonlyMap<string, string> {
  if (siteIds.length === 0) return new Map();
  return new Map([['archived', `IF(blog_id IN (${siteIds.join(', ')}), '1', archived)`]]);
}
