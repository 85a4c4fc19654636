import type { IncomingMessage, ServerResponse } from "node:http";
import type { ReceivedPayload } from "./received-payload.ts";

/** One request as it came in, complete; one that broke off on the way is not there. */
export interface ReceivedRequest {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  /** The raw text. */
  body: string;
  /** The body as JSON; empty where it is none. */
  payload: ReceivedPayload;
  receivedAt: Date;
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

/**
 * `accept`: 202. `hang`: takes the request and never answers. `refuse`: resets the connection as
 * soon as it is made, as if nothing were there; from a function, once the request is known.
 */
export type SteadyBehaviour = "accept" | "hang" | "refuse" | Answer;

/** The function is asked for each request; `requestIndex` counts from 0. */
export type Behaviour =
  | SteadyBehaviour
  | ((
      request: ReceivedRequest,
      requestIndex: number,
    ) => SteadyBehaviour | Promise<SteadyBehaviour>);

/** A function that throws is answered for with a 500 that carries the message. */
export async function decide(
  behaviour: Behaviour,
  request: ReceivedRequest,
  requestIndex: number,
): Promise<SteadyBehaviour> {
  if (typeof behaviour !== "function") return behaviour;
  try {
    return await behaviour(request, requestIndex);
  } catch (error) {
    return { status: 500, body: String(error) };
  }
}

export function act(steady: SteadyBehaviour, response: ServerResponse): void {
  if (steady === "hang") return;
  if (steady === "refuse") {
    response.socket?.resetAndDestroy();
    return;
  }
  const { status, headers = {}, body = "" } = steady === "accept" ? { status: 202 } : steady;
  response.writeHead(status, headers).end(body);
}
