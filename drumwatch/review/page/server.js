// The requests of the page to drumwatch; it sends no others.

async function answered(request) {
  let response;
  try { response = await request; } catch { throw new Error("drumwatch does not answer: `drumwatch review` has ended. Start it again and open the address that it prints."); }
  if (response.ok) return response.json();
  const text = await response.text();
  let body = { error: text };
  try { body = JSON.parse(text); } catch { /* a plain sentence */ }
  throw Object.assign(new Error((body.error ?? text) || `drumwatch answered ${response.status}.`), { unknown: body.unknown, near: body.near });
}

export const get = (path, query = {}) => answered(fetch(`/api/${path}?${new URLSearchParams(query)}`));

export const post = (path, body) => answered(fetch(`/api/${path}`, {
  method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
}));

export const audioOf = (row) => `/api/sounds/${row.id}/audio`;
