/** The receipt: copy buttons; and whatever this browser kept of the report is forgotten now. */

import { drafts } from "./draft.js";
import { onDevice } from "./shelf.js";
import { patient } from "./ui/patient.js";
import { slim } from "./ui/shrink.js";

const root = document.getElementById("main");
const box = drafts(root.dataset.city);

// Only the draft of this very report: another one may be half written in another tab.
if (box.load()?.fields.uuid === root.dataset.sent) box.forget();

/** The strip on top of every page announces a number until its page was open. */
async function see(id) {
  const shelf = onDevice();
  const own = (await shelf.receipts()).find((receipt) => receipt.id === id);
  if (own && !own.isSeen) await shelf.keepReceipt({ ...own, isSeen: true });
}
see(root.dataset.sent).catch(() => {});

slim(root);
patient(root, document.getElementById("patience"));

for (const button of root.querySelectorAll("[data-copy]")) {
  // Copying needs a secure context; the number and the link stand there to be selected anyway.
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    document.getElementById("copied").textContent = button.dataset.done;
  });
}
