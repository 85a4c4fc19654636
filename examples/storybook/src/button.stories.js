import { button } from "./button.js";

export default { title: "Button", render: button };

export const Short = { args: { label: "Go" } };

export const Long = { args: { label: "How long does it take?" } };
