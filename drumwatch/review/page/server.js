// What the page asks of drumwatch. Nothing else is ever asked of anybody.

async function answered(asking) {
  let response;
  try { response = await asking; } catch { throw new Error("drumwatch does not answer: `drumwatch review` has ended. Start it again and open the address that it prints."); }
  if (response.ok) return response.json();
  const text = await response.text();
  let told = { error: text };
  try { told = JSON.parse(text); } catch { /* it is a plain sentence */ }
  throw Object.assign(new Error((told.error ?? text) || `drumwatch answered ${response.status}.`), { unknown: told.unknown, near: told.near });
}

export const get = (path, query = {}) => answered(fetch(`/api/${path}?${new URLSearchParams(query)}`));

export const post = (path, body) => answered(fetch(`/api/${path}`, {
  method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
}));

export const audioOf = (row) => `/api/sounds/${row.id}/audio`;
