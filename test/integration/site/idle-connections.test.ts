import { afterEach, beforeEach, expect, it } from 'vitest';
import { connectSource, type DatabaseConnection } from '../../../src/mysql/client.ts';
import { IdleConnections } from '../../../src/site/idle-connections.ts';
import { SiteConnections } from '../../../src/site/site-connections.ts';
import { createDatabaseName, useServers } from '../../support/servers.ts';

const servers = useServers();
const address = (end: 'source' | 'target') => ({
  label: end,
  socketPath: servers[end].socketPath,
  user: 'root',
  password: '',
});

let idle: IdleConnections;
let proven: number[];
const prove = async (target: DatabaseConnection): Promise<void> => {
  await target.query('SELECT 1');
  proven.push(target.threadId);
};
const beginSite = (proveTarget = prove) =>
  new SiteConnections(
    { source: address('source'), target: address('target') },
    { lockWaitMs: 20_000, proveTarget },
    idle,
  );

const expectEnded = (end: 'source' | 'target', threadId: number) =>
  expect
    .poll(() => servers[end].query(`SELECT ID FROM information_schema.PROCESSLIST WHERE ID = ${threadId}`))
    .toEqual([]);

beforeEach(() => {
  idle = new IdleConnections();
  proven = [];
});
afterEach(() => idle[Symbol.asyncDispose]());

it('gives the connections of a site that is done to the next one, and has the target proven again', async () => {
  const first = beginSite();
  const used = [(await first.source()).threadId, (await first.target()).threadId];
  await first[Symbol.asyncDispose]();
  const second = beginSite();
  expect([(await second.source()).threadId, (await second.target()).threadId]).toEqual(used);
  expect(proven).toEqual([used[1], used[1]]);
  await second[Symbol.asyncDispose]();
});

it('ends the transaction of the site before: the next one sees what is there now', async () => {
  const table = `${createDatabaseName('idle')}.seen`;
  await servers.source.query(`CREATE DATABASE ${table.split('.')[0]}; CREATE TABLE ${table} (id INT)`);
  const first = beginSite();
  const source = await first.source();
  await source.execute('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
  await servers.source.query(`INSERT INTO ${table} VALUES (1)`);
  expect(await source.query(`SELECT id FROM ${table}`)).toEqual([]);
  await first[Symbol.asyncDispose]();
  const second = beginSite();
  expect(await (await second.source()).query(`SELECT id FROM ${table}`)).toEqual([{ id: 1 }]);
  await second[Symbol.asyncDispose]();
});

it('opens a new one in the place of one that its server has ended', async () => {
  const first = beginSite();
  const lost = await first.target();
  await first[Symbol.asyncDispose]();
  await servers.target.query(`KILL CONNECTION ${lost.threadId}`);
  const second = beginSite();
  const target = await second.target();
  expect(target.threadId).not.toBe(lost.threadId);
  expect(await target.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await second[Symbol.asyncDispose]();
});

it('keeps none of a site that was given up', async () => {
  const first = beginSite();
  const { threadId } = await first.source();
  await first.discard();
  await first[Symbol.asyncDispose]();
  const second = beginSite();
  expect((await second.source()).threadId).not.toBe(threadId);
  await second[Symbol.asyncDispose]();
});

it('rejects when the target is no longer the run’s, and keeps no connection to it', async () => {
  const first = beginSite();
  const { threadId } = await first.target();
  await first[Symbol.asyncDispose]();
  const second = beginSite(async () => Promise.reject(new Error('another target')));
  await expect(second.target()).rejects.toThrow('another target');
  await expectEnded('target', threadId);
  await second[Symbol.asyncDispose]();
});

it('keeps no connection after its own end', async () => {
  const late = await connectSource(address('source'));
  await idle[Symbol.asyncDispose]();
  await idle.giveBack('source', late);
  await expectEnded('source', late.threadId);
});
