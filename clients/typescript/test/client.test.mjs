/** The built client against a small server that fails, limits and waits as the API may: `node --test`. */

import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { after, before, beforeEach, test } from "node:test";

import { APIError, ConnectionFailed, Getimg, verifyWebhook, WaitTimeout, WebhookRefused } from "../dist/index.js";

const BROKEN_OFF = Symbol();
const NEW = { id: "d1", status: "NEW", createdAt: "2026-01-01T00:00:00.000Z" };
const DONE = { ...NEW, status: "FINISHED", finishedAt: "2026-01-01T00:00:09.250Z", images: ["https://x/1.png"] };

let answers = [];
let seen = [];
let url;

const read = ({ headers }, text) => (headers["content-type"] === "application/json" ? JSON.parse(text) : text);

const server = createServer(async (request, response) => {
  let text = "";
  for await (const part of request) text += part;
  seen.push({ method: request.method, path: request.url, headers: request.headers, body: read(request, text) });
  const [status, headers, body] = answers.shift();
  response.writeHead(status, { "Content-Type": "application/json", ...headers });
  if (body === BROKEN_OFF) {
    response.write('{"id"', () => request.socket.destroy());
    return;
  }
  response.end(JSON.stringify(body));
});

before(async () => {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${server.address().port}`;
});
after(() => server.close());
beforeEach(() => {
  answers = [];
  seen = [];
});

const client = (options = {}) => new Getimg({ apiKey: "gi_test_x", baseUrl: url, ...options });

test("a picture is asked for and waited for", async () => {
  answers = [[201, {}, NEW], [200, {}, DONE]];
  const { id } = await client().diffusions.create({ prompt: "a fox", numImages: 2 });
  const { images } = await client().diffusions.wait(id);
  assert.deepEqual(images, ["https://x/1.png"]);
  assert.deepEqual(seen[0].body, { prompt: "a fox", numImages: 2 });
  assert.equal(seen[0].headers.authorization, "Bearer gi_test_x");
  assert.equal(seen[1].headers.prefer, "wait=60");
});

test("a retry carries the same key and waits as long as it is told", async () => {
  answers = [[429, { "Retry-After": "0" }, {}], [503, { "Retry-After": "0" }, {}], [201, {}, NEW]];
  await client().diffusions.create({ prompt: "a fox" });
  assert.equal(seen.length, 3);
  assert.equal(new Set(seen.map(({ headers }) => headers["idempotency-key"])).size, 1);
});

test("what makes no sense again is not sent again", async () => {
  answers = [[402, { "X-Request-Id": "req-7" }, { error: { code: "insufficient_credits", message: "1 credit is needed.", param: null } }]];
  await assert.rejects(client().diffusions.create({ prompt: "a fox" }), (error) => {
    assert.ok(error instanceof APIError);
    assert.equal(error.requestId, "req-7");
    assert.deepEqual([error.status, error.code, error.message], [402, "insufficient_credits", "1 credit is needed."]);
    return true;
  });
  assert.equal(seen.length, 1);
});

test("a wait until tomorrow is the caller's to decide", async () => {
  answers = [[429, { "Retry-After": "46082" }, { error: { code: "test_allowance_used_up", message: "25 a day." } }]];
  await assert.rejects(client().diffusions.create({ prompt: "a fox" }), (error) => error.retryAfter === 46082);
  assert.equal(seen.length, 1);
});

test("a server that is not there is a lost connection", async () => {
  await assert.rejects(client({ baseUrl: "http://127.0.0.1:9", retries: 0 }).diffusions.get("d1"), ConnectionFailed);
});

test("waiting ends when its time is over", async () => {
  answers = Array.from({ length: 50 }, () => [200, {}, NEW]);
  await assert.rejects(client().diffusions.wait("d1", { seconds: 0.2, pollSeconds: 0.05 }), WaitTimeout);
});

test("waiting takes a rate that is used up as a pause", async () => {
  const refused = [429, { "Retry-After": "0.05" }, { error: { code: "rate_limited", message: "Slow down." } }];
  answers = [...Array.from({ length: 7 }, () => refused), [200, {}, DONE]];
  const { status } = await client({ retries: 1 }).diffusions.wait("d1", { pollSeconds: 0.01 });
  assert.equal(status, "FINISHED");
  assert.equal(seen.length, 8);
});

test("waiting hands on a refusal until tomorrow, and what is no rate", async () => {
  answers = [[429, { "Retry-After": "46082" }, {}], [404, {}, {}]];
  await assert.rejects(client().diffusions.wait("d1"), (error) => error.status === 429);
  await assert.rejects(client().diffusions.wait("d1"), (error) => error.status === 404);
});

test("between answers that come at once waiting pauses twice as long each time", async () => {
  answers = Array.from({ length: 50 }, () => [200, {}, NEW]);
  await assert.rejects(client().diffusions.wait("d1", { seconds: 1, pollSeconds: 0.05 }), WaitTimeout);
  assert.ok(seen.length <= 8, `${seen.length} looks`);
});

test("an answer that breaks off is asked for again, and then is a lost connection", async () => {
  answers = [[200, {}, BROKEN_OFF], [200, {}, DONE], [200, {}, BROKEN_OFF]];
  assert.equal((await client().diffusions.get("d1")).id, "d1");
  await assert.rejects(client({ retries: 0 }).diffusions.get("d1"), ConnectionFailed);
});

test("a list goes on page after page", async () => {
  answers = [[200, {}, { data: [NEW], next: "c2" }], [200, {}, { data: [DONE], next: null }]];
  const statuses = [];
  for await (const one of client().diffusions.list({ limit: "1" })) statuses.push(one.status);
  assert.deepEqual(statuses, ["NEW", "FINISHED"]);
  assert.equal(seen[1].path, "/v1/diffusions?limit=1&after=c2");
});

test("a file is sent as a form, looked at and deleted", async () => {
  const sent = { id: "f1", kind: "mask", width: 1, height: 1 };
  answers = [[201, {}, sent], [200, {}, sent], [204, {}, ""]];
  const { id } = await client().files.upload(new Blob(["a picture"]), { name: "a.png", kind: "mask" });
  assert.equal((await client().files.get(id)).kind, "mask");
  await client().files.delete(id);
  assert.match(seen[0].headers["content-type"], /^multipart\/form-data; boundary=/);
  assert.match(seen[0].body, /name="file"; filename="a.png"[^]*a picture[^]*name="kind"\s+mask/);
  assert.deepEqual(seen.map(({ method, path }) => `${method} ${path}`), ["POST /v1/files", "GET /v1/files/f1", "DELETE /v1/files/f1"]);
});

test("files are listed page after page", async () => {
  answers = [[200, {}, { data: [{ id: "f3" }, { id: "f2" }], next: "f2" }], [200, {}, { data: [{ id: "f1" }], next: null }]];
  const found = [];
  for await (const { id } of client().files.list({ limit: "2" })) found.push(id);
  assert.deepEqual(found, ["f3", "f2", "f1"]);
  assert.deepEqual(seen.map(({ path }) => path), ["/v1/files?limit=2", "/v1/files?limit=2&after=f2"]);
});

test("a webhook of ours is read, a forged or an old one refused", async () => {
  const key = randomBytes(24);
  const body = '{"type":"diffusion.finished"}';
  const sign = (at) => ({
    "webhook-id": "msg_1",
    "webhook-timestamp": String(at),
    "webhook-signature": `v1,${createHmac("sha256", key).update(`msg_1.${at}.${body}`).digest("base64")}`,
  });
  const secret = `whsec_${key.toString("base64")}`;
  const now = Math.floor(Date.now() / 1000);
  assert.deepEqual(await verifyWebhook({ body, headers: sign(now), secret }), { type: "diffusion.finished" });
  await assert.rejects(verifyWebhook({ body: `${body} `, headers: sign(now), secret }), WebhookRefused);
  await assert.rejects(verifyWebhook({ body, headers: sign(now - 301), secret }), WebhookRefused);
});

test("without an address nothing is sent", () => {
  assert.throws(() => new Getimg({ apiKey: "k" }), /baseUrl/);
});
