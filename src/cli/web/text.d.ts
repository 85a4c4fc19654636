/** Files that the build puts in as text; scripts/text-files.ts. */
declare module "*?text" {
  const text: string;
  export default text;
}
