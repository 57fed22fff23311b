import { expect, it } from 'vitest';
import type { Config, Environment } from '../../../src/config/schema.ts';
import { selectEnvironment } from '../../../src/config/select-environment.ts';

const prod = { name: 'prod' } as Environment;
const config = {
  file: 'wfuwp.config.yaml',
  environments: { prod, staging: { name: 'staging' } },
} as unknown as Config;

it('finds an environment by its name', () => {
  expect(selectEnvironment(config, 'prod')).toBe(prod);
});

it.each([
  ['stagign', 'There is no environment "stagign" in wfuwp.config.yaml. Did you mean "staging"?'],
  ['qa', 'There is no environment "qa" in wfuwp.config.yaml.'],
  ['constructor', 'There is no environment "constructor" in wfuwp.config.yaml.'],
])('does not find %s, and lists what there is', (name, message) => {
  expect(() => selectEnvironment(config, name)).toThrow(
    expect.objectContaining({
      code: 'unknown_environment',
      message,
      hint: 'Known environments: prod, staging.',
    }),
  );
});
