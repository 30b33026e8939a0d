import { writeFile } from "node:fs/promises";

const picture = await fetch("{{ image_url }}");
await writeFile("picture.png", Buffer.from(await picture.arrayBuffer()));
