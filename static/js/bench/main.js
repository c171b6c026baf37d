// The bench at work. It stands last among the scripts of the page, so that all of them are told of
// the first item.
import { start } from "./bench.js";
import "./login.js";
import "./otherwise.js";
import { workbench } from "./page.js";
import "./problem.js";
import "./refused.js";
import "./status.js";
import "./tabs.js";
import "./tally.js";
import "./undo.js";
import "./watch.js";

start();
workbench.dataset.live = "";
