import type { ComponentChildren } from "preact";

/**
 * The part of a plot that is pointed at. To the keyboard and to screen readers it is a slider over
 * the plot's places, which says the values at each.
 */
export interface CursorProps {
  label: string;
  count: number;
  at: number | null;
  /** What is said of a place. */
  textAt: (index: number) => string;
  /** The place below a point, in pixels from the left. */
  indexAt: (x: number) => number;
  onMove: (index: number | null) => void;
  children: ComponentChildren;
}

export function Cursor({ label, count, at, textAt, indexAt, onMove, children }: CursorProps) {
  const last = count - 1;
  const current = at ?? last;

  function point(event: PointerEvent): void {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    onMove(Math.max(0, Math.min(last, indexAt(event.clientX - box.left))));
  }

  function step(event: KeyboardEvent): void {
    const to = { ArrowLeft: current - 1, ArrowRight: current + 1, Home: 0, End: last }[event.key];
    if (event.key === "Escape") onMove(null);
    if (to === undefined) return;
    event.preventDefault();
    onMove(Math.max(0, Math.min(last, to)));
  }

  return (
    <div
      class="cursor"
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={last}
      aria-valuenow={current}
      aria-valuetext={textAt(current)}
      onPointerMove={point}
      onPointerDown={point}
      onPointerLeave={() => onMove(null)}
      onKeyDown={step}
      onBlur={() => onMove(null)}
    >
      {children}
    </div>
  );
}
