/** Reports on their way: the words first, then the photos one by one; nothing counts as sent before the server says so. */

import { HttpError, post } from "./http.js";

const PHOTO_TIMEOUT_MS = 120_000;
const WORTH_ANOTHER_TRY = 3;

/**
 * Shape the form as `POST /api/issues` takes it.
 * @param {HTMLFormElement} form
 * @returns {object}
 */
export function bodyOf(form) {
  const data = new FormData(form);
  const text = (name) => String(data.get(name) ?? "").trim();
  const number = (name) => (text(name) === "" ? null : Number(text(name)));
  const hasPoint = number("lat") !== null;
  const flags = [data.has("anonymous") && "anonim", data.has("confidential") && "rahasia"];
  return {
    id: text("uuid"),
    service_code: text("service_code"),
    lat: number("lat"),
    lon: number("lon"),
    accuracy_m: hasPoint ? number("accuracy_m") : null,
    area_code: hasPoint ? "" : text("area_code"),
    address: text("address"),
    description: text("description"),
    privacy: flags.filter(Boolean).join("_") || "normal",
    contact: { name: text("name"), email: text("email"), phone: text("phone") },
    consent: data.has("consent"),
    channel: "web",
  };
}

/**
 * Send a report; where an earlier send with other words got through unnoticed, its receipt is the answer.
 * @param {string} url
 * @param {object} body
 * @param {object} [earlier] The body of a send whose fate is unknown.
 * @returns {Promise<{id: string, number: string, token: string}>}
 * @throws {HttpError}
 */
export async function sendReport(url, body, earlier) {
  try {
    return await post(url, body);
  } catch (error) {
    const isTaken = error.body?.error?.code === "DifferentSubmission";
    if (!isTaken || earlier?.id !== body.id) throw error;
    return post(url, earlier);
  }
}

/**
 * Send one photo; a photo that arrives twice is one photo, so trying again is always safe.
 * @param {string} url
 * @param {{id: string, name: string, blob: Blob}} shot
 * @param {{token: string, onProgress: (share: number) => void}} options
 * @returns {Promise<void>}
 * @throws {HttpError} The last of three answers.
 */
export async function sendPhoto(url, shot, { token, onProgress }) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await upload(url, shot, { token, onProgress });
    } catch (error) {
      const isFinal = error.status >= 400 && error.status < 500 && error.status !== 429;
      if (isFinal || tries === WORTH_ANOTHER_TRY) throw error;
    }
  }
}

/** `fetch` cannot tell how much of a body has left; this older way can. */
function upload(url, shot, { token, onProgress }) {
  const body = new FormData();
  body.append("id", shot.id);
  body.append("photo", shot.blob, shot.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.timeout = PHOTO_TIMEOUT_MS;
    request.responseType = "json";
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Authorization", `Tracking ${token}`);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve();
      else reject(new HttpError(request.status, request.response));
    };
    request.onerror = request.ontimeout = () => reject(new HttpError(0, null));
    request.send(body);
  });
}
