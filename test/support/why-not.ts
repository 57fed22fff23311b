// Why a test can't run on this machine, for its title: empty where it can. bin/test ends with these titles.
//
//   it.skipIf(whyNotRoot)(`is refused when another user owns it${whyNotRoot}`, …)

export const whyNotLinux = process.platform === 'linux' ? '' : ' (not tried: this is not Linux)';

export const whyNotRoot =
  process.geteuid?.() === 0 ? '' : ' (not tried: only root can make files that are of another user)';
