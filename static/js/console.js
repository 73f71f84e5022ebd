// @ts-check
/** Entry of the agent console. */
import "./elements/cc-arrived.js";
import "./elements/cc-composer.js";
import "./elements/cc-console.js";
import "./elements/cc-files.js";
import "./elements/cc-hold.js";
import "./elements/cc-mail.js";
import "./elements/cc-thread.js";
import "./elements/cc-ticket-list.js";
import "./elements/cc-viewers.js";
