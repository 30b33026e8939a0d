const headers = { Authorization: "Bearer {{ api_key }}" };
const request = { prompt: "a red fox", numImages: 4 };

const asked = await fetch("{{ api_url }}/v1/diffusions/quote", { method: "POST", headers, body: JSON.stringify(request) });
const quote = await asked.json();

const body = JSON.stringify({ ...request, quoteId: quote.quoteId });
const response = await fetch("{{ api_url }}/v1/diffusions", { method: "POST", headers, body });
console.log(quote.credits, response.status);
