/** Numbers as people read them: three significant digits, with their unit. */

/**
 * @param {number | null | undefined} value
 * @returns {string}
 */
export function digits(value) {
  if (value === null || value === undefined) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-4) return value.toExponential(2).replace("e+", "e").replace("-", "−");
  return String(Number(value.toPrecision(3))).replace("-", "−");
}

/** @param {number | null | undefined} value */
export const percent = (value) => (value === null || value === undefined ? "–" : `${digits(value * 100)} %`);

/** @param {number | null | undefined} um IC50 in µM, shown in the unit that reads best. */
export function concentration(um) {
  if (um === null || um === undefined) return "–";
  if (um < 1e-3) return `${digits(um * 1e6)} pM`;
  if (um < 1) return `${digits(um * 1e3)} nM`;
  return um < 1e3 ? `${digits(um)} µM` : `${digits(um / 1e3)} mM`;
}

/** @type {Record<string, string>} */
export const CASES = {
  known: "known pair",
  unseen_line: "new sample",
  unseen_drug: "new compound",
  unseen_both: "new sample and new compound",
};

/** @param {string | null | undefined} name as the data write it: lung_NSCLC */
export const words = (name) => (name ? name.replaceAll("_", " ") : "not known");
