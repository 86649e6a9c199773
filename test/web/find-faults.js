/* global document, window, getComputedStyle */
// Runs in the page: what a person would complain of in its tables, read from the boxes of the text.
// `least` is the smallest width of a name in pixels. Its value is a list of sentences.
globalThis.findFaults = (least) => {
  const faults = [];
  const wide = document.documentElement.scrollWidth;
  if (wide > window.innerWidth) faults.push(`the page is ${wide} px wide`);
  for (const table of document.querySelectorAll("table[aria-label]")) {
    const names = [...table.querySelectorAll("tbody td")].filter((td) => getComputedStyle(td).position === "sticky");
    if (names.length === 0) faults.push("no column has the names of the rows");
    for (const td of names) {
      const { width } = td.getBoundingClientRect();
      if (width < least) faults.push(`a name has ${Math.round(width)} px: ${td.textContent}`);
    }
    const frame = table.parentElement;
    if (table.offsetWidth > frame.clientWidth + 1)
      faults.push(`the table scrolls sideways: ${table.offsetWidth} px in ${frame.clientWidth}`);
    const heads = [...table.querySelectorAll("thead th")];
    heads.forEach((head, index) => {
      const next = heads[index + 1]?.getBoundingClientRect();
      const text = document.createRange();
      text.selectNodeContents(head);
      // A heading that is cut says all on hover; one that is not must end before the next begins.
      if (next && text.getBoundingClientRect().right > next.left + 1 && !head.getAttribute("title"))
        faults.push(`a heading runs into the next: ${head.textContent}`);
    });
    for (const element of table.querySelectorAll("td, td *")) {
      const isCut = element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX === "hidden";
      const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
      if (isCut && hasText && !element.closest("[title]")) faults.push(`cut without a tooltip: ${element.textContent}`);
    }
  }
  return faults;
};
