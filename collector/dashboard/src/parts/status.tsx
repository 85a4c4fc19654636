import { useEffect, useState } from "preact/hooks";
import { connection, generation } from "../data/client.ts";
import { useStore } from "../data/store.ts";
import { formatTime } from "../format.ts";

const staleMs = 10 * 60 * 1000;

/** How old the numbers are, and what to do about it. */
export function Status({ asOf }: { asOf: string | undefined }) {
  const state = useStore(connection);
  const now = useMinute();
  const isStale = asOf !== undefined && now - Date.parse(asOf) > staleMs;
  const refresh = () => generation.set(generation.get() + 1);
  return (
    <div class="status">
      <p role="status" class={state === "gone" || isStale ? "notice" : "as-of"}>
        {state === "gone"
          ? `The collector does not answer.${asOf ? ` These numbers are from ${formatTime(asOf)}.` : ""} Trying again by itself; if it stays away, see whether it still runs.`
          : asOf &&
            (isStale ? `These numbers are from ${formatTime(asOf)}.` : `As of ${formatTime(asOf)}`)}
      </p>
      {(asOf || state === "gone") && (
        <button type="button" class="button quiet" onClick={refresh}>
          {state === "gone" ? "Try now" : "Refresh"}
        </button>
      )}
    </div>
  );
}

function useMinute(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
