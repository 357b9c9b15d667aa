/** One's own report: photos that are added go small, like those of the report itself. */

import { slim } from "./ui/shrink.js";

slim(document);
