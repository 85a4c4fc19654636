/** The shape of a figure over time, and no more: the chart below it has the numbers. */
export function Sparkline({ values }: { values: readonly (number | null)[] }) {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return <svg class="sparkline" aria-hidden="true" viewBox="0 0 100 24" />;
  const most = Math.max(...known);
  const least = Math.min(...known);
  const points = values.flatMap((value, i) =>
    value === null
      ? []
      : `${((i / (values.length - 1)) * 100).toFixed(1)},${(22 - ((value - least) / (most - least || 1)) * 20).toFixed(1)}`,
  );
  return (
    <svg class="sparkline" aria-hidden="true" viewBox="0 0 100 24" preserveAspectRatio="none">
      <polyline points={points.join(" ")} />
    </svg>
  );
}
