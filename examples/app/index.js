import { createCart } from "./cart.js";
import { printReceipt } from "./receipt.js";

const cart = createCart();
cart.add("coffee", 2);
cart.add("croissant");
printReceipt(cart);
