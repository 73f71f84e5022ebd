// @ts-check
/** `<cc-theme>` around items with `data-theme-value`: light, dark or as the device; kept in a cookie for a year. */
export class Theme extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      const item = event.target instanceof Element && event.target.closest("[data-theme-value]");
      if (item instanceof HTMLElement) this.choose(item.dataset.themeValue ?? "auto");
    });
  }

  /** @param {string} theme */
  choose(theme) {
    document.documentElement.dataset.theme = theme;
    const secure = location.protocol === "https:" ? "; secure" : "";
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is asynchronous and not in every browser
    document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax${secure}`;
    for (const item of this.querySelectorAll("[data-theme-value]")) {
      const chosen = item instanceof HTMLElement && item.dataset.themeValue === theme;
      item.setAttribute("aria-checked", String(chosen));
    }
  }
}

customElements.define("cc-theme", Theme);
