import { Getimg } from "@getimg/client";

const getimg = new Getimg({ apiKey: "{{ api_key }}", baseUrl: "{{ api_url }}" });
const { id } = await getimg.diffusions.create({ prompt: "a red fox in the snow", numImages: 2 });
const { outputs } = await getimg.diffusions.wait(id);
for (const { seed, url } of outputs) console.log(seed, url);
