// Copies one table in a process of its own, whose memory is nobody else's. Prints the result and the peak of its
// resident memory as JSON.

import { connectSource, connectTarget } from '../../src/mysql/client.ts';
import { copyTable, type LoadMethod } from '../../src/mysql/copy-table.ts';
import { readColumns } from '../../src/mysql/read-columns.ts';
import { createRewriter } from '../../src/rewrite/rewriter.ts';

interface Job {
  readonly sourceSocket: string;
  readonly targetSocket: string;
  readonly database: string;
  readonly table: string;
  readonly method: LoadMethod;
}

const { sourceSocket, targetSocket, database, table, method } = JSON.parse(process.argv[2]!) as Job;
const user = { user: 'root', password: '' };
await using source = await connectSource({ label: 'source', socketPath: sourceSocket, ...user }, database);
await using target = await connectTarget({ label: 'target', socketPath: targetSocket, ...user }, database);
const place = { database, name: table };
const result = await copyTable({
  source,
  target,
  sourceTable: place,
  stagingTable: place,
  columns: (await readColumns(source, database, [table])).get(table)!,
  rewriter: createRewriter([{ from: 'prod.example.edu', to: 'stg.example.edu' }]),
  method,
  maxAllowedPacket: 16 * 1024 * 1024,
  signal: new AbortController().signal,
});
const peakBytes = process.resourceUsage().maxRSS * 1024;
process.stdout.write(JSON.stringify({ result, peakBytes }));
