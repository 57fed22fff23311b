// Changes the texts within a value, however it is wrapped: plain, PHP-serialized or JSON, one within another. Lengths
// follow. What isn't text (numbers, keys, names of classes) stays.

import { Buffer, isUtf8 } from 'node:buffer';
import { looksSerialized, walkSerialized } from './serialized-strings.ts';

export interface TextEditor {
  /** `name`: of the key that the text stands under, or of the whole value. Answers with the same object, or with what
   *  takes its place. */
  text(text: Buffer, name: string): Buffer;
  /** Of serialized data that can't be read, so that no text in it can be changed. PHP can't read most of it either. */
  broken(value: Buffer, name: string): Buffer;
}

const CURLY = 0x7b;
const SQUARE = 0x5b;
const STRING_OF_JSON = /"((?:[^"\\]|\\.)*)"(\s*:)?/gs;

/** Deeper than anybody wraps; each layer is walked once more. */
const MOST_LAYERS = 32;

/** The same object when nothing has changed. */
export function editTexts(value: Buffer, name: string, editor: TextEditor, layer = 0): Buffer {
  if (value.length === 0) return value;
  if (layer > MOST_LAYERS) return editor.broken(value, name);
  if (looksSerialized(value)) return editSerialized(value, name, editor, layer);
  return editJson(value, name, editor, layer) ?? editor.text(value, name);
}

function editSerialized(value: Buffer, name: string, editor: TextEditor, layer: number): Buffer {
  const parts: Buffer[] = [];
  let copied = 0;
  const isSound = walkSerialized(value, {
    string(start, end, head, key) {
      const text = value.subarray(start, end);
      const edited = editTexts(text, key ?? name, editor, layer + 1);
      if (edited === text) return;
      parts.push(value.subarray(copied, head), Buffer.from(`s:${edited.length}:"`), edited);
      copied = end;
    },
  });
  if (!isSound) return editor.broken(value, name);
  return parts.length === 0 ? value : Buffer.concat([...parts, value.subarray(copied)]);
}

/** null: it is none. */
function editJson(value: Buffer, name: string, editor: TextEditor, layer: number): Buffer | null {
  if ((value[0] !== CURLY && value[0] !== SQUARE) || !isUtf8(value)) return null;
  const json = value.toString();
  if (!isJson(json)) return null;
  let key = name;
  let isChanged = false;
  const edited = json.replaceAll(STRING_OF_JSON, (token, content: string, colon?: string) => {
    if (colon !== undefined) {
      key = content;
      return token;
    }
    const text = Buffer.from(JSON.parse(`"${content}"`) as string);
    const after = editTexts(text, key, editor, layer + 1);
    if (after === text) return token;
    isChanged = true;
    return JSON.stringify(after.toString());
  });
  return isChanged ? Buffer.from(edited) : value;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
