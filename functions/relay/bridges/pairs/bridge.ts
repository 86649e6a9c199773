import type { Call, Dialect, DialectName } from "../../dialects/dialect.ts";

/** One dialect said in another, for calls whose account speaks the other. */
export interface Bridge {
  readonly from: DialectName;
  readonly to: Dialect;
  /**
   * The call as the other language says it. Throws `request.unsupported`, naming the field, for what it cannot say; what is
   * harmless to leave out is named in the call's rules.
   */
  request(call: Call): Call;
  /** A translator of one answer, made per attempt. `call` is the original one. */
  response(call: Call): Translation;
}

export interface Translation {
  readonly contentType: string;
  /** Bytes of the upstream's answer, in order, split anywhere; gives whole translated events, or nothing yet. */
  push(chunk: Uint8Array): Uint8Array;
  /** The upstream ended cleanly: what remains. A whole (not streamed) answer is translated here. */
  end(): Uint8Array;
  /** An error body of the upstream in the client's language. */
  error(status: number, body: Buffer): Uint8Array;
  /** Why an answer that ended well at the upstream was told to the client as an error, if it was. */
  broke?(): string | undefined;
}
