/** What every page wants: local times, menus that close, dialogs and toasts. */

import "./time.js";
import "./menus.js";
import "./new-version.js";
import "./toasts.js";
import "./dialogs.js";
