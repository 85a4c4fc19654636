import { Agent } from "node:https";
import { HttpsProxyAgent } from "hpagent";
import { getProxyForUrl } from "proxy-from-env";

/**
 * The agent for an https endpoint on a machine that says how to get out: `HTTPS_PROXY`, `ALL_PROXY`
 * and `NO_PROXY`, in either case. Loaded only where one of them is set. Plain http goes to this
 * machine alone, and never through a proxy, where others could read it.
 *
 * @throws for a proxy of another kind than http and https, such as SOCKS.
 */
export function proxyAgent(url: URL, options: { keepAlive: boolean; maxSockets: number }): Agent {
  const proxy = getProxyForUrl(url.href);
  if (!proxy) return new Agent(options);
  if (!/^https?:/.test(proxy)) throw new Error("the proxy is neither http nor https");
  return new HttpsProxyAgent({ ...options, proxy });
}
