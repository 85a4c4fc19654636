/** What an operator may set. */
export interface DuckDbSettings {
  /** The database file; its journal, `<file>.journal`, lies beside it. */
  file: string;
  /**
   * MiB that the engine may take for queries and loading, beside the ids in memory.
   * @default 1024
   */
  memoryLimit?: number;
  /**
   * Of the engine, for queries; without any it has one.
   * @default half of the cores, at least 2: the system divides two cores fairly between a query and
   * ingest
   */
  threads?: number;
  /**
   * MiB that are loaded before they are written to their place in the database file.
   * @default 64
   */
  walSize?: number;
  /**
   * MiB of rows that are answered and not loaded yet; more is answered as busy.
   * @default 256
   */
  journalSize?: number;
  /**
   * Days, 32 at least; daily aggregates stay.
   * @default 90
   */
  retentionDays?: number;
  /** Told what went wrong in the background; the store tries again by itself. */
  onError?: (error: Error) => void;
}
