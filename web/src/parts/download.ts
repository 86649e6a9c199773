/** Hands a file to the browser's downloads. */
export function saveFile(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** A table for spreadsheets. */
export const saveCsv = (name: string, text: string) =>
  saveFile(name, new Blob([text], { type: "text/csv;charset=utf-8" }));
