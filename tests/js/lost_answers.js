/** Phones send reports by the queue's own code to a server whose answers get lost; `node lost_answers.js ADDRESS COUNT`. */

import { flush, waiting } from "../../static/js/outbox.js";
import { inMemory } from "../../static/js/shelf.js";

const [address, count] = [process.argv[2], Number(process.argv[3])];
const urls = { issues: `${address}/api/issues`, photos: "", effort: "" };
const PHONES = 8;

function report(at) {
  const body = {
    id: crypto.randomUUID(),
    service_code: "lpju-mati",
    lat: -8.65,
    lon: 115.21,
    description: `Lampu jalan mati, jawaban hilang nomor ${at}.`,
    privacy: "normal",
    channel: "web",
  };
  return waiting(body, { urls, city: "denpasar" });
}

/** One phone sends its share of the reports, in order. */
async function phone(first) {
  const shelf = inMemory();
  for (let at = first; at < count; at += PHONES) await shelf.add(report(at), []);
  let left = 1;
  // Here nobody waits: a pause of our own is for phones, and this is a machine.
  while (left) ({ left } = await flush(shelf, { locks: null, eager: true }));
  return (await shelf.receipts()).map(({ id, number, token }) => ({ id, number, token }));
}

const receipts = (await Promise.all(Array.from({ length: PHONES }, (_, at) => phone(at)))).flat();
process.stdout.write(JSON.stringify({ receipts }));
