/** One's own report: photos that are added go small, like those of the report itself, and what does not arrive stays here; this device may be told. */

import { patient } from "./ui/patient.js";
import { slim } from "./ui/shrink.js";

slim(document);
patient(document, document.getElementById("patience"));
if (document.getElementById("own-push")) import("./push.js");
