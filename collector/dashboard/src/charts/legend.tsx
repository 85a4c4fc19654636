export interface LegendItem {
  name: string;
  tone: string;
  isDashed?: boolean;
  value: string;
}

/** What the lines are, and their values at the cursor: it takes the place of a tooltip. */
export function Legend({ place, items }: { place: string; items: readonly LegendItem[] }) {
  return (
    <div class="legend" aria-hidden="true">
      <span class="legend-place">{place}</span>
      {items.map(({ name, tone, isDashed, value }) => (
        <span key={name} class="legend-item">
          <span class={`swatch ${tone} ${isDashed ? "dashed" : ""}`} />
          {name} <b>{value}</b>
        </span>
      ))}
    </div>
  );
}
