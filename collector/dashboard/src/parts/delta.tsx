import { formatShare } from "../format.ts";

export interface DeltaProps {
  now: number | null;
  before: number | null;
  /** Shares change by points, the rest by per cent. */
  isShare?: boolean;
  /** Which way is better; neither where it is left out. */
  better?: "more" | "less";
  /** Said where there is nothing to compare with. */
  missing?: string;
}

/** The change against the period before. */
export function Delta({ now, before, isShare, better, missing = "no earlier data" }: DeltaProps) {
  if (now === null || before === null || (!isShare && before === 0)) {
    return <span class="delta flat">{missing}</span>;
  }
  const change = isShare ? now - before : now / before - 1;
  const isFlat = Math.abs(change) < 0.001;
  const isBetter = change > 0 === (better === "more");
  const tone = isFlat || !better ? "flat" : isBetter ? "good" : "bad";
  const size = isShare
    ? `${(Math.abs(change) * 100).toFixed(1)} pts`
    : formatShare(Math.abs(change));
  return (
    <span class={`delta ${tone}`}>
      {isFlat ? (
        "unchanged"
      ) : (
        <>
          <span aria-hidden="true">{change > 0 ? "↑" : "↓"} </span>
          <span class="visually-hidden">{change > 0 ? "up " : "down "}</span>
          {size}
        </>
      )}
    </span>
  );
}
