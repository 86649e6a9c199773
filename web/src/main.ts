import "./styles.css";
import "virtual:theme.css";

/** The next frame is painted; or a little later, where nobody looks and no frame comes. */
const painted = new Promise<void>((resolve) => {
  requestAnimationFrame(() => setTimeout(resolve));
  setTimeout(resolve, 150);
});

// The page's own mark is seen before the console's code, which is already on its way, keeps a slow processor busy.
await painted;
await import("./start.tsx");
