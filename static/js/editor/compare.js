// Comparing: a slider that draws another version over the left part of the one on the board, and which one that is.
import { loadImage } from "./pictures.js";

export class Compare {
  constructor(board) {
    Object.assign(this, { board, box: document.getElementById("compare-box"), slider: document.getElementById("compare"), choice: document.getElementById("compare-with") });
    Object.assign(this, { version: null, image: null, others: [] });
    this.slider.addEventListener("input", () => board.compare(Number(this.slider.value) / 100));
    this.choice.addEventListener("change", () => this.lay());
  }

  // Offers to compare what is on the board with the other versions that are not hidden; first, with what it came of.
  offer(version, image, others) {
    Object.assign(this, { version, image, others });
    this.box.hidden = !others.length;
    this.slider.value = 0;
    const before = this.choice.value;
    this.choice.replaceChildren(...others.map(({ ref, label }) => new Option(label, ref)));
    const wanted = version.origin?.ref ?? before;
    this.choice.value = others.some(({ ref }) => ref === wanted) ? wanted : (others[0]?.ref ?? "");
    return this.lay();
  }

  async lay() {
    const { version, image } = this;
    const other = this.others.find(({ ref }) => ref === this.choice.value);
    if (!other) return this.board.lay(null);
    const otherImage = await loadImage(other.url);
    if (version !== this.version || other.ref !== this.choice.value) return; // another was chosen meanwhile
    this.board.lay({ image: otherImage, ...place(version, image, other, otherImage) });
    this.board.compare(Number(this.slider.value) / 100);
  }
}

// Where another version lies in the pixels of the one on the board: { x, y, width, height }.
function place(version, image, other, otherImage) {
  const own = other.origin?.ref === version.ref ? whole(version, image) : extent(version, image);
  const others = version.origin?.ref === other.ref ? whole(other, otherImage) : extent(other, otherImage);
  if (own.root !== others.root) return cover(image, otherImage);
  const scale = image.naturalWidth / own.width;
  return { x: (others.x - own.x) * scale, y: (others.y - own.y) * scale, width: others.width * scale, height: others.height * scale };
}

const whole = ({ ref }, { naturalWidth, naturalHeight }) => ({ root: ref, x: 0, y: 0, width: naturalWidth, height: naturalHeight });

// Which part of the picture it came of a version shows, in that one's pixels: an extension more than all, what was cut
// to another shape less.
function extent(version, picture) {
  const { origin } = version;
  if (!origin) return whole(version, picture);
  const { naturalWidth, naturalHeight } = picture;
  const { naturalWidth: width, naturalHeight: height } = origin.image;
  const root = origin.ref;
  if (origin.margins) {
    const { left, top, right, bottom } = origin.margins;
    return { root, x: -left, y: -top, width: width + left + right, height: height + top + bottom };
  }
  const scale = Math.max(naturalWidth / width, naturalHeight / height);
  const size = { width: naturalWidth / scale, height: naturalHeight / scale };
  return { root, x: (width - size.width) / 2, y: (height - size.height) / 2, ...size };
}

function cover({ naturalWidth, naturalHeight }, other) {
  const scale = Math.max(naturalWidth / other.naturalWidth, naturalHeight / other.naturalHeight);
  const size = { width: other.naturalWidth * scale, height: other.naturalHeight * scale };
  return { x: (naturalWidth - size.width) / 2, y: (naturalHeight - size.height) / 2, ...size };
}
