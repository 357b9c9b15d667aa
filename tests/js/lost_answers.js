/** Sends reports by the queue's own code to a server whose answers get lost; `node lost_answers.js ADDRESS COUNT`. */

import { flush, waiting } from "../../static/js/outbox.js";
import { inMemory } from "../../static/js/shelf.js";

const [address, count] = [process.argv[2], Number(process.argv[3])];
const urls = { issues: `${address}/api/issues`, photos: "", effort: "", form: "" };
const shelf = inMemory();

for (let at = 0; at < count; at += 1) {
  const body = {
    id: crypto.randomUUID(),
    service_code: "lpju-mati",
    lat: -8.65,
    lon: 115.21,
    description: `Lampu jalan mati, jawaban hilang nomor ${at}.`,
    privacy: "normal",
    channel: "web",
  };
  await shelf.add(waiting(body, { urls, city: "denpasar" }), []);
}

let left = count;
let rounds = 0;
while (left) {
  // Here nobody waits: a pause of our own is for phones, and this is a machine.
  ({ left } = await flush(shelf, { locks: null, eager: true }));
  rounds += 1;
}
const receipts = (await shelf.receipts()).map(({ id, number, token }) => ({ id, number, token }));
process.stdout.write(JSON.stringify({ rounds, receipts }));
