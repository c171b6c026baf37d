// The bench at work. The first item is told to the other scripts of the page when all are there.
import { start } from "./bench.js";
import "./login.js";
import "./otherwise.js";
import "./problem.js";
import "./refused.js";
import "./status.js";
import "./tabs.js";
import "./tally.js";
import "./undo.js";
import "./watch.js";

document.addEventListener("DOMContentLoaded", start);
