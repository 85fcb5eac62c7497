/** Calls of the service's own API. The key, where one is asked for, stays in this module's memory. */

let key = "";

/** @param {string} value */
export function useKey(value) {
  key = value;
}

/** A refusal of the service, in its own words. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {{title?: string, detail?: string, code?: string, errors?: {pointer: string, detail: string, candidates?: {id: string, name: string}[]}[]}} problem
   */
  constructor(status, problem) {
    super(problem.detail || problem.title || `status ${status}`);
    this.status = status;
    this.code = problem.code || "";
    this.title = problem.title || "The service refused";
    this.errors = problem.errors || [];
  }
}

/**
 * @param {string} path relative to the page, so that a prefix of a proxy holds
 * @param {RequestInit} [options]
 * @returns {Promise<Response>}
 */
export async function request(path, options = {}) {
  const headers = new Headers(options.headers);
  if (key) headers.set("X-API-Key", key);
  let response;
  try {
    response = await fetch(path, { ...options, headers });
  } catch {
    throw new Refusal(0, { title: "No answer", detail: "The service does not answer; is it running?" });
  }
  if (!response.ok) throw new Refusal(response.status, await response.json().catch(() => ({})));
  return response;
}

/** @type {Map<string, Promise<any>>} */
const kept = new Map();

/**
 * What a GET answers; what a bundle fixes is asked for once a visit.
 * @param {string} path
 * @param {{keep?: boolean}} [options]
 * @returns {Promise<any>}
 */
export function get(path, { keep = false } = {}) {
  const known = kept.get(path);
  if (known) return known;
  const answer = request(path).then((response) => response.json());
  if (keep) {
    kept.set(path, answer);
    answer.catch(() => kept.delete(path));
  }
  return answer;
}

/**
 * @param {string} path
 * @param {object} body
 * @returns {Promise<any>}
 */
export async function post(path, body) {
  const headers = { "content-type": "application/json" };
  return (await request(path, { method: "POST", headers, body: JSON.stringify(body) })).json();
}

/** @param {string} name */
export const encoded = (name) => encodeURIComponent(name);

/** All lines of the bundle, by id. */
export async function lines() {
  return new Map((await pages("cell-lines", "cell_lines")).map((row) => [row.id, row]));
}

/** All drugs of the bundle, by id. */
export async function drugs() {
  return new Map((await pages("drugs", "drugs")).map((row) => [row.id, row]));
}

/**
 * @param {string} path
 * @param {string} field
 * @returns {Promise<any[]>}
 */
async function pages(path, field) {
  const rows = [];
  for (let offset = 0; ; offset += 1000) {
    const page = await get(`${path}?limit=1000&offset=${offset}`, { keep: true });
    rows.push(...page[field]);
    if (rows.length >= page.total) return rows;
  }
}
