import type { QueryAnswer } from "../api.ts";
import { csvLines } from "./csv.ts";
import { parquetOf } from "./parquet.ts";

export type ExportFormat = "csv" | "parquet";
export const exportFormats: readonly ExportFormat[] = ["csv", "parquet"];

const types = { csv: "text/csv; charset=utf-8", parquet: "application/vnd.apache.parquet" };

/** The table of an answer, as a file to keep. */
export async function fileOf(answer: QueryAnswer, format: ExportFormat): Promise<Response> {
  const name = `${answer.product}_${answer.from}_${answer.to}.${format}`;
  const headers = {
    "content-type": types[format],
    "content-disposition": `attachment; filename="${name}"`,
  };
  if (format === "parquet") {
    return new Response(await parquetOf(answer), { headers });
  }
  const lines = csvLines(answer);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const { value, done } = lines.next();
      if (done) {
        controller.close();
      } else {
        controller.enqueue(encoder.encode(value));
      }
    },
  });
  return new Response(body, { headers });
}
