import { crc32 } from "node:zlib";

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};

/**
 * A message of `application/vnd.amazon.eventstream`: total and header lengths, their checksum, headers (all text here), the
 * payload, the checksum of it all. Source: docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html.
 */
export function encodeFrame(headers: Record<string, string>, payload: string): Buffer {
  const named = Object.entries(headers).map(([name, value]) => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(Buffer.byteLength(value));
    return Buffer.concat([
      Buffer.from([Buffer.byteLength(name)]),
      Buffer.from(name),
      Buffer.from([7]),
      length,
      Buffer.from(value),
    ]);
  });
  const head = Buffer.concat(named);
  const body = Buffer.from(payload);
  const lengths = Buffer.concat([u32(16 + head.length + body.length), u32(head.length)]);
  const message = Buffer.concat([lengths, u32(crc32(lengths)), head, body]);
  return Buffer.concat([message, u32(crc32(message))]);
}

/** One event of Anthropic's API, as Bedrock frames it. */
export function eventFrame(json: string): Buffer {
  const payload = JSON.stringify({ bytes: Buffer.from(json).toString("base64"), p: "abcdefghij" });
  return encodeFrame(
    { ":event-type": "chunk", ":content-type": "application/json", ":message-type": "event" },
    payload,
  );
}

export function exceptionFrame(name: string, message: string): Buffer {
  const headers = { ":exception-type": name, ":content-type": "application/json", ":message-type": "exception" };
  return encodeFrame(headers, JSON.stringify({ message }));
}
