/** In the place of parquet.ts in a worker. */

/** Answered as 501. */
export class NoParquetError extends Error {
  override readonly name = "NoParquetError";
}

/** @throws NoParquetError always. */
export async function parquetOf(): Promise<never> {
  throw new NoParquetError("format=parquet can't be written by a worker: pass format=csv.");
}
