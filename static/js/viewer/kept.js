// Zoom and place of scanned pages, remembered from item to item of one project in this tab.
const key = () => `viewer ${/^\/p\/([^/]+)/.exec(location.pathname)?.[1] ?? ""}`;

// What is remembered; null where each item begins fitted.
export function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(key()));
  } catch {
    return null;
  }
}

export const keep = (place) => sessionStorage.setItem(key(), JSON.stringify(place));

export const forget = () => sessionStorage.removeItem(key());
