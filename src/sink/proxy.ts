import type { Agent } from "node:https";
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
  if (!proxy) {
    const { Agent } = process.getBuiltinModule("node:https");
    return new Agent(options);
  }
  if (!/^https?:/.test(proxy)) throw new Error("the proxy is neither http nor https");
  return new HttpsProxyAgent({ ...options, proxy: asSaid(proxy, process.env) });
}

/** Through whom a URL is asked for, without user name and password; undefined where directly. */
export function proxyHost(url: URL): string | undefined {
  const proxy = url.protocol === "https:" ? getProxyForUrl(url.href) : "";
  return URL.canParse(proxy) ? new URL(proxy).host : proxy || undefined;
}

/** `proxy.corp:8080` is spoken to in plain HTTP, as by curl; the library takes the URL's scheme. */
function asSaid(proxy: string, env: NodeJS.ProcessEnv): string {
  const isWhole = Object.values(env).some((value) => value === proxy);
  return isWhole ? proxy : proxy.replace(/^https:/, "http:");
}
