/** Colours of groups: the eight of Okabe and Ito that colour-blind readers tell apart, the rest grey. */

const PALETTE = 8;

/**
 * A class name for each group, the most frequent first; style.css gives it its colour by day and by night.
 * @param {(string | null | undefined)[]} groups
 * @returns {{of: (group: string | null | undefined) => string, legend: {name: string, style: string}[]}}
 */
export function colouring(groups) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const group of groups) if (group) counts.set(group, (counts.get(group) || 0) + 1);
  const named = [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).slice(0, PALETTE);
  const styles = new Map(named.map(([name], i) => [name, `c${i + 1}`]));
  const legend = [...styles].map(([name, style]) => ({ name, style }));
  if (counts.size > PALETTE) legend.push({ name: `${counts.size - PALETTE} more`, style: "c0" });
  return { of: (group) => (group && styles.get(group)) || "c0", legend };
}
