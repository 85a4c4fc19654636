export default function About() {
  return <p>Rendered as the site is built.</p>;
}
