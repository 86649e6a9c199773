/** Of one that is elided: enough for what stands before and behind an image or a long text. */
const endBytes = 512 * 1024;
const overlapBytes = 3;

/**
 * An unfinished event that has grown large: its pieces, so that none is copied or searched twice. Elided, it keeps half a
 * megabyte of its head and as much of its last bytes, which for JSON with one long text in it is still the JSON of its figures.
 */
export class LargeEvent {
  #pieces: Buffer[] = [];
  /** Of the pieces at the front that are the head. */
  #headPieces = 0;
  #headBytes = 0;
  #heldBytes = 0;
  #size = 0;
  readonly #isElided: boolean;

  constructor(head: Buffer, isElided: boolean) {
    this.#isElided = isElided;
    this.push(head);
  }

  /** All of its bytes so far, those that were let go too. */
  get size(): number {
    return this.#size;
  }

  /** Its last bytes, in which the line end before the next piece may stand. */
  get overlap(): Buffer {
    const last = Buffer.concat(this.#pieces.slice(-overlapBytes).map((piece) => piece.subarray(-overlapBytes)));
    return last.subarray(Math.max(0, last.length - overlapBytes));
  }

  push(piece: Buffer): void {
    if (piece.length === 0) return;
    // A copy, so that no piece keeps the whole chunk alive of which it is a part.
    this.#pieces.push(Buffer.from(piece));
    this.#size += piece.length;
    this.#heldBytes += piece.length;
    if (this.#headBytes < endBytes) {
      this.#headPieces += 1;
      this.#headBytes += piece.length;
    }
    if (this.#isElided) this.#elide();
  }

  /** Every half megabyte, so that the list is seldom moved. */
  #elide(): void {
    if (this.#heldBytes - this.#headBytes < 2 * endBytes) return;
    let dropped = 0;
    for (;;) {
      const next = this.#pieces[this.#headPieces + dropped];
      if (!next || this.#heldBytes - this.#headBytes - next.length < endBytes) break;
      this.#heldBytes -= next.length;
      dropped += 1;
    }
    if (dropped > 0) this.#pieces.splice(this.#headPieces, dropped);
  }

  join(): Buffer {
    return Buffer.concat(this.#pieces, this.#heldBytes);
  }
}
