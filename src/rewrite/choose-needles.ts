// From the anchors of all rules, the few strings to search for. A network of 10,000 subdomains has one needle:
// the domain they share.

/** Up to here each host is searched for itself; above, hosts are grouped by the domain they share. */
const MOST_SEARCHED = 64;
/** A server-side scan compares every value with every needle, so its list is short. */
const MOST_SCANNED = 32;

/** What the engine searches for. Every occurrence of an anchor contains one of the needles. */
export function chooseNeedles(anchors: readonly string[]): readonly string[] {
  const needles = dropImplied(anchors);
  return needles.length <= MOST_SEARCHED
    ? needles
    : dropImplied(needles.map(anchor => takeLabels(anchor, 2)));
}

/** The same for a scan in the database: fewer and coarser, where the rules are many. */
export function chooseScanNeedles(anchors: readonly string[]): readonly string[] {
  const needles = chooseNeedles(anchors);
  if (needles.length <= MOST_SCANNED) return needles;
  const coarse = dropImplied(needles.map(needle => takeLabels(needle, 1)));
  return coarse.length <= MOST_SCANNED
    ? coarse
    : dropImplied(coarse.map(needle => (needle.includes('.') ? '.' : needle)));
}

/** `dept.example.edu`, 2 → `.example.edu`. The dot stays: it makes the needle longer and keeps it whole. */
function takeLabels(anchor: string, count: number): string {
  const labels = anchor.split('.');
  return labels.length > count ? `.${labels.slice(-count).join('.')}` : anchor;
}

/** Without the strings that end in another of the list: finding that one finds them. */
function dropImplied(strings: readonly string[]): readonly string[] {
  const all = new Set(strings);
  return [...all].filter(string => {
    for (let i = 1; i < string.length; i++) if (all.has(string.slice(i))) return false;
    return true;
  });
}
