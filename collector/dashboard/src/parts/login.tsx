import { useState } from "preact/hooks";
import { connection, generation } from "../data/client.ts";
import { storedToken, storeToken } from "../data/token.ts";

/** Asked where the collector wants a token. It stays in this browser, and in no address. */
export function Login() {
  const [wasTried] = useState(storedToken() !== null);
  const [isRemembered, setIsRemembered] = useState(false);

  function enter(event: SubmitEvent): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    storeToken(String(form.get("token")).trim(), isRemembered);
    connection.set("fine");
    generation.set(generation.get() + 1);
  }

  return (
    <main class="login">
      <form class="card" onSubmit={enter}>
        <h1>This dashboard needs a token</h1>
        <p class="muted">
          Whoever runs the collector has it: <code>sendoff-collector --help</code> says how to make
          one.
        </p>
        <label for="token">Token</label>
        <input
          id="token"
          name="token"
          class="input"
          type="password"
          autocomplete="current-password"
          required
          aria-invalid={wasTried}
          aria-describedby={wasTried ? "token-problem" : undefined}
        />
        {wasTried && (
          <p id="token-problem" class="problem" role="alert">
            The collector does not take this token. Check that it is whole, and meant for this
            collector.
          </p>
        )}
        <label class="check">
          <input
            type="checkbox"
            checked={isRemembered}
            onChange={(event) => setIsRemembered(event.currentTarget.checked)}
          />
          Remember it in this browser
        </label>
        <button type="submit" class="button primary">
          Open
        </button>
      </form>
    </main>
  );
}
