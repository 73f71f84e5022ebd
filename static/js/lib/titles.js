// @ts-check
/** Text that an ellipsis cuts can be read in full by pointing at it. */
export function titleWhatIsCut() {
  document.addEventListener("pointerover", (event) => {
    const line = event.target instanceof Element && event.target.closest(".truncate");
    if (!(line instanceof HTMLElement) || line.closest("[title]:not(.truncate)")) return;
    const whole = line.scrollWidth > line.clientWidth ? line.innerText.trim() : "";
    if (line.title !== whole) line.title = whole;
  });
}
