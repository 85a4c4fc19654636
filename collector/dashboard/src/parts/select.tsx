export interface SelectProps {
  label: string;
  value: string;
  choices: readonly { value: string; label: string }[];
  onChange: (value: string) => void;
  /** Something narrower than at first is chosen. */
  isSet?: boolean;
}

/** The browser's own list, so that keyboards, screen readers and phones have theirs. */
export function Select({ label, value, choices, onChange, isSet }: SelectProps) {
  return (
    <select
      class={`pill ${isSet ? "is-set" : ""}`}
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    >
      {choices.map((choice) => (
        <option key={choice.value} value={choice.value}>
          {choice.label}
        </option>
      ))}
    </select>
  );
}
