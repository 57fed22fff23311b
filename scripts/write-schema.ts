// Writes schema/wfuwp.config.schema.json, which editors check a configuration file against, from the schema that
// the program itself uses. A test fails when the file is stale.
import { writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { configSchema } from '../src/config/schema.ts';

export const SCHEMA_FILE = new URL('../schema/wfuwp.config.schema.json', import.meta.url);

export function renderSchema(): string {
  // `input`: what may stand in the file, before defaults and transformations.
  const schema = z.toJSONSchema(configSchema, { io: 'input' });
  // A name, and no place: the file lies in the package.
  const names = { $id: 'urn:wfuwp:configuration', title: 'Configuration of wfuwp' };
  const titled = { $schema: schema.$schema, ...names, ...schema };
  return `${JSON.stringify(titled, null, 2)}\n`;
}

if (import.meta.main) await writeFile(SCHEMA_FILE, renderSchema());
