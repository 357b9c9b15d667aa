/** Photos go small and bare: at most 1600 px, no metadata. The server does it again, whatever comes. */

/** Longest side in pixels, quality and type, tried in turn until the file is small enough. */
const TRIES = [
  [1600, 0.8, "image/webp"],
  [1600, 0.8, "image/jpeg"],
  [1600, 0.6, "image/jpeg"],
  [1200, 0.5, "image/jpeg"],
  [900, 0.4, "image/jpeg"],
];
const ENOUGH_BYTES = 500_000;

/**
 * Make a photo small and bare: at most 1600 px, no metadata. What the browser cannot decode stays as it is.
 * @param {File} file
 * @returns {Promise<Blob>}
 */
export async function shrink(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(
    () => null,
  );
  if (!bitmap) return file;
  let smallest = null;
  for (const [longest, quality, type] of TRIES) {
    const drawn = await redrawn(bitmap, longest, { quality, type });
    // A browser that cannot write WebP gives a heavy PNG instead.
    if (drawn?.type !== type) continue;
    smallest = drawn;
    if (drawn.size <= ENOUGH_BYTES) break;
  }
  bitmap.close();
  return smallest ?? file;
}

function redrawn(bitmap, longest, { quality, type }) {
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, type, quality));
}

/**
 * Shrink what is chosen in the plain forms of a page, before it is sent; without a script it goes as it is.
 * @param {ParentNode} root
 */
export function slim(root) {
  for (const form of root.querySelectorAll("form:has(input[type=file])")) {
    const going = new Set();
    form.addEventListener("change", ({ target }) => {
      if (target.type !== "file") return;
      const done = replace(target).finally(() => going.delete(done));
      going.add(done);
    });
    form.addEventListener("submit", (event) => {
      if (!going.size) return;
      // The first press counts: it is sent once everything is small.
      event.preventDefault();
      const { submitter } = event;
      if (form.dataset.waits) return;
      form.dataset.waits = "1";
      Promise.all(going).then(() => {
        delete form.dataset.waits;
        form.requestSubmit(submitter);
      });
    });
  }
}

async function replace(input) {
  const before = [...input.files];
  const carrier = new DataTransfer();
  for (const file of before) {
    const small = await shrink(file);
    carrier.items.add(new File([small], file.name, { type: small.type }));
  }
  // Somebody may have chosen another one meanwhile.
  if (before.every((file, at) => input.files[at] === file)) input.files = carrier.files;
}
