/** The token for this collector: in this tab, or in this browser if its owner wants it remembered. */
const key = "sendoff-collector-token";

export function storedToken(): string | null {
  return sessionStorage.getItem(key) ?? localStorage.getItem(key);
}

export function storeToken(token: string, isRemembered: boolean): void {
  forgetToken();
  (isRemembered ? localStorage : sessionStorage).setItem(key, token);
}

function forgetToken(): void {
  sessionStorage.removeItem(key);
  localStorage.removeItem(key);
}
