import { describe, expect, it } from 'vitest';
import { findHosts } from '../../../../src/mysql/definition/find-hosts.ts';
import { parseDefinition } from '../../../../src/mysql/definition/parse-definition.ts';
import { createRewriter } from '../../../../src/rewrite/rewriter.ts';

const rewriter = createRewriter([
  { from: 'prod.example.edu', to: 'stg.example.edu' },
  { from: '*.prod.example.edu', to: '*.stg.example.edu' },
]);
const find = (items: string[], options = 'ENGINE=InnoDB') =>
  findHosts(
    parseDefinition(`CREATE TABLE \`t\` (\n  ${items.join(',\n  ')}\n) ${options}`),
    text => rewriter.rewrite(Buffer.from(text)).matches > 0,
  );

describe('F14 findHosts', () => {
  it.each([
    [
      "`u` varchar(99) DEFAULT 'https://s2.prod.example.edu/'",
      { kind: 'default', where: '.u', breaksRows: false },
    ],
    [
      "`u` text DEFAULT (concat('https://','prod.example.edu'))",
      { kind: 'default', where: '.u', breaksRows: false },
    ],
    [
      "`g` int GENERATED ALWAYS AS (`u` like 'https://s2.prod.example.edu/%') STORED",
      { kind: 'generated', where: '.g', breaksRows: false },
    ],
    ["`c` int COMMENT 'see https://prod.example.edu/x'", { kind: 'comment', where: '.c', breaksRows: false }],
    ["`e` enum('prod.example.edu','other')", { kind: 'member', where: '.e', breaksRows: false }],
    ["`u` text CHECK (`u` like '%.prod.example.edu/%')", { kind: 'check', where: '.u', breaksRows: true }],
    [
      "CONSTRAINT `own` CHECK (`u` like _utf8mb4'%prod.example.edu%')",
      { kind: 'check', where: ' CHECK own', breaksRows: true },
    ],
    [
      "CONSTRAINT `own` CHECK (`u` regexp '^https://(s2|s3)\\\\.prod\\\\.example\\\\.edu/')",
      { kind: 'check', where: ' CHECK own', breaksRows: true },
    ],
    [
      "CONSTRAINT `own` CHECK (`u` regexp '^https?://.*[.]prod[.]example[.]edu')",
      { kind: 'check', where: ' CHECK own', breaksRows: true },
    ],
    [
      'CONSTRAINT `own` CHECK (`u` <> 0x70726f642e6578616d706c652e656475)',
      { kind: 'check', where: ' CHECK own', breaksRows: true },
    ],
    [
      "KEY `k` ((replace(`u`,_utf8mb4'prod.example.edu',_utf8mb4'')))",
      { kind: 'key', where: ' KEY k', breaksRows: false },
    ],
    ["KEY `k` (`u`) COMMENT 'prod.example.edu'", { kind: 'comment', where: ' KEY k', breaksRows: false }],
  ])('%s', (item, place) => {
    expect(find([item])).toEqual([place]);
  });

  it('a generated column in a unique key may become what another row has', () => {
    const generated = "`g` varchar(9) GENERATED ALWAYS AS (replace(`u`,'prod.example.edu','')) STORED";
    expect(find([generated, 'UNIQUE KEY `k` (`g`)'])).toEqual([
      { kind: 'generated', where: '.g', breaksRows: true },
    ]);
    expect(find([generated, 'KEY `k` (`g`)'])).toEqual([
      { kind: 'generated', where: '.g', breaksRows: false },
    ]);
  });

  it("of the table its comment, what its partitions demand, and these' comments", () => {
    const partition = (rest: string): string =>
      `ENGINE=InnoDB\n PARTITION BY LIST  COLUMNS(\`h\`)\n(PARTITION \`p\` VALUES IN ${rest} ENGINE = InnoDB)`;
    expect(find(['`h` int'], "ENGINE=InnoDB COMMENT='of prod.example.edu'")).toEqual([
      { kind: 'comment', where: '', breaksRows: false },
    ]);
    expect(find(['`h` int'], partition("('s4.prod.example.edu','x')"))).toEqual([
      { kind: 'partition', where: '', breaksRows: true },
    ]);
    expect(find(['`h` int'], partition("('x') COMMENT = 'prod.example.edu'"))).toEqual([
      { kind: 'comment', where: ' PARTITION', breaksRows: false },
    ]);
  });

  it.each([
    ["`u` varchar(99) DEFAULT 'https://other.example.org/' COMMENT 'my-prod.example.edu.evil.com'"],
    ["CONSTRAINT `prod.example.edu` CHECK (`u` like 'https://%')"],
    ["`u` enum('a','b')"],
  ])('none in %s', item => {
    expect(find([item])).toEqual([]);
  });
});
