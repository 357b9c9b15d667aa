/**
 * Passkeys: asks the device to make or to show one, and sends its answer by the page's own form.
 *
 * Bytes travel as base64url, as allauth's server side reads and writes them (WebAuthn Level 3, the
 * JSON forms of section 5.1.8; browsers of before 2025 have no such function of their own).
 */

const options = document.getElementById("passkey-options");

/** @param {string} text base64url without padding @returns {Uint8Array} */
const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) =>
    char.charCodeAt(0),
  );

/** @param {ArrayBuffer} buffer @returns {string} base64url without padding */
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

/**
 * Read what the server asks for.
 * @param {Record<string, any>} asked
 * @returns {any} options for `navigator.credentials`
 */
function read(asked) {
  const key = structuredClone(asked.publicKey);
  key.challenge = bytes(key.challenge);
  if (key.user) {
    key.user.id = bytes(key.user.id);
  }
  for (const list of [key.allowCredentials ?? [], key.excludeCredentials ?? []]) {
    for (const one of list) {
      one.id = bytes(one.id);
    }
  }
  return { publicKey: key };
}

/**
 * Write what the device answered.
 * @param {any} credential
 * @returns {string} JSON
 */
function write(credential) {
  const response = {};
  for (const name of [
    "clientDataJSON",
    "attestationObject",
    "authenticatorData",
    "signature",
    "userHandle",
  ]) {
    const value = credential.response[name];
    if (value) {
      response[name] = text(value);
    }
  }
  if (credential.response.getTransports) {
    response.transports = credential.response.getTransports();
  }
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

/** @param {HTMLFormElement} form @returns {Promise<Record<string, any>>} */
async function ask(form) {
  if (!form.dataset.options) {
    return JSON.parse(options.textContent);
  }
  const answer = await fetch(form.dataset.options, {
    headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" },
  });
  if (!answer.ok) {
    throw new Error(`${answer.status}`);
  }
  return answer.json();
}

/** @param {HTMLFormElement} form */
async function create(form) {
  const wished = read((await ask(form)).creation_options);
  const alone = form.elements.namedItem("passwordless").checked;
  Object.assign(wished.publicKey.authenticatorSelection, {
    residentKey: alone ? "required" : "discouraged",
    requireResidentKey: alone,
    ...(alone ? { userVerification: "required" } : {}),
  });
  return navigator.credentials.create(wished);
}

/** @param {HTMLFormElement} form */
const get = async (form) => navigator.credentials.get(read((await ask(form)).request_options));

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const failed = form.querySelector("[data-passkey-error]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failed.hidden = true;
    try {
      const credential = await (form.dataset.passkey === "create" ? create(form) : get(form));
      form.elements.namedItem("credential").value = write(credential);
      form.submit();
    } catch (error) {
      // Whoever cancels is told so, too: a page that does nothing looks broken.
      failed.hidden = false;
      console.warn(error);
    }
  });
}
