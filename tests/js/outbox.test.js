/** The queue by itself: what comes next, what an answer means, and that nothing is lost, doubled or claimed. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { verdict } from "../../static/js/delivery.js";
import { search, solve } from "../../static/js/effort.js";
import { HttpError } from "../../static/js/http.js";
import { complete, flush, isEditable, next, pause, waiting, wake } from "../../static/js/outbox.js";
import { sha256 } from "../../static/js/sha256.js";
import { inMemory } from "../../static/js/shelf.js";

const URLS = { issues: "/i", photos: "/p/{id}", effort: "" };

function row(id, { photos = [], ...more } = {}) {
  const body = { id, description: `words of ${id}`, privacy: "normal" };
  return { ...waiting(body, { urls: URLS, city: "kota", photos }), ...more };
}

/** A server that keeps what it takes, and answers as the script says first. */
function server(script = []) {
  const heard = [];
  const taken = new Map();
  const answer = () => {
    const next = script.shift();
    if (next) throw next;
  };
  return {
    heard,
    taken,
    async words(_url, body) {
      heard.push(body.id);
      answer();
      if (!taken.has(body.id)) taken.set(body.id, { ...body, number: `N-${taken.size + 1}` });
      return { id: body.id, number: taken.get(body.id).number, token: "t" };
    },
    async photo(_url, picture) {
      heard.push(picture.id);
      answer();
    },
  };
}

async function shelfOf(...rows) {
  const shelf = inMemory();
  for (const one of rows) {
    await shelf.add(
      one,
      one.photos.map((photo) => ({ ...photo, blob: new Blob(["x"]) })),
    );
  }
  return shelf;
}

const run = (shelf, by, how = {}) => flush(shelf, { locks: null, by, eager: true, ...how });
const no = (status, code = "Invalid") =>
  new HttpError(status, { error: { code, message: "no", fields: {} } });

test("the words of every report go before anybody's photos, each in its turn", async () => {
  const by = server();
  const photo = (id) => ({ id, name: `${id}.jpg` });
  const shelf = await shelfOf(
    row("a", { photos: [photo("a1"), photo("a2")] }),
    row("b", { photos: [photo("b1")] }),
  );

  await run(shelf, by);

  assert.deepEqual(by.heard, ["a", "b", "a1", "a2", "b1"]);
});

test("after the receipt only the number and the link stay", async () => {
  const shelf = await shelfOf(row("a"));

  await run(shelf, server());

  assert.deepEqual(await shelf.all(), []);
  const [kept] = await shelf.receipts();
  assert.equal(kept.number, "N-1");
  assert.ok(!JSON.stringify(kept).includes("words of"));
});

test("the words leave the device with the number, though photos still wait", async () => {
  const shelf = await shelfOf(row("a", { photos: [{ id: "a1", name: "x" }] }));

  await run(shelf, server([undefined, new HttpError(0, null)]));

  const [left] = await shelf.all();
  assert.equal(left.state, "accepted");
  assert.ok(!JSON.stringify(left).includes("words of"));
});

for (const status of [0, 429, 502, 503]) {
  test(`after ${status} it waits, keeps its place, and is sent again under the same id`, async () => {
    const by = server([new HttpError(status, null)]);
    const shelf = await shelfOf(row("a"), row("b"));

    const { left, wakeAt } = await run(shelf, by);
    assert.deepEqual([left, by.heard], [2, ["a"]]);
    assert.ok(wakeAt > Date.now());
    await run(shelf, by);

    assert.deepEqual(by.heard, ["a", "a", "b"]);
  });
}

test("a report that always breaks the server holds up no other, nor anybody's photo", async () => {
  const by = server([no(500)]);
  const shelf = await shelfOf(row("a"), row("b", { photos: [{ id: "b1", name: "x" }] }));

  const { left, wakeAt } = await run(shelf, by);

  assert.deepEqual([left, by.heard], [1, ["a", "b", "b1"]]);
  assert.ok(wakeAt > Date.now() + 1000, "and is asked again after its own pause");
  await run(shelf, by);
  assert.equal((await shelf.receipts()).length, 2);
});

for (const [status, wait] of [
  [0, 0],
  [502, 0],
  [503, 0.001],
]) {
  test(`who has asked in vain (${status}) for long lets the next one go first`, async () => {
    const by = server();
    const words = by.words;
    by.words = (url, body) => {
      if (body.id === "a") throw new HttpError(status, null, wait);
      return words(url, body);
    };
    const shelf = await shelfOf(row("a"), row("b"));
    await shelf.change("a", { waits: 5 });

    await run(shelf, by);
    assert.deepEqual(by.heard, []);
    await shelf.change("a", { notBefore: 0 });
    await run(shelf, by);

    assert.deepEqual(by.heard, ["b"]);
    assert.equal((await shelf.get("a")).state, "waiting");
  });
}

for (const [status, state] of [
  [0, "offline"],
  [503, "busy"],
]) {
  test(`what the first one finds out (${status}) is told of every report that waits`, async () => {
    const shelf = await shelfOf(row("a"), row("b"));
    const news = [];

    await run(shelf, server([new HttpError(status, null)]), {
      onNews: (one) => news.push([one.id, one.state]),
    });

    assert.deepEqual(news, [
      ["a", "sending"],
      ["a", state],
      ["b", state],
    ]);
  });
}

test("a pause that the server asked for is kept, even when the network comes back", async () => {
  const by = server([new HttpError(503, null, 60)]);
  const shelf = await shelfOf(row("a"));

  await run(shelf, by);
  await run(shelf, by);

  assert.deepEqual(by.heard, ["a"]);
});

test("pauses grow, and end growing", () => {
  assert.deepEqual(
    [0, 1, 2, 30].map((waits) => pause(waits) / 1000),
    [2, 4, 8, 600],
  );
  assert.equal(pause(0, 90), 90_000);
});

for (const status of [400, 413, 422]) {
  test(`${status} is no for ever: editable, not dropped, not tried again, and others go on`, async () => {
    const by = server([no(status)]);
    const shelf = await shelfOf(row("a"), row("b"));

    await run(shelf, by);
    await run(shelf, by);

    const [left] = await shelf.all();
    assert.deepEqual(by.heard, ["a", "b"]);
    assert.equal(left.state, "refused");
    assert.equal(left.body.description, "words of a");
    assert.ok(isEditable(left));
  });
}

test("what wants an account waits for it", async () => {
  const by = server([no(401, "AccountRequired")]);
  const shelf = await shelfOf(row("a"));

  await run(shelf, by);
  await run(shelf, by);
  assert.deepEqual(by.heard, ["a"]);
  await run(shelf, by, { signedIn: "somebody" });

  assert.equal((await shelf.receipts()).length, 1);
});

test("what somebody wrote with an account is not sent as another's", async () => {
  const by = server([no(403, "AccountRequired")]);
  const shelf = await shelfOf(row("a", { writer: "ani" }));
  await run(shelf, by);

  await run(shelf, by, { signedIn: "budi" });
  assert.deepEqual([by.heard, (await shelf.get("a")).state], [["a"], "login"]);
  await run(shelf, by, { signedIn: "ani" });

  assert.equal((await shelf.receipts()).length, 1);
});

for (const status of [401, 403]) {
  test(`a portal's ${status} asks nobody to log in`, () => {
    assert.equal(verdict(new HttpError(status, null), 0), "wait");
    assert.equal(verdict(no(status, "AccountRequired"), 0), "login");
  });
}

test("a second report under the same id is told apart from a shelf that is full", async () => {
  const shelf = await shelfOf(row("a"));

  await assert.rejects(shelf.add(row("a"), []), { name: "ConstraintError" });
});

test("a portal that says 200 to everything has given no receipt", async () => {
  const shelf = await shelfOf(row("a"));

  await run(shelf, { ...server(), words: async () => null });

  assert.equal((await shelf.all())[0].state, "waiting");
  assert.deepEqual(await shelf.receipts(), []);
});

test("a refusal that is not ours is believed only after some tries", () => {
  const strange = new HttpError(404, null);

  assert.equal(verdict(strange, 0), "wait");
  assert.equal(verdict(strange, 6), "refused");
});

test("a photo that is too large is refused with its name, and the report stands", async () => {
  const by = server([undefined, new HttpError(413, null)]);
  const photos = [
    { id: "a1", name: "besar.jpg" },
    { id: "a2", name: "kecil.jpg" },
  ];
  const shelf = await shelfOf(row("a", { photos }));

  await run(shelf, by);

  const [kept] = await shelf.receipts();
  assert.deepEqual(by.heard, ["a", "a1", "a2"]);
  assert.deepEqual(
    kept.lost.map(({ name, status }) => [name, status]),
    [["besar.jpg", 413]],
  );
  assert.ok(await shelf.picture("a1"), "it is the person's until they delete it");
  assert.equal(await shelf.picture("a2"), null);
  await shelf.dropReceipt("a");
  assert.equal(await shelf.picture("a1"), null);
});

for (const status of [401, 403, 404, 511]) {
  test(`a portal's ${status} throws no photo away, however often it says so`, async () => {
    const portal = Array.from({ length: 9 }, () => new HttpError(status, null));
    const by = server([undefined, ...portal]);
    const shelf = await shelfOf(row("a", { photos: [{ id: "a1", name: "x.jpg" }] }));

    for (let round = 0; round < 9; round += 1) await run(shelf, by);
    assert.ok(await shelf.picture("a1"));
    assert.equal((await shelf.get("a")).photos[0].state, "waiting");
    await run(shelf, by);

    assert.deepEqual((await shelf.receipts())[0].lost, []);
  });
}

const pair = [
  { id: "a1", name: "satu.jpg" },
  { id: "a2", name: "dua.jpg" },
];

for (const status of [0, 500]) {
  test(`a photo that has to wait after ${status} holds up no other`, async () => {
    const by = server([undefined, new HttpError(status, null)]);
    const shelf = await shelfOf(row("a", { photos: pair }));

    const { left, wakeAt } = await run(shelf, by);

    assert.deepEqual(by.heard, ["a", "a1", "a2"]);
    const [{ photos }] = await shelf.all();
    assert.deepEqual([left, photos.map(({ id, waits }) => [id, waits])], [1, [["a1", 1]]]);
    assert.ok(wakeAt > Date.now() + 1000, "and its own pause is kept");
  });
}

test("where a report's photos get no answer another's are left in peace, too", async () => {
  const by = server([undefined, undefined, new HttpError(0, null), new HttpError(0, null)]);
  const shelf = await shelfOf(
    row("a", { photos: pair }),
    row("b", { photos: [{ id: "b1", name: "tiga.jpg" }] }),
  );

  const { wakeAt } = await run(shelf, by);

  assert.deepEqual(by.heard, ["a", "b", "a1", "a2"]);
  assert.ok(wakeAt > Date.now() + 1000);
});

test("one photo is woken alone, and a pause that the server asked for is told", async () => {
  const silence = () => new HttpError(0, null);
  const by = server([undefined, silence(), silence(), new HttpError(503, null, 60)]);
  const shelf = await shelfOf(row("a", { photos: pair }));
  await run(shelf, by);

  await wake(shelf, "a", "a2");
  await run(shelf, by, { eager: false });
  assert.deepEqual(by.heard, ["a", "a1", "a2", "a2"]);
  const news = [];
  await run(shelf, by, { onNews: ({ photo, state }) => news.push([photo, state]) });

  assert.deepEqual(news, [
    ["a1", "photo-waits"],
    ["a2", "photo-waits"],
  ]);
});

test("what was thrown out while it was on its way has arrived all the same", async () => {
  const shelf = await shelfOf(row("a"));
  const by = server();
  const words = by.words;
  by.words = async (...given) => {
    await shelf.remove("a");
    return words(...given);
  };

  await run(shelf, by);

  assert.equal((await shelf.receipts())[0].number, "N-1");
});

test("two flushers without locks share one lease: each report leaves once", async () => {
  const by = server();
  const shelf = await shelfOf(row("a"), row("b"), row("c"));

  await Promise.all([run(shelf, by), run(shelf, by), run(shelf, by)]);

  assert.deepEqual(by.heard, ["a", "b", "c"]);
});

test("what may have been seen is not edited", () => {
  assert.ok(isEditable(row("a")));
  assert.ok(!isEditable(row("a", { tries: 1 })));
});

test("a row of an older version is filled in", () => {
  assert.equal(next([complete({ id: "a", body: { id: "a" }, urls: URLS })]).row.id, "a");
});

test("a proof is paid once and goes along with every repetition", async () => {
  const paid = [];
  const by = server([new HttpError(503, null)]);
  const words = by.words;
  by.words = (url, body) => {
    paid.push(body.proof);
    return words(url, body);
  };
  let asked = 0;
  by.challenge = async () => {
    asked += 1;
    return {};
  };
  by.solve = async () => "paid";
  const shelf = await shelfOf(row("a", { urls: { ...URLS, effort: "/e?id={id}" } }));

  await run(shelf, by);
  await run(shelf, by);

  assert.deepEqual([asked, paid], [1, ["paid", "paid"]]);
});

test("our SHA-256 is SHA-256", () => {
  for (const length of [0, 3, 55, 56, 63, 64, 119, 120, 200]) {
    const text = "abcdefghij".repeat(20).slice(0, length);
    assert.equal(sha256(text), createHash("sha256").update(text).digest("hex"));
  }
});

test("the work finds the number of the challenge", async () => {
  const salt = "0123?expires=1&";
  const challenge = {
    algorithm: "SHA-256",
    salt,
    challenge: sha256(`${salt}4242`),
    signature: "s",
    maxnumber: 9000,
  };

  const payload = JSON.parse(atob(await solve(challenge)));

  assert.equal(payload.number, 4242);
  assert.equal(await search({ ...challenge, maxnumber: 100 }), null);
});
