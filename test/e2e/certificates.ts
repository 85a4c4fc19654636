import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/**
 * Certificates for tests, made when they are needed: none is committed that would expire one day,
 * and no other tool has to be there. Node reads X.509 but does not write it, so the few fields are
 * put together here (RFC 5280, in DER).
 */
export interface Authority {
  /** What a client has to trust, as PEM. */
  certificate: string;
  /** For a TLS server. */
  issue(options?: IssueOptions): { cert: string; key: string };
}

interface IssueOptions {
  /** @default ["localhost"] */
  names?: readonly string[];
  /** Also good for this address. @default "127.0.0.1" */
  address?: string;
  /** Days from now; in the past: expired. @default 1 */
  days?: number;
}

export function createAuthority(): Authority {
  const pair = newPair();
  const issuer = { name: `sendoff tests ${randomBytes(4).toString("hex")}`, key: pair.privateKey };
  const isAuthority = extension("551d13", sequence(der(0x01, Buffer.from([0xff]))));
  return {
    certificate: certificate(issuer, issuer.name, pair.publicKey, 1, isAuthority),
    issue({ names = ["localhost"], address = "127.0.0.1", days = 1 } = {}) {
      const { privateKey, publicKey } = newPair();
      const alternatives = extension(
        "551d11",
        sequence(
          ...names.map((name) => der(0x82, Buffer.from(name))),
          der(0x87, Buffer.from(address.split(".").map(Number))),
        ),
      );
      const cert = certificate(issuer, names[0] as string, publicKey, days, alternatives);
      return { cert, key: privateKey.export({ type: "pkcs8", format: "pem" }) as string };
    },
  };
}

const newPair = () => generateKeyPairSync("ec", { namedCurve: "P-256" });

function certificate(
  issuer: { name: string; key: KeyObject },
  subject: string,
  publicKey: KeyObject,
  days: number,
  extensions: Buffer,
): string {
  const algorithm = sequence(objectId("2a8648ce3d040302")); // ecdsa-with-SHA256
  const day = 24 * 60 * 60 * 1000;
  const end = Date.now() + days * day;
  const content = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([0x40]), randomBytes(8)])),
    algorithm,
    nameOf(issuer.name),
    sequence(time(Math.min(end, Date.now()) - day), time(end)),
    nameOf(subject),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(extensions)),
  );
  const signature = sign("sha256", content, issuer.key);
  const whole = sequence(content, algorithm, der(0x03, Buffer.from([0]), signature));
  const lines = whole.toString("base64").match(/.{1,64}/g) as string[];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: Buffer[]) => der(0x30, ...parts);
const objectId = (hex: string) => der(0x06, Buffer.from(hex, "hex"));
const extension = (id: string, value: Buffer) => sequence(objectId(id), der(0x04, value));
const nameOf = (text: string) =>
  sequence(der(0x31, sequence(objectId("550403"), der(0x0c, Buffer.from(text)))));

/** As UTCTime: `YYMMDDhhmmssZ`. */
function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\D/g, "").slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}
