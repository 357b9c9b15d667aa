/** One's own report: photos that are added go small, like those of the report itself; this device may be told. */

import { slim } from "./ui/shrink.js";

slim(document);
if (document.getElementById("own-push")) import("./push.js");
