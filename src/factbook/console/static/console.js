// What a page does only with JavaScript: copying. Buttons are hidden until this runs, those that come into the page later as well.
(() => {
  "use strict";
  const say = (words) => { document.getElementById("said").textContent = words; };

  // Where the page may not write to the clipboard (no HTTPS, or forbidden), the text is selected, so that a key press copies it.
  const select = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    say("Selected. Press Ctrl+C or Cmd+C to copy.");
  };

  const copy = async (button) => {
    const element = document.getElementById(button.dataset.copies);
    if (element === null) return;
    try {
      await navigator.clipboard.writeText(element.textContent);
      say("Copied.");
    } catch {
      select(element);
    }
  };

  const show = () => {
    for (const button of document.querySelectorAll("button.copy[hidden]")) button.hidden = false;
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.copy");
    if (button !== null) copy(button);
  });
  new MutationObserver(show).observe(document.body, { childList: true, subtree: true });
  show();
})();
