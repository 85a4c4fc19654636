import { z } from "zod";

export const schema = { name: z.string() };

export const metadata = { name: "greet", description: "Greets somebody by name." };

export default function greet({ name }: { name: string }) {
  return `Hello, ${name}.`;
}
