async function create(body, key) {
  for (let attempt = 0; ; attempt++) {
    try {
      return await fetch("{{ api_url }}/v1/diffusions", {
        method: "POST",
        headers: { Authorization: "Bearer {{ api_key }}", "Idempotency-Key": key },
        body: JSON.stringify(body),
      });
    } catch (error) {
      if (attempt === 3) throw error; // the connection was lost four times
    }
  }
}

const response = await create({ prompt: "a red fox in the snow", ref: "order-1042" }, "order-1042");
console.log((await response.json()).id);
