// @ts-check
/** One tab of a browser does what must not be done twice, like talking; it ends with the tab, and another may take it over. */
export class Turn {
  /** @type {((nothing?: void) => void) | null} */
  #release = null;

  /**
   * @param {string} name
   * @param {() => void} lost another tab took it
   */
  constructor(name, lost) {
    this.name = name;
    this.lost = lost;
  }

  get held() {
    return this.#release !== null;
  }

  /**
   * @param {{steal?: boolean}} [options] steal it from another tab
   * @returns {Promise<boolean>} whether this tab has it now
   */
  take({ steal = false } = {}) {
    if (this.held) return Promise.resolve(true);
    if (!navigator.locks) {
      this.#keep(() => undefined); // without https: there is no microphone either, and whoever calls is told so
      return Promise.resolve(true);
    }
    return new Promise((answer) => {
      const hold = (/** @type {Lock | null} */ lock) => {
        answer(lock !== null);
        return lock && new Promise((/** @type {(nothing?: void) => void} */ release) => this.#keep(release));
      };
      navigator.locks.request(this.name, steal ? { steal } : { ifAvailable: true }, hold).catch(() => {
        this.#release = null;
        this.lost();
      });
    });
  }

  /** @param {(nothing?: void) => void} release */
  #keep(release) {
    this.#release = release;
  }

  give() {
    this.#release?.();
    this.#release = null;
  }
}
