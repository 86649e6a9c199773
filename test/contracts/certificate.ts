import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** A certificate for localhost and 127.0.0.1 that is its own authority. */
export function makeCertificate(): Certificate {
  const directory = mkdtempSync(join(tmpdir(), "relay-certificate-"));
  try {
    const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")];
    const names = "subjectAltName=DNS:localhost,IP:127.0.0.1";
    const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    const flags = [...kind, "-subj", "/CN=localhost", "-addext", names, "-keyout", key, "-out", cert];
    execFileSync("openssl", ["req", ...flags], { stdio: "pipe" });
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
