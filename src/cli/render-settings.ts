import type { Setting } from '../config/list-settings.ts';
import { joinParts, type Line, type Paint } from '../lib/paint.ts';
import { type Shown, showLines } from '../lib/show-lines.ts';
import { field, item, type Page } from './text-blocks.ts';

/** What `config explain` prints without a key. */
export function renderSettingList(settings: readonly Setting[], paint: Paint): Shown {
  const width = Math.max(...settings.map(({ key }) => key.length));
  return showLines(settings.map(({ key, type }) => joinParts(key.padEnd(width), '  ', paint('dim', type))));
}

/** And with one. `all`: for what is in a section. */
export function renderSettings(found: readonly Setting[], all: readonly Setting[], page: Page): Shown {
  const blocks = found.map(setting => renderSetting(setting, listBelow(setting, all), page));
  return showLines(blocks.flatMap((block, index) => (index === 0 ? block : ['', ...block])));
}

const LABEL_WIDTH = 8;

function renderSetting(setting: Setting, below: readonly string[], page: Page): Line[] {
  const { key, type, description, isRequired, unit, example } = setting;
  const fact = (label: string, text: string | undefined): Line[] =>
    text === undefined ? [] : field(page, label, text, LABEL_WIDTH);
  return [
    page.paint('bold', key),
    ...item(page, '', description, 1),
    ...fact('type', isRequired ? `${type}, required` : type),
    ...fact('unit', unit),
    ...fact('default', 'default' in setting ? formatDefault(setting.default) : undefined),
    ...fact('example', example),
    ...fact('holds', below.length === 0 ? undefined : below.join(', ')),
  ];
}

/** Names one level below. */
function listBelow({ key }: Setting, all: readonly Setting[]): string[] {
  return all
    .filter(other => other.key.startsWith(`${key}.`) && !other.key.slice(key.length + 1).includes('.'))
    .map(other => other.key.slice(key.length + 1));
}

/** As it would be written. */
export function formatDefault(value: unknown): string {
  if (!Array.isArray(value)) return typeof value === 'string' && value !== '' ? value : JSON.stringify(value);
  return value.length === 0 ? '[]' : `[${value.map(entry => JSON.stringify(entry)).join(', ')}]`;
}
