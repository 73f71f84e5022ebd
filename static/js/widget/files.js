// @ts-check
/** Send a file into the chat; before the first words there is no chat to send it into. */
import { element, field } from "./dom.js";
import { words } from "./words.js";

/**
 * @param {import("./store.js").Store} store
 * @param {(body: string) => Promise<void>} say resolves when the server has the words
 */
export function attachFiles(store, say) {
  const input = field("chat-file");
  input.addEventListener("change", async () => {
    const file = input.files?.[0];
    input.value = "";
    if (!file) return;
    const error = element("chat-error");
    if (file.size > Number(element("chat").dataset.maxBytes)) {
      error.textContent = words("tooLarge");
      return;
    }
    if (!element("chat-who").hidden) {
      await say(file.name);
    }
    const form = new FormData();
    form.set("client_id", crypto.randomUUID());
    form.set("file", file, file.name);
    const answer = await fetch("/widget/files", {
      method: "POST",
      body: form,
      headers: { Accept: "application/json", Authorization: `Bearer ${store.token ?? ""}` },
    }).catch(() => null);
    const said = answer?.ok ? null : await answer?.json().catch(() => null);
    error.textContent = answer?.ok ? "" : (said?.error?.message ?? words("lost"));
  });
}
