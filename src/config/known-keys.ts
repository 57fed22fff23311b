import type { z } from 'zod';

/** The keys that the schema knows at a path, for "did you mean". Empty where it has no fixed keys. */
export function listKnownKeys(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const section = unwrap(schema);
  const [step, ...rest] = path;
  if (section._zod.def.type === 'object') {
    const { shape } = (section as z.core.$ZodObject)._zod.def;
    if (step === undefined) return Object.keys(shape);
    const next = Object.hasOwn(shape, step) ? shape[String(step)] : undefined;
    return next === undefined ? [] : listKnownKeys(next, rest);
  }
  if (section._zod.def.type === 'union') {
    return (section as z.core.$ZodUnion)._zod.def.options.flatMap(option => listKnownKeys(option, path));
  }
  if (step === undefined) return [];
  if (section._zod.def.type === 'record') {
    return listKnownKeys((section as z.core.$ZodRecord)._zod.def.valueType, rest);
  }
  if (section._zod.def.type === 'array') {
    return listKnownKeys((section as z.core.$ZodArray)._zod.def.element, rest);
  }
  return [];
}

/** The schema that a setting is written by, without defaults, optionality and transformations around it. */
function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const def = schema._zod.def as { type: string; innerType?: z.core.$ZodType; in?: z.core.$ZodType };
  const inner = def.type === 'pipe' ? def.in : def.innerType;
  return inner === undefined ? schema : unwrap(inner);
}
