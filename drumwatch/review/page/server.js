// What the page asks of drumwatch. Nothing else is ever asked of anybody.

async function answered(asking) {
  let response;
  try { response = await asking; } catch { throw new Error("drumwatch does not answer: `drumwatch review` has ended. Start it again and open the address that it prints."); }
  if (response.ok) return response.json();
  const text = await response.text();
  let told = text;
  try { told = JSON.parse(text).error ?? text; } catch { /* it is a plain sentence */ }
  throw new Error(told || `drumwatch answered ${response.status}.`);
}

export const get = (path, query = {}) => answered(fetch(`/api/${path}?${new URLSearchParams(query)}`));

export const post = (path, body) => answered(fetch(`/api/${path}`, {
  method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
}));

export const audioOf = (row) => `/api/sounds/${row.id}/audio`;
