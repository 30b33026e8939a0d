// What is kept in this browser, so that a reload loses nothing: long histories in its database, short notes for the
// tab. Where neither can be kept, the person is told, once.

import { toast } from "../toast.js";
import { t } from "../words.js";

const DATABASE = "editor";
const STORE = "kept";
const DAYS = 30;
let isTold = false;
let database = null;

export async function load(slot) {
  try {
    const kept = await ask("readonly", (store) => store.get(slot));
    return kept?.value ?? null;
  } catch {
    return null; // said when something is to be kept
  }
}

// Keeps a value that JSON could hold. Resolves when it is safe; what could not be kept is said.
export async function save(slot, value) {
  try {
    await ask("readwrite", (store) => store.put({ value, at: Date.now() }, slot));
  } catch {
    tell();
  }
}

export function read(slot) {
  try {
    return JSON.parse(sessionStorage.getItem(slot));
  } catch {
    return null; // storage is closed to us
  }
}

export function write(slot, value) {
  try {
    sessionStorage.setItem(slot, JSON.stringify(value));
  } catch {
    tell();
  }
}

function tell() {
  if (isTold) return;
  isTold = true;
  toast(t("This browser has no room to keep your work: a reload would lose what you painted and set."));
}

async function ask(mode, request) {
  database ??= open();
  const transaction = (await database).transaction(STORE, mode);
  const asked = request(transaction.objectStore(STORE));
  // Without this a page that is left just now takes what it wrote last with it.
  transaction.commit?.();
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(asked.result);
    transaction.onabort = () => reject(transaction.error);
    transaction.onerror = () => reject(transaction.error);
  });
}

function open() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      // The database goes with who logs out, also while another tab has it open.
      opening.result.onversionchange = () => opening.result.close();
      forget(opening.result);
      resolve(opening.result);
    };
  });
}

function forget(opened) {
  const store = opened.transaction(STORE, "readwrite").objectStore(STORE);
  store.openCursor().onsuccess = ({ target: { result: cursor } }) => {
    if (!cursor) return;
    if (cursor.value.at < Date.now() - DAYS * 86_400_000) cursor.delete();
    cursor.continue();
  };
}
