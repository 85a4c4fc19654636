const euros = new Intl.NumberFormat("en", { style: "currency", currency: "EUR" });

export function money(cents) {
  return euros.format(cents / 100);
}
