// What has changed at the source since the plan was made: the plan itself names and leaves these.

import { describe, expect, it } from 'vitest';
import { refuseLeads } from '../../../src/site/refuse-leads.ts';
import type { SiteTask } from '../../../src/site/site-task.ts';
import { samplePlan } from '../../support/sample-plan.ts';

const aTable = (source: string, over = {}) => ({
  ...{ source, target: source, engine: 'InnoDB', rows: 1, sizeBytes: 1 },
  ...over,
});
const plan = samplePlan(1);
const tables = ['wp_2_a', 'wp_2_log', 'wp_2_seq'].map(name => aTable(name));
const task = { siteId: 2, tables } as unknown as SiteTask;

const refuse =
  (definition: string, over = {}): (() => void) =>
  () =>
    refuseLeads(aTable('wp_2_a', over), definition, { plan, task });

const table = (column: string, options = 'ENGINE=InnoDB'): string =>
  `CREATE TABLE \`wp_2_a\` (\n  ${column}\n) ${options}`;

describe('refuseLeads', () => {
  it.each([
    ['an ordinary table', table("`id` int(11) COMMENT 'REFERENCES `wp_9` nextval(`x`.`y`)'"), {}],
    [
      'a key to a table of the site',
      table('`id` int, CONSTRAINT `k` FOREIGN KEY (`id`) REFERENCES `wp_2_log` (`id`)'),
      {},
    ],
    ['a sequence of the site', table('`id` int DEFAULT nextval(`wp_prod`.`wp_2_seq`)'), {}],
    [
      'a MERGE table of the site',
      table('`id` int', 'ENGINE=MRG_MyISAM UNION=(`wp_2_log`)'),
      { engine: 'MRG_MyISAM', kind: 'merge' },
    ],
  ])('lets %s pass', (_, definition, over) => {
    expect(refuse(definition, over)).not.toThrow();
  });

  it.each([
    [
      'F02 an engine that was changed',
      table('`id` int', "ENGINE=FEDERATED CONNECTION='mysql://x'"),
      {},
      /its engine is FEDERATED/,
    ],
    ['F02 the engine that the plan knew', table('`id` int'), { engine: 'CONNECT' }, /its engine is CONNECT/],
    [
      'F02 a MERGE table that was none',
      table('`id` int', 'ENGINE=MRG_MyISAM UNION=(`wp_2_log`)'),
      {},
      /its engine is MRG_MyISAM/,
    ],
    [
      'F18 a table of another site',
      table('`id` int', 'ENGINE=MRG_MyISAM UNION=(`wp_3_log`)'),
      { engine: 'MRG_MyISAM', kind: 'merge' },
      /made of wp_3_log/,
    ],
    [
      'F08 a sequence of another site',
      table('`id` int DEFAULT nextval(`wp_prod`.`wp_3_seq`)'),
      {},
      /takes its numbers from wp_prod.wp_3_seq/,
    ],
    [
      'F08 a sequence of another database',
      table('`id` int DEFAULT nextval(`other`.`wp_2_seq`)'),
      {},
      /takes its numbers from other.wp_2_seq/,
    ],
    [
      'H36 a key that leads out',
      table('`id` int, CONSTRAINT `k` FOREIGN KEY (`id`) REFERENCES `wp_users` (`ID`)'),
      {},
      /leads out of site 2, to wp_users/,
    ],
  ])('refuses %s', (_, definition, over, reason) => {
    expect(refuse(definition, over)).toThrow(reason);
  });
});
