// Rows larger than a frame of the protocol (16 MB), than a socket's buffers and than most packet sizes; on servers of
// their own that allow them.

import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LoadMethod } from '../../../src/mysql/copy-table.ts';
import { createRewriter } from '../../../src/rewrite/rewriter.ts';
import { Copying } from '../../support/copying.ts';
import { type MariadbServer, startMariadbServer } from '../../support/mariadb-server.ts';

const MAX_ALLOWED_PACKET_BYTES = 256 * 1024 * 1024;
const SCRIPT = fileURLToPath(new URL('../../support/copy-in-process.ts', import.meta.url));

let servers: { source: MariadbServer; target: MariadbServer };
let copying: Copying;
beforeAll(async () => {
  const args = [`--max-allowed-packet=${MAX_ALLOWED_PACKET_BYTES}`];
  const [source, target] = await Promise.all([startMariadbServer({ args }), startMariadbServer({ args })]);
  servers = { source, target };
  copying = await Copying.start(servers);
});
afterAll(async () => {
  await copying[Symbol.asyncDispose]();
  await Promise.all([servers.source.stop(), servers.target.stop()]);
});

describe.each<LoadMethod>(['load_data', 'insert', 'insert_and_load', 'bulk', 'bulk_and_load'])(
  'by %s',
  method => {
    // A packet exactly of a frame's size has an empty frame behind it; the row's other bytes are its header and key.
    it.each([16_777_208, 34_000_000])('a value of %i bytes arrives', async bytes => {
      const table = `t_${method}_${bytes}`;
      await copying.fill(
        `CREATE TABLE ${table} (id INT PRIMARY KEY, v LONGTEXT, w LONGBLOB)`,
        `INSERT INTO ${table} VALUES (1, 'before', 'x'), (2, REPEAT('x', ${bytes}), NULL), (3, 'after', REPEAT('\\n', 20000))`,
      );
      const rewriter = createRewriter([{ from: 'prod.example.edu', to: 'stg.example.edu' }]);
      const result = await copying.copy(table, {
        method,
        rewriter,
        maxAllowedPacket: MAX_ALLOWED_PACKET_BYTES,
      });
      expect(result).toMatchObject({ rows: 3, bytes: 3 + 'beforexafter'.length + bytes + 20_000 });
      const checksums = await copying.readServerChecksums(table);
      expect(checksums.target).toBe(checksums.source);
      await copying.verify(table, result);
    });
  },
);

it('a target with a small packet size stores and verifies them', async () => {
  await using small = await startMariadbServer({ args: ['--max-allowed-packet=1M'] });
  await using other = await Copying.start({ source: servers.source, target: small });
  await other.fill(
    'CREATE TABLE t (id INT PRIMARY KEY, v LONGTEXT)',
    `INSERT INTO t VALUES (1, 'small'), (7, CONCAT(REPEAT('x ', 1500000), 'prod.example.edu'))`,
  );
  const result = await other.copy('t', { maxAllowedPacket: 1024 * 1024 });
  await other.verify('t', result);
});

it.each(['load_data', 'bulk_and_load'])('many rows of 30 MB pass in less than 300 MB by %s', async method => {
  const table = `heavy_${method}`;
  await copying.fill(
    `CREATE TABLE ${table} (id INT PRIMARY KEY, v LONGTEXT)`,
    ...[1, 2, 3, 4, 5, 6].map(
      id =>
        `INSERT INTO ${table} VALUES (${id}, CONCAT('https://prod.example.edu/', REPEAT('a\\tb\\\\', 7500000)))`,
    ),
  );
  await servers.target.query(`CREATE TABLE ${copying.database}.${table} (id INT PRIMARY KEY, v LONGTEXT)`);
  const { stdout } = await execa(process.execPath, [
    SCRIPT,
    JSON.stringify({
      sourceSocket: servers.source.socketPath,
      targetSocket: servers.target.socketPath,
      database: copying.database,
      table,
      method,
    }),
  ]);
  const { result, peakBytes } = JSON.parse(stdout) as {
    result: { rows: number; checksum: string };
    peakBytes: number;
  };
  expect(result).toMatchObject({ rows: 6, changedByColumn: { v: 6 } });
  expect(peakBytes).toBeLessThan(300 * 1024 * 1024);
  await copying.verify(table, result);
});
