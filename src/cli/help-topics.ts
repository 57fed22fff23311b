// Pages of help that belong to no command: `wfuwp help exit-codes`.

import { ACCEPT_CODES } from '../migration/accept-codes.ts';
import { listExitCodes } from './exit-code-help.ts';

export interface HelpTopic {
  readonly name: string;
  readonly title: string;
  rows(): [left: string, right: string][];
}

export const HELP_TOPICS: readonly HelpTopic[] = [
  { name: 'exit-codes', title: 'EXIT CODES', rows: () => listExitCodes() },
  {
    name: 'accept',
    title: 'CODES OF --accept, AND WHAT EACH DOES',
    rows: () => Object.entries(ACCEPT_CODES),
  },
];
