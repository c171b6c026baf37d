// Asks the server, and sorts what it says: ok, later (try again), login, or refused (it will not). What
// fails in our own code may do so for ever: then "later" has the problem with it.
// An answer is only believed when it is JSON from our own address: a portal of a hotel is no server.
import { tell, user } from "./page.js";

const SESSION = document.getElementById("login-dialog").dataset.sessionUrl;
const PATIENCE_MS = 20_000;
const LATER = new Set([408, 425, 429]);
const wordless = document.getElementById("failure").dataset.refusedText;
let csrf = document.querySelector("[name=csrfmiddlewaretoken]")?.value;

export async function ask(url, { fields, headers = {} } = {}) {
  const first = await request(url, { fields, headers });
  // A login elsewhere has changed the token of the forms, or the person.
  if (first.status !== 403) return sorted(first);
  const now = await session();
  if (!now) return { kind: "later" };
  if (now.user !== user) return sorted({ status: 401 });
  return sorted(await request(url, { fields, headers }));
}

// Who is logged in now. Only the person of this page hands it their token: with another's, everything
// on it would be sent in the other's name.
export async function session() {
  const said = await request(SESSION);
  if (said.status !== 200) return null;
  if (said.data.user === user) stamp(document, said.data.csrf);
  return said.data;
}

// Forms that were made before a login get the token that is valid now.
export function stamp(part, token = csrf) {
  csrf = token;
  part.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((field) => { field.value = token; });
  const inherited = document.body.attributes["hx-headers:inherited"];
  if (inherited) inherited.value = JSON.stringify({ "X-CSRFToken": token });
}

export const token = () => csrf;

async function request(url, { fields, headers } = {}) {
  try {
    const response = await fetch(url, {
      method: fields ? "POST" : "GET",
      body: fields && new URLSearchParams(fields),
      headers: { Accept: "application/json", "X-Bench": "1", "X-User": user, "X-CSRFToken": csrf, ...headers },
      redirect: "error",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const after = Number(response.headers.get("Retry-After")) || 0;
    return { status: response.status, data: await body(response), after };
  } catch {
    return { status: 0 };
  }
}

async function body(response) {
  if (response.status === 204) return {};
  const json = response.headers.get("Content-Type")?.includes("json");
  return json ? response.json() : null;
}

function sorted({ status, data, after }) {
  const good = status >= 200 && status < 300 && data;
  if (!good && (status < 400 || status >= 500 || LATER.has(status))) {
    return { kind: "later", after, fault: status === 500 && data?.code ? data : null };
  }
  tell("reached", { ok: Boolean(good), known: status !== 401 });
  if (good) return { kind: "ok", data };
  if (status === 401) {
    tell("logged-out");
    return { kind: "login" };
  }
  // What is no problem document of ours, such as a proxy's page, says nothing that a person could read.
  return { kind: "refused", problem: data?.title ? data : { status, title: wordless.replace("{status}", status), detail: "" } };
}
