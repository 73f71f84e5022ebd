// @ts-check
/** `<cc-file-limit data-n="5" data-bytes="…" data-many="…" data-large="…">` around `input[type=file]`: says before anything
 *  is sent what would be refused, so that the words beside it are not lost with a request that nobody reads. */
class FileLimit extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", this);
  }

  handleEvent() {
    const input = this.querySelector("input");
    const files = Array.from(input?.files ?? []);
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    const many = files.length > Number(this.dataset.n) ? this.dataset.many : "";
    const large = bytes > Number(this.dataset.bytes) ? this.dataset.large : "";
    input?.setCustomValidity(many || large || "");
    input?.reportValidity();
  }
}

customElements.define("cc-file-limit", FileLimit);
