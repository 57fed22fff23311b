import type { SiteId } from '../../migration/words.ts';
import { mergeUsers } from '../merge-users.ts';
import { RowMerge } from '../row-merge.ts';
import type { Step } from '../step.ts';

/** Rows of the target join the staged tables, which so far hold only the source's: of `blogs` and `blogmeta` those whose
 *  blog doesn't travel, of `site` and `sitemeta` those whose network doesn't, settings that are protected, and users.
 *  They are moved inside the target's server and are not rewritten. */
export const mergeRows: Step = {
  name: 'merge_rows',
  async run({ plan, task, connections }) {
    const { network, users } = plan;
    const target = await connections.target();
    const merge = await RowMerge.begin(target, plan, task);
    // One transaction, so that a step that is run again finds all of it done or nothing.
    await target.execute('START TRANSACTION');
    // What stays is told from the staged blogs and networks, which must not hold the kept ones yet: they come last.
    await merge.keep('blogmeta', 'meta_id', `blog_id NOT IN ${merge.staged('blogs', 'blog_id')}`);
    await merge.keep(
      'blogs',
      'blog_id',
      `blog_id NOT IN ${merge.staged('blogs', 'blog_id')}`,
      archive(network?.archivedIds ?? []),
    );
    await merge.protect(network?.protectedMeta ?? []);
    await merge.keep('sitemeta', 'meta_id', `site_id NOT IN ${merge.staged('site', 'id')}`);
    await merge.keep('site', 'id', `id NOT IN ${merge.staged('site', 'id')}`);
    if (users?.merge)
      await mergeUsers(merge, {
        prefix: plan.target.tablePrefix,
        siteIds: network?.siteIds ?? [],
        targetUpTo: users.merge.targetUpTo,
      });
    await target.execute('COMMIT');
    return { ...merge.done };
  },
};

/** As text: in networks of old the column is an ENUM, whose member number 1 is '0'. */
function archive(siteIds: readonly SiteId[]): Record<string, string> {
  return siteIds.length === 0 ? {} : { archived: `IF(blog_id IN (${siteIds.join(', ')}), '1', archived)` };
}
