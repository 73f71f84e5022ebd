// @ts-check
/** `<cc-files data-remove="Remove">` in a form with `input[type=file]`: shows what will go along, and takes pasted pictures. */
export class Files extends HTMLElement {
  connectedCallback() {
    this.form?.addEventListener("change", this);
    this.form?.addEventListener("paste", this);
    this.addEventListener("cc:clear", this);
  }

  get form() {
    return this.closest("form");
  }

  get input() {
    return /** @type {HTMLInputElement | undefined} */ (this.form?.querySelector("input[type=file]") ?? undefined);
  }

  /** @param {Event} event */
  handleEvent(event) {
    if (event instanceof ClipboardEvent) this.add(Array.from(event.clipboardData?.files ?? []));
    else if (event.type === "cc:clear") this.set([]);
    else if (event.target === this.input) this.show();
  }

  /** @param {File[]} files */
  add(files) {
    if (files.length) this.set([...Array.from(this.input?.files ?? []), ...files]);
  }

  /** @param {File[]} files */
  set(files) {
    if (!this.input) return;
    const list = new DataTransfer();
    for (const file of files) list.items.add(file);
    this.input.files = list.files;
    this.show();
  }

  show() {
    const files = Array.from(this.input?.files ?? []);
    this.replaceChildren(...files.map((file, index) => this.line(file, index)));
  }

  /**
   * @param {File} file
   * @param {number} index
   */
  line(file, index) {
    const line = document.createElement("span");
    line.className = "file";
    const name = document.createElement("span");
    name.className = "truncate";
    name.textContent = file.name;
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "button-link";
    remove.textContent = this.dataset.remove ?? "";
    remove.setAttribute("aria-label", `${this.dataset.remove}: ${file.name}`);
    remove.addEventListener("click", () =>
      this.set(Array.from(this.input?.files ?? []).filter((_file, place) => place !== index)),
    );
    line.append(name, remove);
    return line;
  }
}

customElements.define("cc-files", Files);
