import type { InferSchema } from "xmcp";
import { z } from "zod";

export const schema = { name: z.string() };
export const metadata = { name: "greet", description: "Greets" };
export default function greet({ name }: InferSchema<typeof schema>) {
  return `Hello, ${name}`;
}
