/** The commands `wfuwp env-migrate NAME …`, and those that later versions will have. An environment of such a name could
 *  not be told from the command. */
export const COMMAND_NAMES: readonly string[] = [
  'cleanup',
  'continue',
  'list',
  'log',
  'pause',
  'prune',
  'rollback',
  'status',
  'tune',
  'unlock',
  'verify',
];

export const ENVIRONMENT_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;
