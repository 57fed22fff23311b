// Writes schema/wfuwp.config.schema.json, which editors check a configuration file against, from the schema that
// the program itself uses. A test fails when the file is stale.
import { writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { configSchema } from '../src/config/schema.ts';

export const SCHEMA_FILE = new URL('../schema/wfuwp.config.schema.json', import.meta.url);

export function renderSchema(): string {
  // `input`: what may stand in the file, before defaults and transformations.
  const schema = z.toJSONSchema(configSchema, { io: 'input', override: allowUserElsewhere });
  // A name, and no place: the file lies in the package.
  const names = { $id: 'urn:wfuwp:configuration', title: 'Configuration of wfuwp' };
  const titled = { $schema: schema.$schema, ...names, ...schema };
  return `${JSON.stringify(titled, null, 2)}\n`;
}

/** The user of a database may come from `myCnf`, which is looked into before the program's schema sees it. */
function allowUserElsewhere({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.properties?.myCnf === undefined) return;
  jsonSchema.required = jsonSchema.required?.filter(key => key !== 'user') ?? [];
  jsonSchema.anyOf = ['user', 'myCnf'].map(key => ({ required: [key] }));
}

if (import.meta.main) await writeFile(SCHEMA_FILE, renderSchema());
