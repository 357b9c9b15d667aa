/** Whose a report is that waits on this phone: who was logged in when it was written, not who is when it is sent. */

const KEY = "civicmap:writer";
const NOBODY = "-";

/**
 * Note who is logged in, as the server's page says it; nobody, where the page names none.
 * @param {string} signed A mark that the server gives an account; it says nothing to anybody else.
 */
export function remember(signed) {
  try {
    if (signed) localStorage.setItem(KEY, signed);
    else localStorage.removeItem(KEY);
  } catch {
    // Storage is forbidden: then nothing waits on this phone either.
  }
}

/**
 * Say who is writing now.
 * @returns {string} "-" for somebody without an account.
 */
export function writer() {
  try {
    return localStorage.getItem(KEY) ?? NOBODY;
  } catch {
    return NOBODY;
  }
}
