/**
 * Fields with what they hold and what they say: the dashboard's list of what builds send. The local
 * page of `sendoff show --web` has the same markup, and so the same look from base.css.
 */
export interface ShownField {
  name: string;
  /** A value, or what kind of value it is. */
  value: string;
  description: string;
}

export function FieldTable({ caption, fields }: { caption: string; fields: ShownField[] }) {
  return (
    <table class="field-table">
      <caption class="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Holds</th>
          <th scope="col">Meaning</th>
        </tr>
      </thead>
      <tbody>
        {fields.map(({ name, value, description }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{value}</td>
            <td class="muted">{description}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
