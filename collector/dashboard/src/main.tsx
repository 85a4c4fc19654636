import { render } from "preact";
import { App } from "./app.tsx";
import { applyTheme } from "./parts/theme-switch.tsx";
import "./shared/tokens.css";
import "./shared/base.css";
import "./styles/frame.css";
import "./styles/parts.css";
import "./styles/charts.css";

applyTheme();
const root = document.getElementById("app");
if (root) render(<App />, root);
