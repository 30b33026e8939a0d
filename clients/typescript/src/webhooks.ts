/** Webhooks: whether a message is really the API's. Source: Standard Webhooks 1.0. */

import { webCrypto } from "./crypto.js";

export class WebhookRefused extends Error {
  override name = "WebhookRefused";
}

export interface Message {
  /** The body as it came, before any parsing. */
  body: string;
  headers: Headers | Record<string, string | string[] | undefined>;
  /** One or, while one is rotated out, several. */
  secret: string | readonly string[];
}

const TOLERANCE_SECONDS = 300;

/** Return the event of a webhook. Throws WebhookRefused for a forged or an old one. */
export async function verifyWebhook<T = Record<string, unknown>>({ body, headers, secret }: Message): Promise<T> {
  const [id, timestamp, signatures] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => header(headers, name));
  if (!timestamp || !/^\d+$/.test(timestamp) || Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) {
    throw new WebhookRefused("The message is too old, or has no timestamp.");
  }
  const signed = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  const given = (signatures ?? "").split(" ").filter((one) => /^v1,[A-Za-z0-9+/]+=*$/.test(one)).map((one) => one.slice(3));
  const { subtle } = await webCrypto();
  for (const one of typeof secret === "string" ? [secret] : secret) {
    const key = await subtle.importKey("raw", bytes(one.replace(/^whsec_/, "")), { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
    for (const signature of given) {
      // Web Crypto compares in constant time.
      if (await subtle.verify("HMAC", key, bytes(signature), signed)) return JSON.parse(body) as T;
    }
  }
  throw new WebhookRefused("The signature does not fit.");
}

function header(headers: Message["headers"], name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined;
  for (const [key, value] of Object.entries(headers)) {
    if (key.toLowerCase() === name) return Array.isArray(value) ? value[0] : value;
  }
  return undefined;
}

function bytes(base64: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  } catch {
    throw new WebhookRefused("That is not base64.");
  }
}
