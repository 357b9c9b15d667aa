/**
 * Copy a text.
 * @param {string} text
 * @returns {Promise<boolean>} Whether it was; some browsers and frames allow it to nobody.
 */
export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
