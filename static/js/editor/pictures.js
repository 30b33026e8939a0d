// Pictures that come in: dropped or pasted anywhere, uploaded, or chosen from the library.

import { post } from "../asking.js";
import { PICTURE_KINDS, watchForFiles } from "../incoming_files.js";
import { toast } from "../toast.js";
import { t } from "../words.js";

// Uploads a file or a blob and returns { ref, url, width, height }. Throws an Error with words for the person.
export async function upload(form, file, kind = "picture") {
  const body = new FormData();
  body.append("kind", kind);
  body.append("file", file, file.name ?? "mask.png");
  const lost = t("The connection was lost before the picture had arrived. Try again.");
  const response = await post(form, form.dataset.uploads, body, { lost });
  const answer = await response.json().catch(() => null);
  if (!response.ok || !answer) throw new Error(answer?.error?.message ?? t("The picture could not be taken. Try again."));
  return answer;
}

// Uploads a picture that somebody brought, and says so meanwhile.
export async function bringIn(form, file) {
  const said = document.createElement("p");
  said.className = "toast";
  said.dataset.lasts = "";
  said.textContent = t("Uploading {name} …", { name: file.name });
  (document.querySelector("#chooser[open] .chooser-said") ?? document.getElementById("toasts")).append(said);
  try {
    return await upload(form, file);
  } finally {
    said.remove();
  }
}

// Where a picture lies that requests name "image:<id>" or "upload:<id>".
export function urlOf(ref) {
  const [kind, id] = ref.split(":");
  return kind === "image" ? `/pictures/${id}/download/` : `/uploads/${id}/file`;
}

export function loadImage(url) {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = () => reject(new Error(t("The picture could not be loaded. It may have been deleted.")));
    image.src = url;
  });
}

// Calls take(file) for a picture that is dropped or pasted anywhere on the page.
export function watchForPictures(element, take) {
  watchForFiles(() => element, (files) => offer(files, take));
}

function offer(files, take) {
  const picture = files.find((file) => PICTURE_KINDS.includes(file.type));
  if (picture) take(picture);
  else toast(t("PNG, JPEG and WebP pictures can be edited; this is not one."));
}

// A dialog with the library; choose() resolves to { ref, url, width, height }, or null when it was closed.
export class Chooser {
  // take(file): what to do with a file that nobody waits for.
  constructor(form, take) {
    Object.assign(this, { form, take, dialog: document.getElementById("chooser"), file: document.getElementById("file"), answer: null });
    this.error = document.getElementById("chooser-error");
    document.getElementById("chooser-close").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("close", () => this.settle(null));
    this.dialog.addEventListener("click", (event) => {
      const picture = event.target.closest("[data-ref]");
      if (picture) this.settle({ ref: picture.dataset.ref, url: picture.dataset.url, width: Number(picture.dataset.width), height: Number(picture.dataset.height) });
    });
    this.file.addEventListener("change", () => this.send());
  }

  choose() {
    this.say("");
    htmx.trigger("#chooser-list", "choose");
    this.dialog.showModal();
    return this.wait();
  }

  // Asks for a file: for whoever waits for a choice already, or to be taken as if it had been dropped.
  chooseFile() {
    this.file.click();
  }

  wait() {
    return new Promise((resolve) => (this.answer = resolve));
  }

  async send() {
    const [file] = this.file.files;
    this.file.value = "";
    if (!file) return;
    const { answer } = this;
    if (!answer) return this.take(file);
    this.say("");
    try {
      const picture = await bringIn(this.form, file);
      if (this.answer === answer) this.settle(picture);
    } catch (error) {
      this.say(error.message);
    }
  }

  // In the dialog: what lies behind it is out of reach.
  say(words) {
    this.error.textContent = words;
    this.error.hidden = !words;
  }

  settle(picture) {
    const { answer } = this;
    this.answer = null;
    if (this.dialog.open) this.dialog.close();
    answer?.(picture);
  }
}
