/** The work that a report without an account costs its sender: found in a worker, where the page does not feel it.

   The same file is the worker: its own address is the only one of it that the server's hashed names leave us. */

import { sha256 } from "./sha256.js";

/** Hashes between two looks at whatever else waits, where there is no worker. */
const BREATH = 2000;

/**
 * @typedef {object} Challenge
 * @property {string} algorithm
 * @property {string} challenge
 * @property {string} salt
 * @property {string} signature
 * @property {number} maxnumber
 */

/**
 * Find the number that the server asks for.
 * @param {Challenge} challenge
 * @returns {Promise<string>} What `proof` of a report takes; empty where there is no such number.
 */
export async function solve(challenge) {
  const number = await (apart(challenge) ?? search(challenge));
  if (number === null) return "";
  const { algorithm, challenge: goal, salt, signature } = challenge;
  return btoa(JSON.stringify({ algorithm, challenge: goal, number, salt, signature }));
}

/**
 * Try one number after the other.
 * @param {Challenge} challenge
 * @returns {Promise<number | null>}
 */
export async function search({ algorithm, challenge, salt, maxnumber }) {
  if (algorithm !== "SHA-256") return null;
  for (let number = 0; number <= maxnumber; number += 1) {
    if (sha256(salt + number) === challenge) return number;
    if (number % BREATH === BREATH - 1) await breathe();
  }
  return null;
}

const breathe = () => new Promise((resolve) => setTimeout(resolve));

/** Have a worker search; undefined where there is none (a service worker has none). */
function apart(challenge) {
  if (!globalThis.document || !globalThis.Worker) return undefined;
  return new Promise((resolve) => {
    const worker = new Worker(import.meta.url, { type: "module" });
    const finish = (number) => {
      worker.terminate();
      resolve(number);
    };
    worker.onmessage = ({ data }) => finish(data);
    // An old browser knows workers but no modules in them.
    worker.onerror = () => finish(search(challenge));
    worker.postMessage(challenge);
  });
}

const isWorker =
  globalThis.DedicatedWorkerGlobalScope && globalThis instanceof DedicatedWorkerGlobalScope;
if (isWorker) {
  globalThis.addEventListener("message", async ({ data }) => {
    globalThis.postMessage(await search(data));
  });
}
