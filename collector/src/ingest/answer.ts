/** An HTTP answer, whatever serves it. */
export interface IngestAnswer {
  status: number;
  /** Seconds. */
  retryAfter?: number;
  /** What is wrong, with the place; undefined where nothing is. */
  error?: string;
  /** Instead of an error: a JSON body. */
  body?: object;
}
