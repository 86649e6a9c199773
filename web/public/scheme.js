// Sets the colour scheme and language before the first paint. A file of its own, since the policy allows no inline script.
(function () {
  var scheme = null;
  var language = null;
  try {
    scheme = localStorage.getItem("relay-scheme");
    language = localStorage.getItem("relay-language");
  } catch (error) {
    console.debug("Preferences are not readable here.", error);
  }
  var isDark = scheme === "dark" || (scheme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  var root = document.documentElement;
  root.setAttribute("data-mantine-color-scheme", isDark ? "dark" : "light");
  root.lang = language || (/^zh/i.test(navigator.language) ? "zh-CN" : "en");
})();
