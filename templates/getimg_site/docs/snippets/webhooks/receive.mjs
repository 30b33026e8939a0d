import { createServer } from "node:http";
import { createHmac, timingSafeEqual } from "node:crypto";

const key = Buffer.from("{{ webhook_secret }}".replace(/^whsec_/, ""), "base64");

function isOurs(headers, body) {
  const [id, at, given] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => headers[name] ?? "");
  if (Math.abs(Date.now() / 1000 - Number(at)) > 300) return false;
  const expected = Buffer.from(createHmac("sha256", key).update(`${id}.${at}.${body}`).digest("base64"));
  return given.split(" ").some((one) => {
    const signature = Buffer.from(one.replace(/^v1,/, ""));
    return signature.length === expected.length && timingSafeEqual(signature, expected);
  });
}

createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const body = Buffer.concat(parts).toString();
  if (!isOurs(request.headers, body)) return response.writeHead(401).end();
  const event = JSON.parse(body);
  console.log(event.type, event.data.id);
  response.writeHead(204).end();
}).listen({{ port }});
