import { useEffect, useState } from "preact/hooks";

const key = "sendoff-theme";
type Theme = "light" | "dark";

/** The system's theme, until somebody chooses another. */
export function ThemeSwitch() {
  const [theme, setTheme] = useState<Theme>(current);
  useEffect(() => {
    const system = matchMedia("(prefers-color-scheme: dark)");
    const follow = () => setTheme(current());
    system.addEventListener("change", follow);
    return () => system.removeEventListener("change", follow);
  }, []);

  function turn(): void {
    const next = theme === "dark" ? "light" : "dark";
    if (next === system()) localStorage.removeItem(key);
    else localStorage.setItem(key, next);
    applyTheme();
    setTheme(next);
  }

  return (
    <button
      type="button"
      class="icon-button"
      aria-label="Dark theme"
      aria-pressed={theme === "dark"}
      title={theme === "dark" ? "Light theme" : "Dark theme"}
      onClick={turn}
    >
      <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
        <circle cx="8" cy="8" r="5.25" fill="none" stroke="currentColor" stroke-width="1.5" />
        <path d="M8 2.75a5.25 5.25 0 0 1 0 10.5z" fill="currentColor" />
      </svg>
    </button>
  );
}

/** Before the first paint, so that nothing flashes. */
export function applyTheme(): void {
  const chosen = localStorage.getItem(key);
  if (chosen === null) delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}

function current(): Theme {
  return (localStorage.getItem(key) as Theme | null) ?? system();
}

function system(): Theme {
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}
