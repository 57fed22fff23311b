import { describe, expect, it } from 'vitest';
import { buildStagingDdl } from '../../../src/mysql/build-staging-ddl.ts';

const rename = (table: string): string => table.replace(/^wp_/, 'blog_');

describe('buildStagingDdl', () => {
  it('changes the name and keeps all else', () => {
    const ddl = [
      'CREATE TABLE `wp_4_posts` (',
      '  `ID` bigint(20) unsigned NOT NULL AUTO_INCREMENT,',
      "  `title` varchar(191) NOT NULL DEFAULT 'it''s \\\\ REFERENCES `wp_x`' COMMENT 'CREATE TABLE `wp_y`',",
      '  `len` int(11) GENERATED ALWAYS AS (octet_length(`title`)) VIRTUAL,',
      '  PRIMARY KEY (`ID`)',
      ") ENGINE=InnoDB AUTO_INCREMENT=42 DEFAULT CHARSET=utf8mb4 ROW_FORMAT=COMPRESSED COMMENT='a DATA DIRECTORY=''x'''",
    ].join('\n');
    expect(buildStagingDdl(ddl, 'incoming', rename)).toBe(
      ddl.replace('`wp_4_posts`', '`incoming`.`blog_4_posts`'),
    );
  });

  it('lets foreign keys follow renamed tables of the same database (H36)', () => {
    const ddl =
      'CREATE TABLE `wp_4_form` (\n  `id` int,\n  CONSTRAINT `wp_fk` FOREIGN KEY (`id`) REFERENCES `wp_4_``odd` (`id`) ON DELETE CASCADE,\n' +
      '  CONSTRAINT `two` FOREIGN KEY (`id`) REFERENCES `wp_other`.`wp_t` (`id`)\n)';
    expect(buildStagingDdl(ddl, 'incoming', rename)).toBe(
      'CREATE TABLE `incoming`.`blog_4_form` (\n  `id` int,\n  CONSTRAINT `wp_fk` FOREIGN KEY (`id`) REFERENCES `blog_4_``odd` (`id`) ON DELETE CASCADE,\n' +
        '  CONSTRAINT `two` FOREIGN KEY (`id`) REFERENCES `wp_other`.`wp_t` (`id`)\n)',
    );
  });

  it("leaves out places on the source's disks (H38)", () => {
    const ddl = [
      "CREATE TABLE `wp_log` (`id` int, `c` text COMMENT ' DATA DIRECTORY=''/keep/''') ENGINE=InnoDB DATA DIRECTORY='/fast/' INDEX DIRECTORY = '/f''x/'",
      ' PARTITION BY RANGE (`id`)',
      "(PARTITION `p0` VALUES LESS THAN (10) DATA DIRECTORY = '/slow/' ENGINE = InnoDB,",
      ' PARTITION `p1` VALUES LESS THAN MAXVALUE ENGINE = InnoDB)',
    ].join('\n');
    expect(buildStagingDdl(ddl, 'incoming', rename)).toBe(
      [
        "CREATE TABLE `incoming`.`blog_log` (`id` int, `c` text COMMENT ' DATA DIRECTORY=''/keep/''') ENGINE=InnoDB",
        ' PARTITION BY RANGE (`id`)',
        '(PARTITION `p0` VALUES LESS THAN (10) ENGINE = InnoDB,',
        ' PARTITION `p1` VALUES LESS THAN MAXVALUE ENGINE = InnoDB)',
      ].join('\n'),
    );
  });

  it('F08 F18 names sequences and the tables of a MERGE table in their new place', () => {
    const ddl = [
      'CREATE TABLE `wp_4_a` (',
      "  `id` bigint(20) NOT NULL DEFAULT nextval(`wp_prod`.`wp_4_s`) COMMENT 'nextval(`wp_prod`.`wp_4_s`)',",
      '  `n` int DEFAULT (lastval(`wp_prod`.`wp_4_s`) + 1)',
      ") ENGINE=MRG_MyISAM COMMENT='UNION=(`wp_4_b`)' INSERT_METHOD=LAST UNION=(`wp_4_b`,`wp_4_c``d`)",
    ].join('\n');
    expect(buildStagingDdl(ddl, 'incoming', rename)).toBe(
      [
        'CREATE TABLE `incoming`.`blog_4_a` (',
        "  `id` bigint(20) NOT NULL DEFAULT nextval(`incoming`.`blog_4_s`) COMMENT 'nextval(`wp_prod`.`wp_4_s`)',",
        '  `n` int DEFAULT (lastval(`incoming`.`blog_4_s`) + 1)',
        ") ENGINE=MRG_MyISAM COMMENT='UNION=(`wp_4_b`)' INSERT_METHOD=LAST UNION=(`incoming`.`blog_4_b`,`incoming`.`blog_4_c``d`)",
      ].join('\n'),
    );
  });

  it('F02 leaves out a server, of an engine that makes nothing of it as well', () => {
    const ddl =
      "CREATE TABLE `wp_a` (`id` int COMMENT ' CONNECTION=''x''') ENGINE=InnoDB CONNECTION='mysql://u:p@h/d/t'";
    expect(buildStagingDdl(ddl, 'b', rename)).toBe(
      "CREATE TABLE `b`.`blog_a` (`id` int COMMENT ' CONNECTION=''x''') ENGINE=InnoDB",
    );
  });

  it("leaves out MySQL's table space", () => {
    const ddl = 'CREATE TABLE `wp_a` (`id` int) /*!50100 TABLESPACE `ts` */ ENGINE=InnoDB';
    expect(buildStagingDdl(ddl, 'b', rename)).toBe('CREATE TABLE `b`.`blog_a` (`id` int) ENGINE=InnoDB');
  });

  it('refuses what is no table', () => {
    expect(() => buildStagingDdl('CREATE ALGORITHM=UNDEFINED VIEW `v` AS select 1', 'b', rename)).toThrow(
      /table/,
    );
  });
});
