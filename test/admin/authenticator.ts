import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** How a device behaves; each field can lie. */
export interface Behaviour {
  readonly origin?: string;
  readonly host?: string;
  readonly isVerified?: boolean;
  readonly counter?: number;
}

/** A passkey device in software: ES256, no attestation (WebAuthn level 3, §§ 5 and 6). */
export interface Authenticator {
  readonly id: string;
  /** What `navigator.credentials.create` gives for options that the relay made. */
  create(challenge: string, behaviour?: Behaviour): object;
  /** What `navigator.credentials.get` gives. */
  get(challenge: string, behaviour?: Behaviour): object;
}

export function buildAuthenticator(origin = "https://relay.example"): Authenticator {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const rawId = randomBytes(20);
  const id = rawId.toString("base64url");
  const own = { id, rawId: id, type: "public-key", authenticatorAttachment: "platform", clientExtensionResults: {} };
  const client = (type: string, challenge: string, behaviour: Behaviour) =>
    Buffer.from(JSON.stringify({ type, challenge, origin: behaviour.origin ?? origin, crossOrigin: false }));
  const data = ({ host = new URL(origin).hostname, isVerified = true, counter = 0 }: Behaviour, rest: Buffer) => {
    const flags = 0x01 | (isVerified ? 0x04 : 0) | (rest.length > 0 ? 0x40 : 0);
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter);
    return Buffer.concat([createHash("sha256").update(host).digest(), Buffer.from([flags]), count, rest]);
  };
  return {
    id,
    create(challenge, behaviour = {}) {
      const key = cbor(
        new Map<number, number | Buffer>([
          [1, 2],
          [3, -7],
          [-1, 1],
          [-2, Buffer.from(x, "base64url")],
          [-3, Buffer.from(y, "base64url")],
        ]),
      );
      const credential = Buffer.concat([Buffer.alloc(16), Buffer.from([0, rawId.length]), rawId, key]);
      const authData = data(behaviour, credential);
      const attestation = cbor(
        new Map<string, unknown>([
          ["fmt", "none"],
          ["attStmt", new Map()],
          ["authData", authData],
        ]),
      );
      const response = {
        clientDataJSON: client("webauthn.create", challenge, behaviour).toString("base64url"),
        attestationObject: attestation.toString("base64url"),
        transports: ["internal"],
      };
      return { ...own, response };
    },
    get(challenge, behaviour = {}) {
      const clientData = client("webauthn.get", challenge, behaviour);
      const authData = data(behaviour, Buffer.alloc(0));
      const signed = Buffer.concat([authData, createHash("sha256").update(clientData).digest()]);
      const response = {
        clientDataJSON: clientData.toString("base64url"),
        authenticatorData: authData.toString("base64url"),
        signature: sign("sha256", signed, privateKey).toString("base64url"),
        userHandle: "b3BlcmF0b3I",
      };
      return { ...own, response };
    },
  };
}

/** As much of CBOR (RFC 8949) as a device needs. */
function cbor(value: unknown): Buffer {
  if (typeof value === "number") return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === "string") return Buffer.concat([head(3, value.length), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  const entries = [...(value as Map<unknown, unknown>)];
  return Buffer.concat([head(5, entries.length), ...entries.flat().map(cbor)]);
}

function head(major: number, size: number): Buffer {
  const top = major << 5;
  if (size < 24) return Buffer.from([top | size]);
  return size < 256 ? Buffer.from([top | 24, size]) : Buffer.from([top | 25, size >> 8, size & 255]);
}
